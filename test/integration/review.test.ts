import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { RevshareError } from '../../src/domain/errors.ts';
import type { CommissionFilter } from '../../src/services/commission/commission-filter.ts';
import { listCommissions, showCommission } from '../../src/services/commission/list-commissions.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { activatePartner, freezePartner } from '../../src/services/partner/change-partner-status.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { completePayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { recordRevenue } from '../../src/services/revenue/record-revenue.ts';
import { holdCommissions, releaseCommissions } from '../../src/services/review/hold-commissions.ts';
import { reviewCommissions } from '../../src/services/review/review-commissions.ts';
import { setSetting } from '../../src/services/settings/set-setting.ts';
import { listWallets } from '../../src/services/wallet/list-wallets.ts';
import { openBooks, type Books } from '../books.ts';
import { emptyDirectory } from '../cli/terminal.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';
import { earn, payoutOffences } from '../support/earnings.ts';

/** Now is 21 November 2026 unless a test says otherwise. A database of its own for each test. */
let database: TestDatabase;
let ctx: OpenedContext;
let books: Books;

beforeEach(async () => {
  database = await testDatabase();
  ctx = await database.context();
  books = await openBooks(ctx.db);
});
afterEach(async () => {
  expect(await payoutOffences(database.admin())).toEqual([]);
  await database.drop();
});

const failure = async (work: Promise<unknown>): Promise<RevshareError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof RevshareError) return error;
    throw error;
  }
  throw new Error('it was not refused');
};
const statuses = async () =>
  Object.fromEntries(
    (await listCommissions(ctx, { limit: 99, offset: 0 })).map(({ entry, status }) => [entry, status]),
  );
const statusOf = async (entry: string) => (await showCommission(ctx, entry)).status;
const byReview = async () => await setSetting(ctx, { key: 'approval', value: 'review', from: '2026-01-01' });
const paid = async (cutoff: string) =>
  (await generatePayouts(ctx, { cutoff })).payouts.map(({ partner, gross }) => `${partner} ${gross}`);

describe('when it may be paid (SEMANTICS §5, golden)', () => {
  it('hold 30, event 1 Oct 23:30 programme time: payable 31 Oct; cut-off 31 Oct pays it, 30 Oct does not', async () => {
    await recordRevenue(ctx, {
      fields: {
        ...{ instance: 'acme-uk', kind: 'payment', net: '100', currency: 'EUR', external_id: 'late' },
        occurred_at: '2026-10-01T23:30',
      },
    });
    await accrue(ctx, '2026-10-31');
    const [entry] = await listCommissions(ctx, { limit: 9, offset: 0 });
    expect(entry).toMatchObject({ amount: '10.00', date: '2026-10-01', payableOn: '2026-10-31', status: 'approved' });
    expect(await paid('2026-10-30')).toEqual([]);
    expect(await paid('2026-10-31')).toEqual(['acme 10.00']);
  });

  it('A +100 payable now, B +100 payable next month and refunded today: pays 100.00 now, 0 next month', async () => {
    await earn(ctx.db, books, [
      { instance: 'acme-uk', amount: 10_000, on: '2026-10-10', payableOn: '2026-11-09', sale: 'A' },
      { instance: 'acme-uk', amount: 10_000, on: '2026-11-10', payableOn: '2026-12-10', sale: 'B' },
      { instance: 'acme-uk', amount: -10_000, on: '2026-11-20', sale: 'B' },
    ]);
    expect(await listWallets(ctx)).toMatchObject([{ balance: '100.00', payable: '100.00', approved: '0.00' }]);
    expect(await paid('2026-11-21')).toEqual(['acme 100.00']);
    ctx = await database.context({ now: Date.UTC(2026, 11, 21) });
    expect(await paid('2026-12-21')).toEqual([]);
  });
});

describe('named entries', () => {
  it('are all reviewed or none is; each that cannot be is told, with its line', async () => {
    await byReview();
    const [first, second, third] = await earn(ctx.db, books, [
      { instance: 'acme-uk', amount: 1000 },
      { instance: 'acme-uk', amount: 2000 },
      { instance: 'zenith-de', amount: 4000, currency: 'USD' },
    ]);
    await reviewCommissions(ctx, { verdict: 'rejected', reason: 'fraud', selection: { entries: [first!] } });
    const path = join(emptyDirectory(), 'ids.txt');
    writeFileSync(path, `nonsense\n987654.0\n${first}\n\n${second}\n${third}\n`);
    const file = { path, label: 'ids.txt' };

    expect(await failure(reviewCommissions(ctx, { verdict: 'approved', selection: { file } }))).toMatchObject({
      code: 'entry_number',
      exitCode: 2,
      details: { entries: [{ place: { file: 'ids.txt', line: 1 } }, { place: { line: 2 }, code: 'entry_not_found' }] },
    });
    const named = { entries: [first!, second!, third!] };
    expect(await failure(reviewCommissions(ctx, { verdict: 'approved', selection: named }))).toMatchObject({
      code: 'not_reviewable',
      exitCode: 3,
      message: `entry ${first} is rejected and cannot be approved`,
    });
    expect(await statuses()).toEqual({ [first!]: 'rejected', [second!]: 'pending', [third!]: 'pending' });

    const done = await reviewCommissions(ctx, { verdict: 'approved', selection: { file }, partial: true });
    expect(done).toMatchObject({
      entries: 2,
      amounts: [
        { currency: 'EUR', entries: 1, amount: '20.00' },
        { currency: 'USD', entries: 1, amount: '40.00' },
      ],
      partners: [
        { partner: 'acme', currency: 'EUR', entries: 1, amount: '20.00' },
        { partner: 'zenith', currency: 'USD', entries: 1, amount: '40.00' },
      ],
    });
    expect(done.refused.map(({ place, code }) => `${place?.file}:${place?.line} ${code}`)).toEqual([
      'ids.txt:1 entry_number',
      'ids.txt:2 entry_not_found',
      'ids.txt:3 not_reviewable',
    ]);
    // Nothing is left to do, so there is nothing partial about it.
    expect(
      await failure(reviewCommissions(ctx, { verdict: 'approved', selection: named, partial: true })),
    ).toMatchObject({
      code: 'not_reviewable',
      details: { entries: [{ entry: first }, { entry: second }, { entry: third }] },
    });
  });

  it('may be named twice, by their event and by themselves', async () => {
    await byReview();
    const [entry] = await earn(ctx.db, books, [{ instance: 'acme-uk', amount: 1000 }]);
    const event = entry!.split('.')[0]!;
    const selection = { entries: [event, entry!, entry!] };
    expect(await reviewCommissions(ctx, { verdict: 'approved', selection })).toMatchObject({ entries: 1 });
  });

  it('are not approved twice, and not taken back once a payout has them', async () => {
    const [first] = await earn(ctx.db, books, [{ instance: 'acme-uk', amount: 1000 }]);
    const checker = await database.context({ actor: 'checker' });
    const refusedAs = async (entry: string, verdict: 'approved' | 'rejected') =>
      (await failure(reviewCommissions(ctx, { verdict, reason: 'x', selection: { entries: [entry] } }))).message;
    expect(await refusedAs(first!, 'approved')).toBe(`entry ${first} is approved and cannot be approved`);
    const { run } = await generatePayouts(ctx);
    await approveRun(checker, { run: run! });
    expect(await refusedAs(first!, 'rejected')).toBe(`entry ${first} is processing and cannot be rejected`);
    await submitPayouts(ctx, { run: run! });
    await completePayouts(ctx, { payouts: { run: run! } });
    expect(await refusedAs(first!, 'rejected')).toBe(`entry ${first} is paid and cannot be rejected`);
    const held = holdCommissions(ctx, { reason: 'dispute', selection: { entries: [first!] } });
    expect((await failure(held)).message).toBe(`entry ${first} is paid and cannot be held`);
  });

  it('approved by two at once are approved once', async () => {
    await byReview();
    const [entry] = await earn(ctx.db, books, [{ instance: 'acme-uk', amount: 1000 }]);
    const rivals = await Promise.all(['one', 'two', 'three'].map(async (actor) => await database.context({ actor })));
    const ends = await Promise.allSettled(
      rivals.map(
        async (rival) => await reviewCommissions(rival, { verdict: 'approved', selection: { entries: [entry!] } }),
      ),
    );
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a filter', () => {
  it('means those that can be done, by every part of it', async () => {
    await byReview();
    const [small, large, dollars, other] = await earn(ctx.db, books, [
      { instance: 'acme-uk', amount: 1000 },
      { instance: 'acme-ie', amount: 5000, on: '2026-11-01', payableOn: '2026-12-01' },
      { instance: 'acme-uk', amount: 5000, currency: 'USD' },
      { instance: 'zenith-de', amount: 5000 },
    ]);
    const approve = async (filter: CommissionFilter) =>
      (await reviewCommissions(ctx, { verdict: 'approved', selection: { filter } })).entries;
    expect(await approve({ partner: 'acme', currency: 'EUR', minAmount: '10.01', to: '2026-11-01' })).toBe(0);
    expect(await approve({ partner: 'acme', currency: 'EUR', minAmount: '10.01' })).toBe(1);
    expect(await approve({ instance: 'acme-uk', status: 'pending', kind: 'earning', currency: 'EUR' })).toBe(1);
    expect(await statuses()).toEqual({
      [small!]: 'approved',
      [large!]: 'approved',
      [dollars!]: 'pending',
      [other!]: 'pending',
    });
    expect(await reviewCommissions(ctx, { verdict: 'approved', selection: { everything: true } })).toMatchObject({
      entries: 2,
    });
  });

  it.each([
    ['partner_not_found', { partner: 'acne' }],
    ['instance_not_found', { instance: 'acme-ukk' }],
    ['product_not_found', { product: 'god' }],
    ['currency_missing', { minAmount: '5' }],
    ['amount_decimals', { minAmount: '5.001', currency: 'EUR' }],
    ['filter_empty', {}],
  ])('that says what is not: %s', async (code, filter) => {
    for (const work of [
      async () => await reviewCommissions(ctx, { verdict: 'rejected', reason: 'x', selection: { filter } }),
      async () => await holdCommissions(ctx, { reason: 'dispute', selection: { filter } }),
      async () => await releaseCommissions(ctx, { selection: { filter } }),
    ]) {
      expect((await failure(work())).code).toBe(code);
    }
  });
});

describe('holds', () => {
  it('stack, one for each reason, and each is released by itself', async () => {
    const [entry] = await earn(ctx.db, books, [{ instance: 'acme-uk', amount: 1000 }]);
    const selection = { entries: [entry!] };
    await holdCommissions(ctx, { selection, reason: 'dispute' });
    await holdCommissions(ctx, { selection, reason: 'fraud_review', note: 'two cards' });
    expect((await failure(holdCommissions(ctx, { selection, reason: 'dispute' }))).message).toBe(
      `entry ${entry} is held for dispute already`,
    );
    expect(await releaseCommissions(ctx, { selection, reason: 'dispute' })).toMatchObject({ holds: 1, stillHeld: 1 });
    expect((await failure(releaseCommissions(ctx, { selection, reason: 'dispute' }))).message).toBe(
      `entry ${entry} is held for fraud_review, not for dispute`,
    );
    expect(await statusOf(entry!)).toBe('held');
    expect(await paid('2026-11-21')).toEqual([]);
    expect(await releaseCommissions(ctx, { selection })).toMatchObject({ holds: 1, stillHeld: 0 });
    expect(await statusOf(entry!)).toBe('approved');
    await holdCommissions(ctx, { selection, reason: 'dispute' });
    expect(await statusOf(entry!)).toBe('held');
  });

  it('are lifted by no approval', async () => {
    await byReview();
    const [entry] = await earn(ctx.db, books, [{ instance: 'acme-uk', amount: 1000 }]);
    const selection = { entries: [entry!] };
    await holdCommissions(ctx, { selection, reason: 'missing_details' });
    await reviewCommissions(ctx, { verdict: 'approved', selection });
    expect(await statusOf(entry!)).toBe('held');
    expect(await paid('2026-11-21')).toEqual([]);
    await releaseCommissions(ctx, { selection });
    expect(await paid('2026-11-21')).toEqual(['acme 10.00']);
  });

  it('of a frozen partner are lifted with it and never beside', async () => {
    const [entry] = await earn(ctx.db, books, [{ instance: 'acme-uk', amount: 1000 }]);
    const selection = { entries: [entry!] };
    await freezePartner(ctx, 'acme', 'address unconfirmed');
    const [late] = await earn(ctx.db, books, [{ instance: 'acme-uk', amount: 500 }]);
    expect([await statusOf(entry!), await statusOf(late!)]).toEqual(['held', 'held']);
    expect(await failure(releaseCommissions(ctx, { selection }))).toMatchObject({
      message: `entry ${entry} has no hold of its own`,
      hint: expect.stringContaining('partner or instance'),
    });
    await holdCommissions(ctx, { selection, reason: 'dispute' });
    expect(await releaseCommissions(ctx, { selection })).toMatchObject({ holds: 1, stillHeld: 1 });
    expect(await paid('2026-11-21')).toEqual([]);
    await activatePartner(ctx, 'acme');
    expect([await statusOf(entry!), await statusOf(late!)]).toEqual(['approved', 'approved']);
    expect(await paid('2026-11-21')).toEqual(['acme 15.00']);
  });

  it('are of positives; a refund shares those of what it takes back', async () => {
    const [sale, refund] = await earn(ctx.db, books, [
      { instance: 'acme-uk', amount: 5000, sale: 'A' },
      { instance: 'acme-uk', amount: -2000, sale: 'A' },
    ]);
    expect(await failure(holdCommissions(ctx, { reason: 'dispute', selection: { entries: [refund!] } }))).toMatchObject(
      { message: `entry ${refund} is a negative` },
    );
    expect(await holdCommissions(ctx, { reason: 'dispute', selection: { filter: { partner: 'acme' } } })).toMatchObject(
      {
        entries: 1,
        amounts: [{ amount: '50.00' }],
      },
    );
    expect(await statuses()).toEqual({ [sale!]: 'held', [refund!]: 'held' });
  });
});

describe('what was, as of a moment', () => {
  it('lists and shows the status an entry had', async () => {
    await byReview();
    const [first] = await earn(ctx.db, books, [{ instance: 'acme-uk', amount: 1000 }]);
    const instant = async () => {
      const [row] = await ctx.db.sql<{ at: string }[]>`
        select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, pg_sleep(0.01)`;
      return row!.at;
    };
    const pending = await instant();
    await reviewCommissions(ctx, { verdict: 'approved', selection: { entries: [first!] } });
    await ctx.db.sql`select pg_sleep(0.01)`;
    const approved = await instant();
    const [second] = await earn(ctx.db, books, [{ instance: 'acme-uk', amount: 500 }]);
    await reviewCommissions(ctx, { verdict: 'rejected', reason: 'x', selection: { entries: [first!] } });

    const at = async (asOf?: string, status?: string) =>
      (await listCommissions(ctx, { asOf, status, limit: 9, offset: 0 })).map((row) => `${row.entry} ${row.status}`);
    expect(await at(pending)).toEqual([`${first} pending`]);
    expect(await at(approved)).toEqual([`${first} approved`]);
    expect(await at()).toEqual([`${first} rejected`, `${second} pending`]);
    expect(await at(pending, 'pending')).toEqual([`${first} pending`]);
    expect(await at(pending, 'rejected')).toEqual([]);
    expect((await showCommission(ctx, first!, approved)).status).toBe('approved');
    expect((await failure(showCommission(ctx, second!, approved))).code).toBe('entry_not_found');
    expect((await failure(showCommission(ctx, first!, '2999-01-01'))).code).toBe('as_of_future');
  });
});

it('leaves books that doctor finds nothing in, and tells on a dry run what it would do', async () => {
  await byReview();
  const [first, second] = await earn(ctx.db, books, [
    { instance: 'acme-uk', amount: 1000 },
    { instance: 'acme-uk', amount: 2000 },
  ]);
  const request = { verdict: 'rejected', reason: 'x', selection: { entries: [first!] } } as const;
  const dry = await database.context({ dryRun: true });
  expect(await reviewCommissions(dry, request)).toMatchObject({ entries: 1 });
  expect(await statuses()).toEqual({ [first!]: 'pending', [second!]: 'pending' });
  const planned = await database.context({ plan: dry.report.plan! });
  const otherwise = reviewCommissions(planned, { ...request, selection: { entries: [second!] } });
  expect((await failure(otherwise)).code).toBe('plan_changed');
  await reviewCommissions(planned, request);
  await holdCommissions(ctx, { reason: 'dispute', selection: { entries: [second!] } });
  expect(await statuses()).toEqual({ [first!]: 'rejected', [second!]: 'held' });
  const { checks } = await runDoctor(ctx, { only: ['ledger', 'payouts'] });
  expect(checks.filter(({ result }) => result === 'difference')).toEqual([]);
});
