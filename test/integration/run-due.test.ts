import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { addDays, dayNumber } from '../../src/domain/dates.ts';
import { RefusedError } from '../../src/domain/errors.ts';
import { dueSummary } from '../../src/runner/due-summary.ts';
import type { Job } from '../../src/runner/job.ts';
import { resumable } from '../../src/runner/resumable.ts';
import { runDue, type DueOptions } from '../../src/runner/run-due.ts';
import { runJob } from '../../src/runner/run-job.ts';
import { readSchedule } from '../../src/runner/schedule.ts';
import type { Context } from '../../src/services/context.ts';
import { findJobRun, listJobRuns } from '../../src/services/job/list-runs.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { baseSeed } from '../property/runs.ts';
import { patience } from '../soak.ts';
import { choices } from '../support/accrual.ts';
import { Diary } from '../support/schedulers.ts';

let database: TestDatabase;
let ctx: OpenedContext;
let diary: Diary;
let jobs: readonly Job[];
beforeEach(async () => {
  database = await testDatabase();
  ctx = await database.context();
  diary = new Diary();
  jobs = [
    diary.job('accrue', { every: 'day', at: '01:15', whenOver: true }),
    diary.job('approve', { every: 'day', at: '01:45' }),
    diary.job('pay', { every: 'month', on: 1, at: '02:15' }),
    diary.job('count', { every: 'day', at: '03:00' }, { catchUp: 'latest' }),
    diary.job('greet', { every: 'day', at: '03:30' }, { catchUp: 'none' }),
  ];
});
afterEach(async () => await database.drop());

/** The context of a host at 'YYYY-MM-DD HH:MM', UTC. */
function host(at: string, on: Context = ctx): Context {
  const now = Date.parse(`${at.replace(' ', 'T')}:00Z`);
  return { ...on, clock: { now: () => now, isSimulated: true } };
}
const wake = async (at: string, options: DueOptions = {}) => await runDue(host(at), jobs, options);
const summary = async (at: string) => dueSummary(await wake(at), await readSchedule(host(at), jobs));

describe('what is due', () => {
  it('begins with the night in which a scheduler first wakes, and is run once', async () => {
    await wake('2026-09-10 04:00');
    expect(diary.take()).toEqual(['accrue 2026-09-09', 'approve 2026-09-10', 'count 2026-09-10', 'greet 2026-09-10']);
    await wake('2026-09-10 04:05');
    await wake('2026-09-11 01:14');
    expect(diary.take()).toEqual([]);
    await wake('2026-09-11 01:15');
    expect(diary.take()).toEqual(['accrue 2026-09-10']);
    await wake('2026-09-11 23:00');
    expect(diary.take()).toEqual(['approve 2026-09-11', 'count 2026-09-11', 'greet 2026-09-11']);
  });

  it('is caught up night by night: each date, only the latest, or none that is over', async () => {
    await wake('2026-09-29 04:00');
    diary.take();
    const { runs, end } = await wake('2026-10-02 02:00');
    expect(diary.take()).toEqual([
      'accrue 2026-09-29',
      'approve 2026-09-30',
      'accrue 2026-09-30',
      'approve 2026-10-01',
      'pay 2026-10-01',
      'count 2026-10-01',
      'accrue 2026-10-01',
      'approve 2026-10-02',
    ]);
    expect([runs.length, end]).toEqual([8, 'done']);
  });

  it('a clock that goes back runs nothing again', async () => {
    await wake('2026-09-10 04:00');
    await wake('2026-09-12 04:00');
    diary.take();
    for (const at of ['2026-09-11 04:00', '2026-09-09 23:00', '2020-01-01 12:00', '2026-09-12 04:00']) await wake(at);
    expect(diary.take()).toEqual([]);
    await wake('2026-09-13 01:30');
    expect(diary.take()).toEqual(['accrue 2026-09-12']);
  });

  it('what is run by hand takes nothing from the schedule', async () => {
    await wake('2026-09-10 04:00');
    await runJob(ctx, jobs[0]!, '2026-09-11');
    diary.take();
    const [scheduled] = await readSchedule(host('2026-09-13 00:00'), jobs);
    expect(scheduled).toMatchObject({
      startsOn: '2026-09-09',
      doneUntil: '2026-09-09',
      due: ['2026-09-10', '2026-09-11'],
    });
    await wake('2026-09-13 00:00');
    expect(diary.take().filter((line) => line.startsWith('accrue'))).toEqual([
      'accrue 2026-09-10',
      'accrue 2026-09-11',
    ]);
    expect((await listJobRuns(ctx, { for: '2026-09-11', job: 'accrue', limit: 9, offset: 0 })).map(({ origin }) => origin)).toEqual(['schedule', 'hand']); // prettier-ignore
  });

  it('a job that is new begins with the night that first sees it', async () => {
    await wake('2026-09-10 04:00');
    diary.take();
    jobs = [...jobs, diary.job('late', { every: 'day', at: '01:00' })];
    await wake('2026-09-20 04:00');
    expect(diary.take().filter((line) => line.startsWith('late'))).toEqual(['late 2026-09-20']);
  });
});

describe('a failure', () => {
  const failing = () =>
    diary.acts.set('approve 2026-09-11', async () => {
      throw new RefusedError('not_today', 'a reason');
    });

  it('stops what comes after it, and the next call goes on there with a new attempt', async () => {
    await wake('2026-09-10 04:00');
    diary.take();
    failing();
    expect(await summary('2026-09-12 04:00')).toMatchObject({
      ...{ status: 'failed', exit_code: 3, runs: 1, due: 5 },
      at: { job: 'approve', business_date: '2026-09-11' },
      error: { code: 'not_today', message: 'a reason' },
    });
    expect(diary.take()).toEqual(['accrue 2026-09-10']);
    diary.acts.clear();
    const { runs } = await wake('2026-09-12 04:00');
    expect(runs[0]).toMatchObject({ job: 'approve', businessDate: '2026-09-11', attempt: 2 });
    expect(diary.take()).toEqual([
      ...['approve 2026-09-11', 'accrue 2026-09-11', 'approve 2026-09-12'],
      ...['count 2026-09-12', 'greet 2026-09-12'],
    ]);
  });

  it('is resumed as the date of the schedule that it is, and counts as done then', async () => {
    await wake('2026-09-10 04:00');
    failing();
    await wake('2026-09-11 02:00');
    const [run] = await listJobRuns(ctx, { status: 'failed', limit: 1, offset: 0 });
    expect(run).toMatchObject({ error: 'not_today: a reason', origin: 'schedule' });
    diary.acts.clear();
    const resumed = await resumable(ctx, jobs[1]!, run!);
    expect(resumed).toEqual({ businessDate: '2026-09-11', origin: 'schedule' });
    const again = await runJob(ctx, jobs[1]!, resumed.businessDate, resumed);
    diary.take();
    await wake('2026-09-11 02:00');
    expect(diary.take()).toEqual([]);
    expect((await resumable(ctx, jobs[1]!, run!)).origin).toBe('hand');
    const details = await findJobRun(ctx, again.id);
    expect(details.attempts.map(({ attempt, status }) => [attempt, status])).toEqual([
      [2, 'succeeded'],
      [1, 'failed'],
    ]);
    await expect(resumable(ctx, jobs[1]!, details)).rejects.toMatchObject({ code: 'run_succeeded' });
    await expect(findJobRun(ctx, 4711)).rejects.toMatchObject({ code: 'run_not_found', exitCode: 3 });
  });

  it('of items, and what a check finds, leave the date done: exit 6 and 7', async () => {
    await wake('2026-09-10 04:00');
    diary.acts.set('approve 2026-09-11', async () => ({ summary: {}, failures: ['one item', 'another'] }));
    expect(await summary('2026-09-11 02:00')).toMatchObject({
      ...{ status: 'partly', exit_code: 6, runs: 2, due: 0 },
      failures: ['approve for 2026-09-11: one item', 'approve for 2026-09-11: another'],
    });
    jobs = [...jobs, diary.job('check', { every: 'day', at: '05:00' }, { checks: true, catchUp: 'latest' })];
    diary.acts.set('check 2026-09-11', async () => ({ summary: {}, failures: ['a cent'] }));
    expect(await summary('2026-09-11 06:00')).toMatchObject({ status: 'differences', exit_code: 7 });
    expect(await summary('2026-09-11 06:00')).toMatchObject({ status: 'done', exit_code: 0, runs: 0 });
  });

  it('asked to stop, it finishes the unit at hand and begins no other', async () => {
    await wake('2026-09-10 04:00');
    diary.take();
    const stop = new AbortController();
    let committed = 0;
    diary.acts.set('approve 2026-09-11', async (unit) => {
      await unit(async (tx) => {
        await tx.sql`insert into tenants (code, name) values ('unit', 'A unit of work')`;
        stop.abort();
      });
      committed += 1;
    });
    const report = await wake('2026-09-12 04:00', { stop: stop.signal });
    expect([report.end, report.at?.businessDate, committed]).toEqual(['stopped', '2026-09-11', 1]);
    expect(diary.take()).toEqual(['accrue 2026-09-10']);
    expect(await ctx.db.sql`select code from tenants`).toEqual([{ code: 'unit' }]);
    const [run] = await listJobRuns(ctx, { limit: 1, offset: 0 });
    expect(run).toMatchObject({ status: 'failed', error: expect.stringContaining('stopped') });
  });
});

describe('the clock of the host', () => {
  const off = (seconds: number): Context => ({ ...ctx, clock: { now: () => Date.now() + seconds * 1000 } });

  it.each([
    [70, 'ahead of'],
    [-70, 'behind'],
  ])('%i s off the database it is refused, and nothing is begun', async (seconds, said) => {
    await expect(runDue(off(seconds), jobs)).rejects.toMatchObject({ code: 'clock_off', exitCode: 4 });
    await expect(runJob(off(seconds), jobs[0]!, '2026-09-10')).rejects.toThrow(said);
    expect(await ctx.db.sql`select from job_runs union all select from job_schedules`).toHaveLength(0);
  });

  it('a little off it is fine', async () => {
    for (const seconds of [-50, 50]) await runJob(off(seconds), jobs[0]!, '2026-09-10');
    expect(diary.take()).toHaveLength(2);
  });
});

describe('two schedulers on one database', () => {
  it('say who is at it, and leave it to them', async () => {
    const other = await database.context({ actor: 'second' });
    await wake('2026-09-10 04:00');
    let rival: Promise<unknown> = Promise.resolve();
    diary.acts.set('approve 2026-09-11', async () => {
      rival = runDue(host('2026-09-11 04:00', other), jobs);
      await expect(rival).resolves.toMatchObject({ runs: [], end: 'busy', at: { businessDate: '2026-09-11' } });
    });
    diary.take();
    await wake('2026-09-11 04:00');
    await rival;
    expect(diary.take()).toEqual(['accrue 2026-09-10', 'approve 2026-09-11', 'count 2026-09-11', 'greet 2026-09-11']);
  });

  it('do every date of a year once, whenever they wake and whatever their clocks say', patience(180_000), async () => {
    const nights = 365;
    const first = '2025-10-01';
    const last = addDays(first, nights);
    const rival = await database.context({ actor: 'second' });
    const dice = choices(baseSeed);
    jobs = [
      diary.job('accrue', { every: 'day', at: '01:15', whenOver: true }),
      diary.job('approve', { every: 'day', at: '01:45' }),
      diary.job('pay', { every: 'month', on: 1, at: '02:15' }),
    ];
    /** Wakes every few hours until the year is over; its clock is a few hours off, now and then it sleeps for days. */
    const scheduler = async (on: Context, skew: number): Promise<void> => {
      let now = dayNumber(first) * 86_400_000;
      const end = (dayNumber(last) + 1) * 86_400_000;
      while (now < end) {
        now = Math.min(end, now + (dice() < 0.05 ? 10 : 1) * dice() * 86_400_000);
        const clock = { now: () => now + skew * 3_600_000 * (now < end ? dice() : 0), isSimulated: true };
        const { end: how, error } = await runDue({ ...on, clock }, jobs);
        if (how === 'failed') throw error;
        await sleep(dice() * 3);
      }
    };
    await wake(`${first} 00:00`);
    await Promise.all([scheduler(ctx, 5), scheduler(rival, -5)]);
    const said = diary.take();
    const dates = Array.from({ length: nights + 1 }, (_, night) => addDays(first, night));
    const of = (name: string) => said.filter((line) => line.startsWith(name)).map((line) => line.split(' ')[1]!);
    const when = `FC_SEED=${baseSeed}`;
    expect(of('approve'), when).toEqual(dates);
    expect(of('accrue'), when).toEqual([addDays(first, -1), ...dates.slice(0, -1)]);
    expect(of('pay'), when).toEqual(dates.filter((date) => date.endsWith('-01')));
    // Of a night the accrual came first.
    for (const date of dates) {
      expect(said.indexOf(`accrue ${addDays(date, -1)}`)).toBeLessThan(said.indexOf(`approve ${date}`));
    }
    const by = await ctx.db.sql`
      select created_by, count(*)::int as runs from job_runs where status = 'succeeded' and origin = 'schedule' group by 1`;
    expect(by.map((row) => row['runs'] as number).reduce((sum, runs) => sum + runs, 0)).toBe(said.length);
    expect(by).toHaveLength(2);
  });
});
