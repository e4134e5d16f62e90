import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { submitPayoutsJob } from '../../jobs/submit-payouts.ts';
import { booksStatus } from '../../src/db/queries/status.ts';
import { runJob } from '../../src/runner/run-job.ts';
import { parsePeriod } from '../../src/domain/dates.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { askForLimit } from '../../src/services/approval/set-limit.ts';
import { writeExport } from '../../src/services/export/write-export.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { listPayoutRuns, payoutRunDetail } from '../../src/services/payout/list-runs.ts';
import { cancelPayouts } from '../../src/services/payout/settle-payouts.ts';
import { showPayout } from '../../src/services/payout/show-payout.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { whyNotPaid } from '../../src/services/payout/why-not-paid.ts';
import { generateStatements } from '../../src/services/statement/generate-statements.ts';
import { showStatement } from '../../src/services/statement/list-statements.ts';
import { openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { expectCleanDoctor } from '../support/doctor.ts';
import { csvRows } from '../support/csv-rows.ts';
import { earn, payoutOffences } from '../support/earnings.ts';

/** Payout runs above the limit want two checkers, each another person than the maker (SEMANTICS §7). */
let database: TestDatabase;
let books: Books;
let maker: OpenedContext;
let ben: OpenedContext;
let dora: OpenedContext;
beforeEach(async () => {
  database = await testDatabase();
  maker = await database.context();
  ben = await database.context({ actor: 'ben' });
  dora = await database.context({ actor: 'dora' });
  books = await openBooks(maker.db);
});
afterEach(async () => {
  expect(await payoutOffences(database.admin())).toEqual([]);
  await expectCleanDoctor(maker);
  await database.drop();
});

const limit = async (amount: string | null, currency = 'EUR') => {
  const { id } = await askForLimit(maker, { of: 'run', currency, amount, reason: 'as agreed' });
  await approveRequest(ben, { request: id });
};
/** A run of what acme and zenith earned, in minor units of EUR. */
const drafted = async (acme: number, zenith: number | null = null): Promise<number> => {
  await earn(maker.db, books, [
    { instance: 'acme-uk', amount: acme },
    ...(zenith === null ? [] : [{ instance: 'zenith-de', amount: zenith } as const]),
  ]);
  return (await generatePayouts(maker)).run!;
};
const shown = async (id: number) => (await listPayoutRuns(maker, { id, limit: 1, offset: 0 }))[0]!;
const refused = async (work: Promise<unknown>) =>
  await work.then(
    () => 'nothing',
    (error: { code: string }) => error.code,
  );

describe('a run over the limit', () => {
  it('is half approved by one checker, stays a draft and says so, and is ready by another', async () => {
    await limit('100');
    const run = await drafted(6000, 4001);
    expect((await shown(run)).checks).toEqual({ approvals: 0, wanted: 2, over: ['100.01 EUR > 100.00'] });
    const first = await approveRun(ben, { run, note: 'looked at all' });
    expect(first).toMatchObject({ checker: 'ben', checkers: ['ben'], checks: { approvals: 1, wanted: 2 } });
    expect(first.payouts.map(({ status }) => status)).toEqual(['pending', 'pending']);
    expect(await shown(run)).toMatchObject({ statuses: ['pending 2'], checkers: ['ben'], checks: { approvals: 1 } });
    const number = first.payouts[0]!.number;
    expect((await showPayout(maker, number)).story.map(({ status, by }) => `${status} ${by}`)).toEqual([
      'pending tester',
      'approved ben',
    ]);
    expect((await whyNotPaid(maker, 'acme')).open.map(({ text }) => text)).toEqual([
      'in a payout that is pending: its run has 1 of 2 checkers (100.01 EUR > 100.00)',
    ]);
    expect((await runJob(maker, submitPayoutsJob, '2026-11-21')).summary).toEqual({
      ...{ submitted: 0, cancelled: 0, waiting: 0, sent: {} },
      half_approved: [`run ${run} has 1 of 2 checkers (100.01 EUR > 100.00)`],
    });
    expect((await booksStatus(maker.db)).runsToApprove).toBe(1);
    await expect(submitPayouts(maker, { run })).rejects.toMatchObject({
      code: 'nothing_to_do',
      hint: `it has 1 of 2 checkers (100.01 EUR > 100.00): revshare payout approve ${run}`,
    });
    expect(await refused(submitPayouts(maker, { numbers: [number] }))).toBe('payout_status');
    expect(await refused(approveRun(maker, { run }))).toBe('four_eyes');
    expect(await refused(approveRun(ben, { run }))).toBe('four_eyes');

    const second = await approveRun(dora, { run, note: 'me too' });
    expect(second).toMatchObject({ checker: 'dora', checkers: ['ben', 'dora'], checks: { approvals: 2, wanted: 2 } });
    expect(second.payouts.map(({ status }) => status)).toEqual(['ready', 'ready']);
    expect(await shown(run)).toMatchObject({ checkers: ['ben', 'dora'], note: 'looked at all; me too' });
    expect(await refused(approveRun(await database.context({ actor: 'eve' }), { run }))).toBe('run_approved');
    expect((await submitPayouts(maker, { run })).submitted).toHaveLength(2);
    expect((await showPayout(maker, number)).story.map(({ status, by }) => `${status} ${by}`)).toEqual([
      'pending tester',
      'approved ben',
      'ready dora',
      'processing tester',
    ]);
  });

  it('names both on the statement of its partner and in exports, one line a payout', async () => {
    await limit('100');
    const inOctober = await database.context({ now: Date.UTC(2026, 9, 15) });
    await earn(maker.db, books, [{ instance: 'acme-uk', amount: 10_001, on: '2026-09-01', payableOn: '2026-10-01' }]);
    const run = (await generatePayouts(inOctober)).run!;
    await approveRun(ben, { run });
    await approveRun(dora, { run });
    await submitPayouts(inOctober, { run });
    const october = parsePeriod('2026-10', '2026-11-21');
    const { statements } = await generateStatements(maker, { period: october, partner: 'acme' });
    const { content } = await showStatement(maker, Number(statements[0]!.number.slice(2)));
    expect(content.payouts.map(({ status, made_by, approved_by }) => ({ status, made_by, approved_by }))).toEqual([
      { status: 'processing', made_by: 'tester', approved_by: 'ben, dora' },
    ]);
    const directory = mkdtempSync(join(tmpdir(), 'revshare-checkers-'));
    const path = join(directory, 'payouts.csv');
    await writeExport(maker, 'payout', { period: '2026', format: 'csv', asOf: null }, path, { version: '0.0.0-test' });
    expect(csvRows(readFileSync(path, 'utf8')).map((row) => row['approved_by'])).toEqual(['ben, dora']);
    rmSync(directory, { recursive: true, force: true });
  });

  it('is one that sends more than the limit in its currency, and no other', async () => {
    await limit('100');
    await limit('1', 'USD');
    const run = await drafted(6000, 4000);
    expect((await shown(run)).checks).toEqual({ approvals: 0, wanted: 1, over: [] });
    expect((await approveRun(ben, { run })).payouts.map(({ status }) => status)).toEqual(['ready', 'ready']);
    await earn(maker.db, books, [
      { instance: 'acme-uk', amount: 10_000 },
      { instance: 'acme-uk', amount: 101, currency: 'USD' },
      { instance: 'acme-uk', amount: 99_999, currency: 'JPY' },
    ]);
    const mixed = (await generatePayouts(maker)).run!;
    expect((await shown(mixed)).checks).toEqual({ approvals: 0, wanted: 2, over: ['1.01 USD > 1.00'] });
  });

  it('keeps the limit under which it was made when that is raised, and takes a lower one', async () => {
    await limit('100');
    const run = await drafted(10_001);
    await limit('500');
    await limit(null);
    expect((await approveRun(ben, { run })).checks).toEqual({ approvals: 1, wanted: 2, over: ['100.01 EUR > 100.00'] });
    await approveRun(dora, { run });

    const later = await drafted(10_001);
    expect((await shown(later)).checks).toEqual({ approvals: 0, wanted: 1, over: [] });
    await limit('99');
    const half = await approveRun(ben, { run: later });
    expect(half.checks).toEqual({ approvals: 1, wanted: 2, over: ['100.01 EUR > 99.00'] });
    await limit('10');
    expect((await approveRun(dora, { run: later })).payouts.map(({ status }) => status)).toEqual(['ready']);
    expect((await shown(later)).checks.over).toEqual(['100.01 EUR > 10.00']);
  });

  it('is not asked again once it is approved', async () => {
    const run = await drafted(10_001);
    expect((await approveRun(ben, { run })).checks).toEqual({ approvals: 1, wanted: 1, over: [] });
    await limit('1');
    expect((await shown(run)).checks).toEqual({ approvals: 1, wanted: 1, over: [] });
    expect(await refused(approveRun(dora, { run }))).toBe('run_approved');
    expect((await submitPayouts(maker, { run })).submitted).toHaveLength(1);
  });

  it('may lose payouts between the two, and wants the second all the same', async () => {
    await limit('100');
    const run = await drafted(6000, 5000);
    const { payouts } = await approveRun(ben, { run });
    await cancelPayouts(maker, { payouts: { numbers: [payouts[0]!.number] }, reason: 'wrong partner' });
    expect((await shown(run)).checks).toEqual({ approvals: 1, wanted: 2, over: ['110.00 EUR > 100.00'] });
    expect((await showPayout(maker, payouts[0]!.number)).story.map(({ status }) => status)).toEqual([
      'pending',
      'approved',
      'cancelled',
    ]);
    expect((await approveRun(dora, { run })).payouts.map(({ status, gross }) => `${status} ${gross}`)).toEqual([
      'ready 50.00',
    ]);
    // The second approval is none of what was out by then.
    expect((await showPayout(maker, payouts[0]!.number)).story.at(-1)).toMatchObject({ status: 'cancelled' });
    const all = await drafted(20_000);
    await approveRun(ben, { run: all });
    await cancelPayouts(ben, { payouts: { run: all }, reason: 'thought better of it' });
    expect(await refused(approveRun(dora, { run: all }))).toBe('nothing_to_approve');
  });

  it('is no last run to compare with while it is half approved', async () => {
    const first = await drafted(1000, 1000);
    await approveRun(ben, { run: first });
    await submitPayouts(maker, { run: first });
    await limit('100');
    const half = await drafted(20_000);
    await approveRun(ben, { run: half });
    await cancelPayouts(ben, { payouts: { run: half }, reason: 'thought better of it' });
    await earn(maker.db, books, [{ instance: 'acme-ie', amount: 500 }]);
    const { run } = await generatePayouts(maker);
    const { changes } = await payoutRunDetail(maker, run!, 500_000, { limit: 9, offset: 0 });
    expect(changes.filter(({ finding }) => finding === 'not_in_run').map(({ partner }) => partner)).toEqual(['zenith']);
  });
});

describe('checkers at once', () => {
  it('are two, of whom the later makes it ready; of one, only one', async () => {
    await limit('10');
    for (let round = 0; round < 5; round += 1) {
      const run = await drafted(2000);
      const done = await Promise.all([approveRun(ben, { run }), approveRun(dora, { run })]);
      expect(done.map(({ checks }) => checks.approvals).sort()).toEqual([1, 2]);
      expect(await shown(run)).toMatchObject({ statuses: ['ready 1'], checks: { approvals: 2 } });
      await submitPayouts(maker, { run });

      const next = await drafted(2000);
      const again = await database.context({ actor: 'ben' });
      const twice = await Promise.all([
        refused(approveRun(ben, { run: next })),
        refused(approveRun(again, { run: next })),
      ]);
      expect(twice.sort()).toEqual(['four_eyes', 'nothing']);
      expect(await shown(next)).toMatchObject({ statuses: ['pending 1'], checks: { approvals: 1 } });
      await approveRun(dora, { run: next });
    }
  });
});
