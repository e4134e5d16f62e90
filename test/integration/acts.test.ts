import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import type { Request } from '../../src/services/approval/list-requests.ts';
import { showAccount } from '../../src/services/account/list-accounts.ts';
import { askForReattribution } from '../../src/services/attribution/reattribute-account.ts';
import { listCommissions } from '../../src/services/commission/list-commissions.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { recordRevenue } from '../../src/services/revenue/record-revenue.ts';
import { askForSettlement } from '../../src/services/revenue/settle-orphans.ts';
import { askForVoid } from '../../src/services/revenue/void-revenue.ts';
import { askToSetRule, setRule } from '../../src/services/rule/set-rule.ts';
import { openBooks, recordBatch, insertSale, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';
import { endPlainRule, insertTerms } from '../support/rating-books.ts';

/** What operators do, decided beside what it is about: in one chunk, in two, in another night. */
let database: TestDatabase;
let maker: OpenedContext;
let checker: OpenedContext;
let books: Books;

beforeEach(async () => {
  database = await testDatabase();
  maker = await database.context();
  checker = await database.context({ actor: 'checker' });
  books = await openBooks(maker.db);
});
afterEach(async () => {
  await database.drop();
});

const approve = async ({ id }: Request) => await approveRequest(checker, { request: id });

/** Minor units per partner, and that doctor finds nothing. */
async function posted(): Promise<Record<string, number>> {
  const { checks } = await runDoctor(maker);
  expect(checks.filter(({ result }) => result === 'difference')).toEqual([]);
  const rows = await maker.db.sql<{ partner: string; sum: number }[]>`
    select p.code as partner, sum(n.amount_minor)::int as sum from entries n
    join ledger_accounts w on w.id = n.wallet_id join partners p on p.id = w.partner_id group by 1`;
  return Object.fromEntries(rows.map(({ partner, sum }) => [partner, sum]));
}

describe('a void of what nobody has decided yet', () => {
  test.each([1, 2, 3, 1000])('is decided after it, in chunks of %i', async (chunkEvents) => {
    await maker.db.transaction(async (tx) => {
      const instanceId = books.instance['acme-uk']!;
      const saleId = await insertSale(tx, {
        source: books.source,
        ref: 'S',
        instanceId,
        netMinor: 9000,
        date: '2026-10-02',
      });
      await recordBatch(tx, books.source, [
        { externalId: 'own', instanceId, netMinor: 3000, on: '2026-10-01' },
        { externalId: 'of-sale', instanceId, saleId, netMinor: 9000, on: '2026-10-02' },
        { externalId: 'unlinked', instanceId, kind: 'refund', netMinor: -500, on: '2026-10-03' },
        { externalId: 'kept', instanceId, netMinor: 1000, on: '2026-10-04' },
      ]);
    });
    await approve(await askForVoid(maker, { events: ['own', 'of-sale', 'unlinked'] }, 'typed twice'));
    await accrue(maker, '2026-11-21', chunkEvents);
    expect(await posted()).toEqual({ acme: 100 });
  });
});

// Today is in November: what is given back lies in the window of the event, and not of the day that took it back.
test.each([
  ['a cap', { kind: 'percentage', rate_ppm: 100_000, cap_window_minor: 1_000 }, [600, 400, 0], 600],
  [
    'brackets',
    { kind: 'tiered', bracket_from: '{0,15000}', bracket_ppm: '{100000,200000}', bracket_mode: 'marginal' },
    [600, 600, 900],
    900,
  ],
])('a void of an event that is its own sale gives back its room below %s', async (_what, terms, amounts, next) => {
  const event = (externalId: string) => ({
    ...{ externalId, netMinor: 6_000, on: '2026-10-05' },
    ...{ instanceId: books.instance['acme-uk']!, accountId: books.account['acme-uk/C1']! },
  });
  await maker.db.transaction(async (tx) => {
    await endPlainRule(tx, books);
    await insertTerms(tx, { says: { ...terms, window_kind: 'month', window_per: 'account', currency: 'EUR' } });
    await recordBatch(tx, books.source, [event('one'), event('two'), event('three')]);
  });
  await accrue(maker, '2026-10-31');
  const [one, two, three] = amounts as [number, number, number];
  expect(await posted()).toEqual({ acme: one + two + three });
  await approve(await askForVoid(maker, { events: ['one'] }, 'typed twice'));
  await accrue(maker, '2026-11-21');
  expect(await posted()).toEqual({ acme: two + three });
  await maker.db.transaction(async (tx) => await recordBatch(tx, books.source, [event('four')]));
  await accrue(maker, '2026-11-21');
  expect(await posted()).toEqual({ acme: two + three + next });
});

test('what went to others and is then voided is taken from them', async () => {
  await maker.db.transaction(async (tx) => {
    const [instanceId, accountId] = [books.instance['acme-uk']!, books.account['acme-uk/C1']!];
    const saleId = await insertSale(tx, {
      source: books.source,
      ref: 'S',
      instanceId,
      accountId,
      netMinor: 9000,
      date: '2026-10-02',
    });
    await recordBatch(tx, books.source, [
      { externalId: 'own', instanceId, accountId, netMinor: 3000, on: '2026-10-01' },
      { externalId: 'first-half', instanceId, accountId, saleId, netMinor: 4500, on: '2026-10-02' },
      { externalId: 'second-half', instanceId, accountId, saleId, netMinor: 4500, on: '2026-10-03' },
    ]);
  });
  await accrue(maker, '2026-10-31');
  const account = { instance: 'acme-uk', code: 'C1' };
  const to = [
    { partner: 'zenith', sharePpm: 600_000 },
    { partner: 'acme', sharePpm: 400_000 },
  ];
  await approve(await askForReattribution(maker, { account, to, from: '2026-10-01', reason: 'shared' }));
  await accrue(maker, '2026-11-21');
  expect(await posted()).toEqual({ acme: 480, zenith: 720 });
  expect(await showAccount(maker, account)).toMatchObject({
    attribution: [
      { partner: 'zenith', sharePpm: 600_000, valid: { from: '2026-10-01', to: null } },
      { partner: 'acme', sharePpm: 400_000, valid: { from: '2026-10-01', to: null } },
    ],
  });
  // Written in full an account is that one; in another instance than the one asked for there is none.
  const of = async (filter: { account: string; instance?: string }) =>
    (await listCommissions(maker, { ...filter, limit: 99, offset: 0 })).length;
  expect(await of({ account: 'acme-uk/C1' })).toBe(await of({ account: 'C1', instance: 'acme-uk' }));
  expect(await of({ account: 'acme-uk/C1' })).toBeGreaterThan(0);
  await expect(of({ account: 'acme-uk/C2' })).rejects.toMatchObject({ code: 'account_not_found' });
  await expect(of({ account: 'acme-uk/C1', instance: 'other' })).rejects.toMatchObject({ exitCode: 3 });
  await approve(await askForVoid(maker, { events: ['own', 'first-half'] }, 'typed twice'));
  await accrue(maker, '2026-11-21');
  expect(await posted()).toEqual({ acme: 180, zenith: 270 });
});

test('a settled orphan stays out of the sale that comes after all', async () => {
  const recorded = { instance: 'acme-uk', currency: 'EUR', sale_ref: 'S', sale_net: '100.00' };
  const back = { ...recorded, external_id: 'back', kind: 'refund', net: '-20.00', occurred_at: '2026-10-01' };
  await recordRevenue(maker, { fields: back });
  await accrue(maker, '2026-10-31');
  await approve(await askForSettlement(maker, ['back'], 'the invoice is lost'));
  await accrue(maker, '2026-11-21');
  expect(await posted()).toEqual({ acme: -200 });
  const paid = { ...recorded, external_id: 'paid', kind: 'payment', net: '100.00', occurred_at: '2026-11-02' };
  await recordRevenue(maker, { fields: paid });
  await accrue(maker, '2026-11-21');
  expect(await posted()).toEqual({ acme: 800 });
});

test('what went to others is decided by no rule, and may go on to others and be rated again', async () => {
  const account = { instance: 'acme-uk', code: 'C1' };
  const scope = { kind: 'programme' } as const;
  await maker.db.transaction(async (tx) => {
    const [instanceId, accountId] = [books.instance['acme-uk']!, books.account['acme-uk/C1']!];
    const saleId = await insertSale(tx, {
      source: books.source,
      ref: 'S',
      instanceId,
      accountId,
      netMinor: 9001,
      date: '2026-10-02',
    });
    await recordBatch(tx, books.source, [
      { externalId: 'own', instanceId, accountId, netMinor: 3000, on: '2026-10-01' },
      { externalId: 'of-sale', instanceId, accountId, saleId, netMinor: 9001, on: '2026-10-02' },
    ]);
  });
  await accrue(maker, '2026-10-31');
  const half = (partner: string) => ({ partner, sharePpm: 500_000 });
  await setRule(maker, { scope, percentage: '30%', from: '2027-01-01' });
  for (const to of [[half('acme'), half('zenith')], [{ partner: 'zenith', sharePpm: 1_000_000 }]]) {
    await approve(await askForReattribution(maker, { account, to, from: '2026-10-01', reason: 'theirs' }));
    await accrue(maker, '2026-11-21');
    await posted();
  }
  await approve(await askToSetRule(maker, { scope, percentage: '20%', from: '2026-10-01', reason: 'as agreed' }));
  await accrue(maker, '2026-11-21');
  expect(await posted()).toEqual({ acme: 0, zenith: 2400 });
  await approve(await askForVoid(maker, { events: ['own', 'of-sale'] }, 'typed twice'));
  await accrue(maker, '2026-11-21');
  expect(await posted()).toEqual({ acme: 0, zenith: 0 });
});
