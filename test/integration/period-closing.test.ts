import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { currentMoment } from '../../src/db/queries/as-of.ts';
import { closePeriod } from '../../src/runner/close-period.ts';
import { runJob } from '../../src/runner/run-job.ts';
import { windowClosing } from '../../src/runner/window-closing.ts';
import type { Context } from '../../src/services/context.ts';
import { listJobRuns } from '../../src/services/job/list-runs.ts';
import { hashBooks } from '../../src/services/ledger/hash-books.ts';
import { freezePeriod, softClosePeriod } from '../../src/services/period/change-period.ts';
import { examineClosing } from '../../src/services/period/closing-checklist.ts';
import type { ChecklistStep } from '../../src/services/period/closing-step.ts';
import { parseMonth, showPeriod } from '../../src/services/period/list-periods.ts';
import { generateStatements } from '../../src/services/statement/generate-statements.ts';
import { listStatements } from '../../src/services/statement/list-statements.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';
import { openClosingBooks, pay } from '../support/closing-books.ts';
import { expectCleanDoctor } from '../support/doctor.ts';

/** What a closing does itself (issue "What accountants take away"): September, in which everything is left to do. */
const month = '2026-09';
const page = { limit: 99, offset: 0 };

let database: TestDatabase;
let ctx: OpenedContext;
beforeEach(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await openClosingBooks(ctx);
});
afterEach(async () => await database.drop());

const period = () => parseMonth(ctx, month);
/** The steps that do something or stand in the way, in words. */
const told = (checklist: readonly ChecklistStep[]) =>
  checklist.filter(({ result }) => result !== 'ok').map(({ step, result, found }) => `${step} ${result}: ${found}`);
const statements = async () =>
  (await listStatements(ctx, {}, page)).map(({ number, partner, closing, status, corrects }) =>
    [number, partner, closing, status, ...(corrects === null ? [] : [`for ${corrects}`])].join(' '),
  );
const closingsOfWindows = async () =>
  (await listJobRuns(ctx, { job: 'close-windows', ...page })).map(
    ({ businessDate, status, origin }) => `${businessDate} ${status} by ${origin}`,
  );
const status = async () => (await showPeriod(ctx, month)).status;
/** What the books say, and what stands beside them. */
const all = async (at: Context) => [(await hashBooks(at, null)).sha256, await statements(), await closingsOfWindows()];

const DONE = ['true_ups done: windows: 1; posted 20.00 EUR on 2026-09-30', 'statements done: new: 2, there already: 0'];

describe('closing a period', () => {
  it('trues up, makes the statements, proves the books and freezes them', async () => {
    expect(told(await examineClosing(ctx, period()))).toEqual([
      'true_ups due: windows: 1',
      'statements due: new: 2, there already: 0',
    ]);
    const closed = await closePeriod(ctx, { month });
    expect(closed.checklist.map(({ step }) => step)).toEqual([
      ...['order', 'events', 'requests', 'nights', 'payouts'],
      ...['true_ups', 'statements', 'doctor', 'control_totals'],
    ]);
    expect(told(closed.checklist)).toEqual(DONE);
    expect(closed).toMatchObject({ status: 'closed', entries: [{ currency: 'EUR', entries: 4, amount: '50.00' }] });
    expect(await statements()).toEqual(['ST000001 acme 40.00 live', 'ST000002 zenith 10.00 live']);
    expect(await closingsOfWindows()).toEqual(['2026-09-30 succeeded by hand']);
    // The job's own night finds nothing to do.
    expect((await runJob(ctx, windowClosing, '2026-09-30')).summary).toMatchObject({ windows: 0, posting: null });
    await expectCleanDoctor(ctx);
  });

  it('leaves alone what is done, and puts others in the place of statements that the books have left behind', async () => {
    await generateStatements(ctx, { period: period() });
    expect(told(await examineClosing(ctx, period()))).toEqual(['true_ups due: windows: 1']);
    expect(told((await closePeriod(ctx, { month })).checklist)).toEqual([
      DONE[0],
      'statements done: new: 1, there already: 1; outdated, and so void: ST000001',
    ]);
    expect(await statements()).toEqual([
      'ST000001 acme 20.00 void',
      'ST000002 zenith 10.00 live',
      'ST000003 acme 40.00 live for ST000001',
    ]);
    await expectCleanDoctor(ctx);
  });

  it('has nothing to do where all of it was done, and then claims no job', async () => {
    await runJob(ctx, windowClosing, '2026-09-30');
    await generateStatements(ctx, { period: period() });
    expect(told((await closePeriod(ctx, { month })).checklist)).toEqual([]);
    expect(await closingsOfWindows()).toHaveLength(1);
  });

  it('posts into the open month what comes of one that is soft-closed', async () => {
    await softClosePeriod(ctx, { month, reason: 'under review' });
    expect(told((await closePeriod(ctx, { month })).checklist)).toEqual([
      'true_ups done: windows: 1; posted 20.00 EUR on 2026-10-01',
      DONE[1],
    ]);
    expect(await statements()).toEqual(['ST000001 acme 20.00 live', 'ST000002 zenith 10.00 live']);
    await expectCleanDoctor(ctx);
  });
});

describe('what stands in the way', () => {
  it('stops it before anything is written', async () => {
    await pay(ctx, 'sep-4', '50.00', '2026-09-20');
    const before = await all(ctx);
    await expect(closePeriod(ctx, { month })).rejects.toMatchObject({
      ...{ code: 'period_obstructed', exitCode: 3 },
      message: `what stands in the way of closing ${month}: events (undecided events up to 2026-09-30: 1)`,
      hint: `first: revshare job run accrue-commissions --for 2026-09-30; \`revshare period check ${month}\` lists all`,
    });
    expect(await all(ctx)).toEqual(before);
  });

  it('and is found only on the way leaves what was done, from which the next closing goes on', async () => {
    await generateStatements(ctx, { period: period() });
    const tampered = async (by: string) =>
      await database.admin().transaction(async ({ sql }) => {
        await sql`set local session_replication_role = replica`;
        await sql.unsafe(`set local search_path = main`);
        await sql.unsafe(`update statements set content = content ${by} where number = 2`);
      });
    await tampered(`|| '{"note": "trust me"}'`);
    await expect(closePeriod(ctx, { month })).rejects.toMatchObject({
      ...{ code: 'period_obstructed', exitCode: 3 },
      message: expect.stringMatching(/: statements \(not what was issued, or not proved: ST000002\)$/),
      hint: expect.stringMatching(/; what is done stands$/),
    });
    expect([await status(), ...(await closingsOfWindows())]).toEqual(['open', '2026-09-30 succeeded by hand']);
    await tampered(`|| '{"note": null}'`);
    expect(told((await closePeriod(ctx, { month })).checklist)).toEqual([
      'statements done: new: 1, there already: 1; outdated, and so void: ST000001',
    ]);
  });

  it('is also who posts into it between its statements and its end', async () => {
    const moment = await currentMoment(ctx.db);
    await pay(ctx, 'sep-4', '50.00', '2026-09-20');
    await accrue(ctx, '2026-09-30');
    await expect(freezePeriod(ctx, period(), moment)).rejects.toMatchObject({ code: 'period_moved', exitCode: 3 });
    expect(await status()).toBe('open');
    // Of another month, it is no matter.
    const later = await currentMoment(ctx.db);
    await pay(ctx, 'oct-1', '50.00', '2026-10-20');
    await accrue(ctx, '2026-10-31');
    expect(await freezePeriod(ctx, period(), later)).toMatchObject({ status: 'closed' });
  });

  it('is another closing of it: one of the two closes, and nothing is done twice', async () => {
    const rival = await database.context({ actor: 'checker' });
    const ended = await Promise.allSettled([closePeriod(ctx, { month }), closePeriod(rival, { month })]);
    const refused = ended.filter((one) => one.status === 'rejected');
    expect(refused.map(({ reason }) => (reason as { exitCode?: number }).exitCode)).toEqual([3]);
    expect(await statements()).toEqual(['ST000001 acme 40.00 live', 'ST000002 zenith 10.00 live']);
    expect((await showPeriod(ctx, month)).entries).toEqual([{ currency: 'EUR', entries: 4, amount: '50.00' }]);
    await expectCleanDoctor(ctx);
  });
});

describe('a dry run', () => {
  it('does all of it, says the same, and takes it back', async () => {
    const before = await all(ctx);
    const dry = await database.context({ dryRun: true });
    const tried = await closePeriod(dry, { month });
    expect(told(tried.checklist)).toEqual(DONE);
    expect(dry.report.changes.map(({ action, table }) => `${action} ${table}`)).toEqual(
      expect.arrayContaining(['insert statements', 'insert periods', 'insert period_changes']),
    );
    // Statements tell of the true-ups, which are of the same transaction.
    const closings = dry.report.changes
      .filter(({ table }) => table === 'statements')
      .map(({ after }) => after!['closing_minor']);
    expect(closings).toEqual([4000, 1000]);
    expect(await all(ctx)).toEqual(before);
    expect(await status()).toBe('open');
    const { controlHash, accounts, entries } = await closePeriod(ctx, { month });
    expect({ controlHash, accounts, entries }).toEqual({
      controlHash: tried.controlHash,
      accounts: tried.accounts,
      entries: tried.entries,
    });
  });

  it('is a plan, which is carried out as long as it would come to the same', async () => {
    const dry = async () => {
      const trying = await database.context({ dryRun: true });
      await closePeriod(trying, { month });
      return trying.report.plan!;
    };
    const plan = await dry();
    expect(await dry()).toBe(plan);
    await pay(ctx, 'sep-4', '50.00', '2026-09-20', 'zenith-de');
    await accrue(ctx, '2026-09-30');
    const before = await all(ctx);
    const outdated = await database.context({ plan });
    await expect(closePeriod(outdated, { month })).rejects.toMatchObject({ code: 'plan_changed' });
    expect(await all(ctx)).toEqual(before);
    const planned = await database.context({ plan: await dry() });
    expect(await closePeriod(planned, { month })).toMatchObject({ status: 'closed' });
    expect(await statements()).toEqual(['ST000001 acme 40.00 live', 'ST000002 zenith 15.00 live']);
  });
});
