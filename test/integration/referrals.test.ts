import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { ATTRIBUTION_MODELS, attributeTouches, countsOn } from '../../src/domain/referrals.ts';
import { addDays, daysBetween } from '../../src/domain/dates.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { sharesOfAccount } from '../../src/db/queries/account-slots.ts';
import { convertReferral } from '../../src/services/referral/convert-referral.ts';
import { referralFunnel } from '../../src/services/referral/funnel.ts';
import { expireReferrals, loseReferral } from '../../src/services/referral/move-referral.ts';
import { createReferralCode } from '../../src/services/referral/referral-codes.ts';
import { takeClicks } from '../../src/services/referral/take-clicks.ts';
import { trackReferral, type TrackedClick } from '../../src/services/referral/track-referral.ts';
import { setPartnerTerms } from '../../src/services/partner-terms/set-terms.ts';
import { listWallets } from '../../src/services/wallet/list-wallets.ts';
import { openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';

let database: TestDatabase;
let ctx: OpenedContext;
let books: Books;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  books = await openBooks(ctx.db);
  await createReferralCode(ctx, { code: 'ACME', partner: 'acme', signup: '25.00' });
  await createReferralCode(ctx, { code: 'ZEN', partner: 'zenith', campaign: 'spring' });
  await setPartnerTerms(ctx, 'zenith', { cookieDays: 5 });
});
afterAll(async () => await database.drop());

const click = async (code: string, at: string, more: Partial<TrackedClick> = {}) =>
  await trackReferral(ctx, { code, at, ...more });
let visitors = 0;
const visitor = () => `visitor-${(visitors += 1)}`;

describe('a click', () => {
  it('of a visitor touches the referral that is open, whoever’s code it is, and counts once a day', async () => {
    const who = { visitor: visitor() };
    const first = await click('ACME', '2026-11-01T10:00', who);
    expect(first).toMatchObject({ outcome: 'new', referral: { partner: 'acme', touches: 1 } });
    expect(await click('ZEN', '2026-11-02T10:00', who)).toMatchObject({ outcome: 'touch', referral: { touches: 2 } });
    expect(await click('ZEN', '2026-11-02T23:00', who)).toMatchObject({
      outcome: 'repeated',
      referral: { touches: 2 },
    });
    await loseReferral(ctx, { referral: first.referral.id, reason: 'gone' });
    expect(await click('ZEN', '2026-11-02T23:30', who)).toMatchObject({ outcome: 'repeated' });
    const again = await click('ZEN', '2026-11-03T10:00', who);
    expect(again.outcome).toBe('new');
    expect(again.referral.id).not.toBe(first.referral.id);
  });

  it('leaves nothing of a visitor but hashes', async () => {
    await click('ACME', '2026-11-01T10:00', { ip: '203.0.113.42', visitor: 'cookie-secret', userAgent: 'Moz' });
    const rows = await ctx.db.sql`select * from referrals r join referral_touches t on t.referral_id = r.id`;
    const audit = await ctx.db.sql`select after from audit_log`;
    expect(JSON.stringify([rows, audit])).not.toMatch(/203\.0\.113\.42|cookie-secret/);
    expect(JSON.stringify(rows)).toMatch(/[0-9a-f]{64}/);
  });

  it('is hashed as HMAC-SHA256 by a key of this programme', async () => {
    const [key] = await database.admin().sql<{ inner: Buffer }[]>`select inner_pad as inner from referral_key`;
    const secret = Buffer.from(key!.inner.map((byte) => byte ^ 0x36)).subarray(0, 32);
    const [made] = await ctx.db.sql<{ hash: string }[]>`select referral_hash('ip Łódź') as hash`;
    expect(made!.hash).toBe(createHmac('sha256', secret).update('ip Łódź').digest('hex'));
  });

  it('to come, or of a partner itself, is refused', async () => {
    await expect(click('ACME', '2026-11-21T13:00')).rejects.toMatchObject({ code: 'click_ahead' });
    await expect(click('ACME', '2026-11-01', { company: 'ACME' })).rejects.toMatchObject({ code: 'referral_refused' });
    await expect(click('ACMEE', '2026-11-01')).rejects.toMatchObject({ code: 'code_not_found' });
  });
});

describe('a conversion', () => {
  it('gives the customer to whose clicks count, and asks for the signup once', async () => {
    const who = { visitor: visitor() };
    await click('ZEN', '2026-11-10T10:00', who);
    await click('ZEN', '2026-11-18T10:00', who);
    const { referral } = await click('ACME', '2026-11-19T10:00', who);
    const account = { instance: 'acme-uk', code: 'C-1' };
    const made = await convertReferral(ctx, { referral: referral.id, account, create: true, model: 'linear' });
    // The click of the 10th is over: zenith's cookies last five days.
    expect(made).toMatchObject({ status: 'converted', account: 'C-1', shares: ['acme 50%', 'zenith 50%'] });
    expect(
      (await sharesOfAccount(ctx.db, 'acme-uk', 'C-1')).map(({ partner, sharePpm }) => [partner, sharePpm]),
    ).toEqual([
      ['acme', 500_000],
      ['zenith', 500_000],
    ]);
    const checker = await database.context({ actor: 'checker' });
    await approveRequest(checker, { request: made.request! });
    await accrue(ctx, '2026-11-21');
    const wallets = await listWallets(ctx, { instance: 'acme-uk' }, { limit: 9, offset: 0 });
    expect(wallets.map(({ partner, balance }) => [partner, balance])).toEqual([
      ['acme', '12.50'],
      ['zenith', '12.50'],
    ]);
    await expect(convertReferral(ctx, { referral: referral.id, account })).rejects.toMatchObject({
      code: 'referral_status',
    });
    const other = await click('ACME', '2026-11-20T10:00', { visitor: visitor() });
    await expect(convertReferral(ctx, { referral: other.referral.id, account })).rejects.toMatchObject({
      code: 'account_referred',
    });
  });

  it('leaves an account alone that is the agreement’s already, and one that is decided for others', async () => {
    const { referral } = await click('ACME', '2026-11-20T11:00', { visitor: visitor() });
    const account = { instance: 'acme-uk', code: 'C-2' };
    await convertReferral(ctx, { referral: referral.id, account, create: true });
    expect(await sharesOfAccount(ctx.db, 'acme-uk', 'C-2')).toEqual([]);
  });

  it('is refused where no click counts any more, which then expires', async () => {
    const { referral } = await click('ZEN', '2026-11-10T12:00', { visitor: visitor() });
    await expect(
      convertReferral(ctx, { referral: referral.id, account: { instance: 'acme-uk', code: 'C-3' }, create: true }),
    ).rejects.toMatchObject({ code: 'referral_unattributed' });
    const { expired } = await expireReferrals(ctx, { partner: 'zenith' });
    expect(expired.map(({ id }) => id)).toContain(referral.id);
    expect((await expireReferrals(ctx, { partner: 'zenith' })).expired).toEqual([]);
  });
});

it('counts how far referrals came', async () => {
  const rows = await referralFunnel(ctx, { by: 'partner' }, { from: null, to: null });
  expect(rows.map(({ key }) => key).sort()).toEqual(['acme', 'zenith']);
  for (const { referrals, open, converted, lost, expired } of rows)
    expect(open + converted + lost + expired).toBe(referrals);
  const [none] = await referralFunnel(ctx, { by: 'campaign' }, { from: '2027-01-01', to: null });
  expect(none).toBeUndefined();
});

it('is attributed by the database as by us', async () => {
  const touch = fc.record({
    partner: fc.constantFrom('acme', 'zenith', 'frosty'),
    ago: fc.integer({ min: 0, max: 40 }),
  });
  const day = '2026-11-21';
  const cookieDays: Readonly<Record<string, number>> = { acme: 30, zenith: 5, frosty: 30 };
  await createReferralCode(ctx, { code: 'FROST', partner: 'frosty' });
  const codes: Readonly<Record<string, string>> = { acme: 'ACME', zenith: 'ZEN', frosty: 'FROST' };
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(touch, { minLength: 1, maxLength: 8, selector: (t) => `${t.partner} ${t.ago}` }),
      async (clicks) => {
        const who = visitor();
        let id = 0;
        for (const { partner, ago } of clicks) {
          const hour = { acme: '01', zenith: '02', frosty: '03' }[partner];
          id = (await click(codes[partner]!, `${addDays(day, -ago)}T${hour}:00`, { visitor: who })).referral.id;
        }
        const order = [...clicks].sort(
          (a, b) => b.ago - a.ago || books.partner[a.partner]! - books.partner[b.partner]!,
        );
        const counted = order
          .filter(({ partner, ago }) => countsOn(daysBetween(addDays(day, -ago), day), cookieDays[partner]!))
          .map(({ partner }) => ({ partnerId: books.partner[partner]! }));
        for (const model of ATTRIBUTION_MODELS) {
          const found = await ctx.db.sql`
          select partner_id::int as "partnerId", touches, share_ppm as "sharePpm"
          from referral_attribution(${id}, ${model}, ${day}, (select max(known_seq) from known_changes)) order by 1`;
          expect([...found]).toEqual(attributeTouches(counted, model));
        }
      },
    ),
    { numRuns: 40 },
  );
});

it('takes a click log of any length under a few locks', async () => {
  const clicks = Array.from({ length: 3_000 }, (_, at) => ({
    ...{ codeId: 1, campaign: null, visitor: `many-${at}`, ip: null, userAgent: null, landingUrl: null },
    ...{ at: Date.UTC(2026, 10, 1), referrerUrl: null, email: null, name: null, company: null },
  }));
  const locks = await ctx.db.transaction(async (tx) => {
    const taken = await takeClicks(tx, ctx.zone, clicks);
    expect(taken.every(({ outcome }) => outcome === 'new')).toBe(true);
    const [row] = await tx.sql<{ locks: number }[]>`
      select count(*)::int as locks from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`;
    return row!.locks;
  });
  expect(locks).toBeLessThan(70);
});

it('gives nobody a customer who has left', async () => {
  await createReferralCode(ctx, { code: 'GONE', partner: 'zenith' });
  const { referral } = await click('GONE', '2026-11-20T10:00', { visitor: visitor() });
  await database.admin().sql.unsafe(`update partners set status = 'terminated' where code = 'zenith'`);
  const account = { instance: 'acme-uk', code: 'C-9' };
  await expect(convertReferral(ctx, { referral: referral.id, account, create: true })).rejects.toMatchObject({
    code: 'partner_gone',
  });
});
