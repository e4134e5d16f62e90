import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runPayoutsJob } from '../../jobs/run-payouts.ts';
import type { Database } from '../../src/db/connection.ts';
import { beginSchedules } from '../../src/db/queries/job-schedules.ts';
import { runJob } from '../../src/runner/run-job.ts';
import type { Context } from '../../src/services/context.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { showPartner } from '../../src/services/partner/list-partners.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { payoutCalendar } from '../../src/services/payout/payout-calendar.ts';
import { listHolidays, sayHoliday } from '../../src/services/schedule/holidays.ts';
import { listSchedules, setSchedule } from '../../src/services/schedule/schedules.ts';
import { refusal } from '../attacks.ts';
import { openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { earn } from '../support/earnings.ts';

let database: TestDatabase;
let operator: Database;
let books: Books;
let ctx: Context;
beforeEach(async () => {
  database = await testDatabase();
  operator = await database.as('tester');
  books = await openBooks(operator);
  ctx = await database.context();
});
afterEach(async () => await database.drop());

const FROM = '2026-01-01';
const calendar = async (partner?: string) =>
  (await payoutCalendar(ctx, { partner, count: 3 })).map((row) => [
    row.partner,
    row.cutoff,
    row.reviewUntil,
    row.submitOn,
  ]);

describe('a schedule (SEMANTICS §7)', () => {
  it('is the partner’s own, or else the programme’s, by the cut-off', async () => {
    await setSchedule(ctx, { frequency: 'monthly', netDays: 10, reviewDays: 5, calendar: 'target', from: FROM });
    await setSchedule(ctx, { partner: 'acme', frequency: 'semimonthly', netDays: 3, from: FROM, to: '2026-12-10' });
    expect(await calendar('zenith')).toEqual([
      [null, '2026-12-01', '2026-12-07', '2026-12-11'],
      [null, '2027-01-01', '2027-01-06', '2027-01-11'],
      [null, '2027-02-01', '2027-02-08', '2027-02-11'],
    ]);
    expect(await calendar('acme')).toEqual([
      ['acme', '2026-12-01', '2026-12-04', '2026-12-04'],
      [null, '2027-01-01', '2027-01-06', '2027-01-11'],
      [null, '2027-02-01', '2027-02-08', '2027-02-11'],
    ]);
    expect((await showPartner(ctx, 'acme')).nextPayout).toMatchObject([
      { cutoff: '2026-12-01', submitOn: '2026-12-04' },
    ]);
    expect((await listSchedules(ctx)).map(({ partner, frequency }) => [partner, frequency])).toEqual([
      [null, 'monthly'],
      ['acme', 'semimonthly'],
    ]);
  });

  it('is listed before it begins, and not on a day before', async () => {
    await setSchedule(ctx, { frequency: 'monthly', from: FROM, to: '2026-12-01' });
    await setSchedule(ctx, { frequency: 'weekly', from: '2026-12-01' });
    const listed = async (on?: string) => (await listSchedules(ctx, on)).map(({ frequency }) => frequency);
    expect([await listed(), await listed('2026-11-30'), await listed('2026-12-01')]).toEqual([
      ['monthly', 'weekly'],
      ['monthly'],
      ['weekly'],
    ]);
  });

  it('goes on with what is still to be submitted, though it was cut off before', async () => {
    await setSchedule(ctx, { frequency: 'monthly', netDays: 25, from: FROM });
    expect((await calendar())[0]).toEqual([null, '2026-11-01', '2026-11-26', '2026-11-26']);
  });

  it('is none until somebody says one', async () => {
    expect(await calendar()).toEqual([]);
    expect((await showPartner(ctx, 'acme')).nextPayout).toEqual([]);
  });

  it('rolls over what the programme calls closed, until it calls it open', async () => {
    await setSchedule(ctx, { frequency: 'monthly', from: '2026-12-01', to: '2026-12-02' });
    await sayHoliday(ctx, { day: '2026-12-01', closed: true, name: 'Founders’ day' });
    expect(await calendar()).toEqual([[null, '2026-12-01', '2026-12-02', '2026-12-02']]);
    await sayHoliday(ctx, { day: '2026-12-01', closed: false, name: 'we work' });
    expect(await calendar()).toEqual([[null, '2026-12-01', '2026-12-01', '2026-12-01']]);
    expect(await listHolidays(ctx, {})).toMatchObject([{ day: '2026-12-01', closed: false, name: 'we work' }]);
    await expect(sayHoliday(ctx, { day: '2026-12-01', closed: false, name: 'we work' })).rejects.toMatchObject({
      code: 'nothing_to_change',
    });
  });

  it('is refused where it cannot be meant', async () => {
    const refused = async (input: Parameters<typeof setSchedule>[1], code: string) =>
      await expect(setSchedule(ctx, input)).rejects.toMatchObject({ code });
    await refused({ frequency: 'biweekly' }, 'schedule_anchor');
    await refused({ frequency: 'monthly', anchor: '2026-11-02' }, 'schedule_anchor');
    await refused({ frequency: 'monthly', netDays: 3, reviewDays: 4 }, 'review_after_submission');
    await refused({ frequency: 'monthly', partner: 'acne' }, 'partner_not_found');
    await refused({ frequency: 'monthly', from: '2026-02-01', to: '2026-01-01' }, 'window_empty');
    const again = { frequency: 'monthly', from: FROM } as const;
    expect([(await setSchedule(ctx, again)).changed, (await setSchedule(ctx, again)).changed]).toEqual([true, false]);
  });
});

describe('a run of who is due', () => {
  const paid = async (cutoff: string) =>
    (await generatePayouts(ctx, { due: true, cutoff })).payouts.map(({ partner }) => partner);
  beforeEach(async () => {
    await earn(operator, books, [
      { instance: 'acme-uk', amount: 6000 },
      { instance: 'zenith-de', amount: 2500 },
    ]);
  });

  it('pays whoever closes on its cut-off, and nobody else', async () => {
    await setSchedule(ctx, { frequency: 'monthly', from: FROM });
    await setSchedule(ctx, { partner: 'acme', frequency: 'weekly', from: FROM });
    expect(await paid('2026-11-15')).toEqual([]);
    expect(await paid('2026-11-16')).toEqual(['acme']);
    expect(await paid('2026-11-01')).toEqual(['zenith']);
    expect((await runDoctor(ctx)).differences).toBe(0);
  });

  it('pays by the programme’s schedule all who have none of their own, and is approved like any other', async () => {
    await setSchedule(ctx, { frequency: 'monthly', from: FROM });
    const { run, scope, payouts } = await generatePayouts(ctx, { due: true, cutoff: '2026-11-01' });
    expect([scope, payouts.length]).toEqual(['due', 2]);
    await approveRun(await database.context({ actor: 'checker' }), { run: run! });
  });

  it('is drafted by the night on which it closes; those without a schedule are paid monthly, though others have one', async () => {
    await beginSchedules(ctx.db, [{ job: runPayoutsJob.name, startsOn: FROM }]);
    const byNight = async (date: string) =>
      (await runJob(ctx, runPayoutsJob, date, { origin: 'schedule' })).summary['payouts'];
    expect(await byNight('2026-10-31')).toBe(0);
    await setSchedule(ctx, { partner: 'acme', frequency: 'weekly', from: FROM });
    expect([await byNight('2026-11-01'), await byNight('2026-11-02'), await byNight('2026-11-03')]).toEqual([1, 1, 0]);
  });

  it('is what the job drafts; by hand it drafts everybody where nobody has a schedule', async () => {
    const drafted = async (date: string) => (await runJob(ctx, runPayoutsJob, date)).summary['payouts'];
    expect(await drafted('2026-11-20')).toBe(2);
    await setSchedule(ctx, { partner: 'acme', frequency: 'weekly', from: FROM });
    await earn(operator, books, [
      { instance: 'acme-uk', amount: 6000 },
      { instance: 'zenith-de', amount: 2500 },
    ]);
    expect(await drafted('2026-11-15')).toBe(0);
    expect(await drafted('2026-11-16')).toBe(1);
  });

  it('pays nobody where nobody said when', async () => {
    expect(await generatePayouts(ctx, { due: true, cutoff: '2026-11-01' })).toMatchObject({ run: null, payouts: [] });
  });
});

describe('the database', () => {
  const version = (more = '') =>
    `insert into main.payout_schedules (frequency, anchor, review_days, net_days, calendar, valid, known_seq)
     values ('monthly', null, 0, 0, 'target', '[2026-01-01,)', main.draw_known_seq('x'))${more}`;
  it.each([
    ['says one schedule at a time', `${version()}; ${version()}`, '23P01'],
    ['wants an anchor for every fourteenth day', version().replace("'monthly'", "'biweekly'"), '23514'],
    ['submits nothing before its review is over', version().replace('0, 0', '2, 1'), '23514'],
    ['changes no schedule in place', `${version()}; update main.payout_schedules set net_days = 1`, '42501'],
    ['changes no holiday in place', `update main.holidays set closed = false`, '42501'],
    [
      'knows no run of another scope',
      `insert into main.payout_runs (cutoff, scope) values ('2026-11-01', 'mine')`,
      '23514',
    ],
  ])('%s', async (_, statement, state) => {
    expect(await refusal(operator, async ({ sql }) => await sql.unsafe(statement))).toBe(state);
  });
});
