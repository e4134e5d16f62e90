import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { parsePeriod } from '../../src/domain/dates.ts';
import { closePeriod } from '../../src/runner/close-period.ts';
import { askForAdjustment } from '../../src/services/adjustment/give.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { trialBalance } from '../../src/services/ledger/trial-balance.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { completePayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { askForReopening, openPeriod, softClosePeriod } from '../../src/services/period/change-period.ts';
import { examineClosing } from '../../src/services/period/closing-checklist.ts';
import { listPeriods, parseMonth, showPeriod } from '../../src/services/period/list-periods.ts';
import { recordRevenue } from '../../src/services/revenue/record-revenue.ts';
import { generateStatements } from '../../src/services/statement/generate-statements.ts';
import { listStatements, showStatement } from '../../src/services/statement/list-statements.ts';
import { openBooks } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';

const page = { limit: 99, offset: 0 };
const month = (text: string) => parsePeriod(text, '2026-11-21');

let database: TestDatabase;
let ctx: OpenedContext;
let checker: OpenedContext;

/** The smallest books: acme has earned 10.00 of September and 20.00 of October. */
async function open(): Promise<void> {
  database = await testDatabase();
  ctx = await database.context();
  checker = await database.context({ actor: 'checker' });
  await openBooks(ctx.db);
  await pay('sep', '100.00', '2026-09-10');
  await pay('oct', '200.00', '2026-10-10');
  await accrue(ctx, '2026-10-31');
}

async function pay(id: string, net: string, on: string): Promise<void> {
  await recordRevenue(ctx, {
    fields: { external_id: id, instance: 'acme-uk', kind: 'payment', net, currency: 'EUR', occurred_at: on },
  });
}

async function closed(...months: string[]): Promise<void> {
  for (const label of months) await closePeriod(ctx, { month: label });
}

const adjustment = { partner: 'acme', instance: 'acme-uk', currency: 'EUR', reason: 'found later' };
/** What stands in the way of closing it, and what the closing would do. */
const left = async (label: string) =>
  (await examineClosing(ctx, parseMonth(ctx, label)))
    .filter(({ result }) => result === 'blocks' || result === 'due')
    .map(({ step, result }) => `${step} ${result}`);
const differences = async () => (await runDoctor(ctx)).checks.filter(({ result }) => result === 'difference');
/** Day it is of, day it posts on, and minor units, of every entry. */
const postingDates = async () =>
  (
    await ctx.db.sql<{ of: string; on: string; amount: string }[]>`
      select e.occurred_on as of, n.posting_date as on, n.amount_minor as amount from entries n join revenue_events e on e.id = n.event_id`
  ).map(({ of, on, amount }) => [of, on, Number(amount)]);

describe('closing', () => {
  beforeEach(open);
  afterEach(async () => await database.drop());

  it('names all that stands in the way, and closes month after month once nothing does', async () => {
    expect(await left('2026-10')).toEqual(['order blocks', 'statements due']);
    await expect(closePeriod(ctx, { month: '2026-10' })).rejects.toMatchObject({
      code: 'period_obstructed',
      exitCode: 3,
      hint: 'first: revshare period close 2026-09; `revshare period check 2026-10` lists all',
    });
    await pay('late', '50.00', '2026-09-30');
    expect(await left('2026-09')).toEqual(['events blocks', 'statements due']);
    await accrue(ctx, '2026-10-31');
    await closed('2026-09');
    expect(await left('2026-10')).toEqual(['statements due']);
    await closed('2026-10');
    expect((await listPeriods(ctx, {}, page)).map(({ month: label, status }) => `${label} ${status}`)).toEqual([
      '2026-11 open',
      '2026-10 closed',
      '2026-09 closed',
    ]);
    expect(await left('2026-11')).toEqual(['order blocks', 'statements blocks']);
    expect(await differences()).toEqual([]);
  });

  it('tells of payouts in transit over its end, and not of what was sent or arrived on another day', async () => {
    const { run } = await generatePayouts(ctx, { cutoff: '2026-11-01' });
    await approveRun(checker, { run: run! });
    const { submitted } = await submitPayouts(ctx, { run: run! });
    const found = async (label: string) =>
      (await examineClosing(ctx, parseMonth(ctx, label))).find(({ step }) => step === 'payouts')!.found;
    expect([await found('2026-10'), await found('2026-11')]).toEqual([
      'none is open',
      `in transit over the end of the period: ${submitted.join(', ')}`,
    ]);
    await completePayouts(ctx, { payouts: { run: run! } });
    expect(await found('2026-11')).toBe('none is open');
  });

  it('freezes what the trial balance of the last day says', async () => {
    await closed('2026-09', '2026-10');
    const frozen = await showPeriod(ctx, '2026-10');
    await pay('late', '50.00', '2026-10-20');
    await accrue(ctx, '2026-11-21');
    expect(await showPeriod(ctx, '2026-10')).toEqual(frozen);
    const { accounts } = await trialBalance(ctx, '2026-10-31');
    expect(frozen.accounts.map(({ account, currency, balance }) => ({ account, currency, balance }))).toEqual(
      accounts.map(({ account, currency, balance }) => ({ account, currency, balance })),
    );
    expect(frozen.entries).toEqual([{ currency: 'EUR', entries: 1, amount: '20.00' }]);
    expect(await differences()).toEqual([]);
  });

  it('sends what happened in it and comes later into the open one, with its origin', async () => {
    await closed('2026-09', '2026-10');
    await pay('late', '50.00', '2026-09-20');
    await pay('much-older', '70.00', '2024-02-29');
    // of a day of the closed month
    await accrue(ctx, '2026-10-31');
    expect(await postingDates()).toEqual(
      expect.arrayContaining([
        ['2026-09-20', '2026-11-01', 500],
        ['2024-02-29', '2026-11-01', 700],
      ]),
    );
    await generateStatements(ctx, { period: { from: '2026-11-01', to: '2026-11-21', label: 'November so far' } });
    const [november] = await listStatements(ctx, { from: '2026-11-01' }, page);
    const { content } = await showStatement(ctx, Number(november!.number.slice(2)));
    expect(content.groups.map(({ section, amount }) => ({ section, amount }))).toEqual([
      { section: 'prior_period', amount: '1200' },
    ]);
    expect(await differences()).toEqual([]);
  });

  it('waits for a second person to be undone, and only of the last', async () => {
    await closed('2026-09', '2026-10');
    await expect(askForReopening(ctx, { month: '2026-09', reason: 'x' })).rejects.toMatchObject({
      code: 'status_transition',
    });
    await expect(openPeriod(ctx, { month: '2026-10', reason: 'x' })).rejects.toMatchObject({ code: 'four_eyes' });
    const { id } = await askForReopening(ctx, { month: '2026-10', reason: 'an invoice was missing' });
    await expect(approveRequest(ctx, { request: id })).rejects.toMatchObject({ code: 'four_eyes' });
    await approveRequest(checker, { request: id });
    expect((await showPeriod(ctx, '2026-10')).status).toBe('open');
    await pay('late', '50.00', '2026-10-20');
    await accrue(ctx, '2026-11-21');
    expect(await postingDates()).toContainEqual(['2026-10-20', '2026-10-20', 500]);
    expect(await left('2026-10')).toEqual(['statements due']);
    await closed('2026-10');
    expect(
      (await listStatements(ctx, {}, page)).map(({ number, corrects, status }) => [number, corrects, status]),
    ).toEqual([
      ['ST000001', null, 'live'],
      ['ST000002', null, 'void'],
      ['ST000003', 'ST000002', 'live'],
    ]);
    const { history, entries } = await showPeriod(ctx, '2026-10');
    expect(history.map(({ from, status, request, by }) => ({ from, status, request, by }))).toEqual([
      { from: 'open', status: 'closed', request: null, by: 'tester' },
      { from: 'closed', status: 'open', request: id, by: 'checker' },
      { from: 'open', status: 'closed', request: null, by: 'tester' },
    ]);
    expect(entries).toEqual([{ currency: 'EUR', entries: 2, amount: '25.00' }]);
    expect(await differences()).toEqual([]);
  });
});

describe('a soft-closed period', () => {
  beforeAll(async () => {
    await open();
    await closed('2026-09');
    await softClosePeriod(ctx, { month: '2026-10', reason: 'under review' });
  });
  afterAll(async () => await database.drop());

  it('takes what a second person agrees to, and nobody alone', async () => {
    const asked = await askForAdjustment(ctx, { ...adjustment, amount: '3.00', on: '2026-10-30' });
    expect(asked.status).toBe('pending');
    expect(await left('2026-10')).toEqual(['requests blocks', 'statements due']);
    await approveRequest(checker, { request: asked.id });
    expect(await postingDates()).toContainEqual(['2026-10-30', '2026-10-30', 300]);
    await expect(askForAdjustment(ctx, { ...adjustment, amount: '3.00', on: '2026-09-30' })).rejects.toMatchObject({
      code: 'period_closed',
    });
    await expect(askForAdjustment(ctx, { ...adjustment, amount: '3.00', on: '2026-11-22' })).rejects.toMatchObject({
      code: 'adjustment_ahead',
    });
  });

  it('sends what else happened in it into the open one', async () => {
    await pay('late', '50.00', '2026-10-20');
    await accrue(ctx, '2026-11-21');
    expect(await postingDates()).toContainEqual(['2026-10-20', '2026-11-01', 500]);
    expect(await differences()).toEqual([]);
  });

  it('opens again by anybody’s word, and closes', async () => {
    await openPeriod(ctx, { month: '2026-10', reason: 'a file is missing' });
    await expect(openPeriod(ctx, { month: '2026-10', reason: 'again' })).rejects.toMatchObject({
      code: 'status_transition',
    });
    await softClosePeriod(ctx, { month: '2026-10', reason: 'under review' });
    await closed('2026-10');
    expect((await showPeriod(ctx, '2026-10')).history.map(({ status }) => status)).toEqual([
      'soft_closed',
      'open',
      'soft_closed',
      'closed',
    ]);
    expect(await differences()).toEqual([]);
  });
});

describe('who posts while a period closes', () => {
  beforeEach(open);
  afterEach(async () => await database.drop());

  /** Two sessions: `first` does its part and commits once `second` has been seen to wait for it. */
  async function sideBySide(first: (at: OpenedContext) => Promise<unknown>, second: () => Promise<unknown>) {
    const at = await database.context({ actor: 'checker' });
    const outcome: { second?: Promise<unknown> } = {};
    await at.db.transaction(async (tx) => {
      const inside = { ...at, write: async <T>(work: (held: typeof tx) => Promise<T>) => await work(tx) };
      await first(inside);
      outcome.second = second().then(
        (done) => done,
        (error: unknown) => error,
      );
      await seenWaiting();
    });
    return await outcome.second;
  }

  /** Until a session waits: for the lock, or asleep before it asks for it again. */
  async function seenWaiting(): Promise<void> {
    for (;;) {
      const [row] = await database.admin().sql<{ waiting: boolean }[]>`
        select exists (select from pg_stat_activity
          where datname = current_database() and wait_event in ('advisory', 'PgSleep')) as waiting`;
      if (row!.waiting) return;
    }
  }

  it('is counted by the closing that waits for it', async () => {
    await generateStatements(ctx, { period: month('2026-09') });
    const asked = await askForAdjustment(ctx, { ...adjustment, amount: '3.00', on: '2026-09-30' });
    await sideBySide(
      async (at) => await approveRequest(at, { request: asked.id }),
      async () =>
        await ctx.db.transaction(
          async ({ sql }) =>
            await sql`insert into period_changes (starts_on, from_status, status) values ('2026-09-01', '', 'closed')`,
        ),
    );
    expect((await showPeriod(ctx, '2026-09')).entries).toEqual([{ currency: 'EUR', entries: 2, amount: '13.00' }]);
    expect(await differences()).toEqual([]);
  });

  it('is refused by the closing that came first', async () => {
    await generateStatements(ctx, { period: month('2026-09') });
    const asked = await askForAdjustment(ctx, { ...adjustment, amount: '3.00', on: '2026-09-30' });
    const refused = await sideBySide(
      async (at) =>
        await at.write(
          async ({ sql }) =>
            await sql`insert into period_changes (starts_on, from_status, status) values ('2026-09-01', '', 'closed')`,
        ),
      async () => await approveRequest(checker, { request: asked.id }),
    );
    expect(refused).toMatchObject({ code: 'period_closed' });
    expect((await showPeriod(ctx, '2026-09')).entries).toEqual([{ currency: 'EUR', entries: 1, amount: '10.00' }]);
    expect(await differences()).toEqual([]);
  });
});
