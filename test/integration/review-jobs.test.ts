import { afterAll, beforeAll, expect, it } from 'vitest';
import { approveDueJob } from '../../jobs/approve-due.ts';
import { runPayoutsJob } from '../../jobs/run-payouts.ts';
import type { OpenedContext } from '../../src/app.ts';
import { currentMoment, knownAsOf, readOneMoment, type AsOf } from '../../src/db/queries/as-of.ts';
import { entryStates } from '../../src/db/queries/entry-status.ts';
import { runJob } from '../../src/runner/run-job.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { completePayouts, returnPayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { holdCommissions, releaseCommissions } from '../../src/services/review/hold-commissions.ts';
import { reviewCommissions } from '../../src/services/review/review-commissions.ts';
import { openBooks } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { earn, payoutOffences, setSetting } from '../support/earnings.ts';

let database: TestDatabase;
let ctx: OpenedContext;
let checker: OpenedContext;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  checker = await database.context({ actor: 'checker' });
});
afterAll(async () => await database.drop());

/** Statuses in the order of the events, as of a moment or now. */
async function statuses(asOf?: AsOf): Promise<string[]> {
  const known = asOf === undefined ? undefined : (alias: string) => knownAsOf(asOf, alias);
  const rows = await ctx.db.sql.unsafe(`select s.status from ${entryStates('true', known)} s order by s.event_id`);
  return rows.map((row) => row['status'] as string);
}
const moment = async (): Promise<AsOf> =>
  await ctx.db.transaction(async (tx) => {
    await readOneMoment(tx);
    return await currentMoment(tx);
  });

it('tells the status of every entry as of any moment, whatever happened since', async () => {
  const books = await openBooks(ctx.db);
  await setSetting(ctx.db, 'approval', 'after_hold');
  await setSetting(ctx.db, 'review_threshold', { EUR: 9000 });
  const [small, , large, late] = await earn(ctx.db, books, [
    { instance: 'acme-uk', amount: 6000, sale: 'A' },
    { instance: 'acme-uk', amount: -1000, sale: 'A' },
    { instance: 'acme-uk', amount: 9001 },
    { instance: 'acme-ie', amount: 500, payableOn: '2026-12-24' },
    { instance: 'zenith-de', amount: 700 },
  ]);
  const seen: [AsOf, string[]][] = [];
  const remember = async (expected: string[]) => {
    expect(await statuses()).toEqual(expected);
    seen.push([await moment(), expected]);
  };
  // The refund waits with what it takes back, and is approved with it.
  await remember(['pending', 'pending', 'pending', 'pending', 'pending']);

  const due = await runJob(ctx, approveDueJob, '2026-11-20');
  expect(due.summary).toMatchObject({ approved: 2, amounts: [{ currency: 'EUR', amount: '67.00' }] });
  expect((await runJob(ctx, approveDueJob, '2026-11-20')).summary).toMatchObject({ approved: 0, review: null });
  await remember(['approved', 'approved', 'pending', 'pending', 'approved']);

  await holdCommissions(ctx, { selection: { entries: [small!] }, reason: 'fraud_review', note: 'look' });
  // The refund shares the hold of what it takes back.
  await remember(['held', 'held', 'pending', 'pending', 'approved']);

  expect(await reviewCommissions(ctx, { verdict: 'approved', selection: { entries: [large!] } })).toMatchObject({
    entries: 1,
  });
  await releaseCommissions(ctx, { selection: { entries: [small!] }, reason: 'fraud_review' });
  await reviewCommissions(ctx, { verdict: 'cancelled', selection: { entries: [late!] }, reason: 'wrong customer' });
  await remember(['approved', 'approved', 'approved', 'cancelled', 'approved']);

  const drafted = await runJob(ctx, runPayoutsJob, '2026-11-21');
  expect(drafted.summary).toMatchObject({ payouts: 2, lines: 4, gross: [{ currency: 'EUR', amount: '147.01' }] });
  await remember(['processing', 'processing', 'processing', 'cancelled', 'processing']);

  const run = drafted.summary['run'] as number;
  await approveRun(checker, { run });
  const { submitted } = await submitPayouts(ctx, { run });
  await completePayouts(ctx, { payouts: { run } });
  await remember(['paid', 'recovered', 'paid', 'cancelled', 'paid']);

  await returnPayouts(ctx, { payouts: { numbers: [submitted[0]!] }, reason: 'came back' });
  await remember(['approved', 'approved', 'approved', 'cancelled', 'paid']);

  for (const [asOf, expected] of seen) {
    expect(await statuses(asOf)).toEqual(expected);
  }
  expect(await payoutOffences(database.admin())).toEqual([]);
});

it('approves night after night what has come to its date, and what came late for an earlier one', async () => {
  const other = await testDatabase();
  try {
    const own = await other.context();
    const books = await openBooks(own.db);
    await setSetting(own.db, 'approval', 'after_hold');
    const approved = async (date: string) => (await runJob(own, approveDueJob, date)).summary['approved'];
    await earn(own.db, books, [
      { instance: 'acme-uk', amount: 100, on: '2026-10-01' },
      { instance: 'acme-uk', amount: 200, on: '2026-10-02' },
      { instance: 'acme-uk', amount: 300, on: '2026-10-12' },
    ]);
    expect(await approved('2026-10-31')).toBe(1);
    expect(await approved('2026-10-31')).toBe(0);
    // Posted since, and due on a date that a run has been for.
    await earn(own.db, books, [{ instance: 'acme-ie', amount: 400, on: '2026-09-15' }]);
    expect(await approved('2026-11-01')).toBe(2);
    // A run for an earlier date takes nothing from the next one.
    expect(await approved('2026-10-20')).toBe(0);
    expect(await approved('2026-11-11')).toBe(1);
    const rows = await own.db.sql.unsafe(`select distinct s.status from ${entryStates('true')} s`);
    expect(rows.map(({ status }) => status as string)).toEqual(['approved']);
  } finally {
    await other.drop();
  }
});
