import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import type { Watchers } from '../../src/config.ts';
import { RefusedError } from '../../src/domain/errors.ts';
import type { Job } from '../../src/runner/job.ts';
import { runDueWatched } from '../../src/runner/watched.ts';
import { emptyDirectory } from '../cli/terminal.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { Diary } from '../support/schedulers.ts';

/** Monitors of the jobs: a log, a file of metrics, a URL that is called. */
let database: TestDatabase;
let ctx: OpenedContext;
let diary: Diary;
let jobs: readonly Job[];
let place: string;
let monitor: Server;
let calls: string[];
let answer: number;
let watchers: Watchers;
beforeEach(async () => {
  database = await testDatabase();
  ctx = await database.context({ now: Date.UTC(2026, 8, 10, 4) });
  diary = new Diary();
  jobs = [
    diary.job('accrue', { every: 'day', at: '01:15' }),
    diary.job('pay', { every: 'month', on: 1, at: '02:15' }),
    diary.job('check', { every: 'day', at: '03:00' }, { checks: true }),
  ];
  place = emptyDirectory();
  calls = [];
  answer = 200;
  monitor = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    response.writeHead(answer).end('ok');
  });
  await new Promise<void>((resolve) => monitor.listen(0, '127.0.0.1', resolve));
  const { port } = monitor.address() as AddressInfo;
  watchers = {
    logFile: join(place, 'jobs.log'),
    metricsFile: join(place, 'revshare.prom'),
    pingUrl: `http://127.0.0.1:${port}/ping/secret`,
  };
});
afterEach(async () => {
  await new Promise((resolve) => monitor.close(resolve));
  await database.drop();
});

const stderr = new PassThrough();
const wake = async (to: Partial<Watchers> = {}, on = ctx) =>
  await runDueWatched(on, jobs, { ...watchers, ...to }, { stop: undefined, stderr });
const logged = () =>
  readFileSync(watchers.logFile!, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const failing = () =>
  diary.acts.set('accrue 2026-09-10', async () => {
    throw new RefusedError('not_today', 'a reason');
  });

it('logs each run as it begins and ends, a line of JSON an event', async () => {
  diary.acts.set('check 2026-09-10', async () => ({ summary: { checks: 3 }, failures: ['a cent'] }));
  await wake();
  const lines = logged();
  expect(lines.map(({ level, msg, job }) => [level, msg, job])).toEqual([
    ['info', 'begun', 'accrue'],
    ['info', 'ended', 'accrue'],
    ['info', 'begun', 'check'],
    ['error', 'ended', 'check'],
    ['error', 'woken', undefined],
  ]);
  expect(lines[3]).toMatchObject({
    ...{ time: '2026-09-10T04:00:00.000Z', programme: 'main', actor: 'tester', business_date: '2026-09-10' },
    ...{ status: 'partly', attempt: 1, summary: { checks: 3 }, failures: ['a cent'] },
  });
  await wake();
  expect(logged()).toHaveLength(lines.length);
});

it('logs what failed, by its code, and to stderr where that is wanted', async () => {
  failing();
  stderr.setEncoding('utf8');
  await wake({ logFile: '-' });
  const lines = (stderr.read() as string)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines[1]).toMatchObject({
    level: 'error',
    msg: 'failed',
    job: 'accrue',
    code: 'not_today',
    error: 'a reason',
  });
  expect(lines[2]).toMatchObject({ msg: 'woken', status: 'failed', exit_code: 3, due: 2 });
  expect(existsSync(watchers.logFile!)).toBe(false);
});

it('a log that cannot be written stops it before anything is run', async () => {
  await expect(wake({ logFile: join(place, 'nowhere', 'jobs.log') })).rejects.toMatchObject({ code: 'file_not_found' });
  expect(diary.take()).toEqual([]);
});

it('writes metrics whole at each wake, what is due and how it ended', async () => {
  failing();
  await wake();
  const of = (name: string) =>
    readFileSync(watchers.metricsFile!, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(name));
  expect(of('revshare_job_due')).toEqual([
    'revshare_job_due{programme="main",job="accrue"} 1',
    'revshare_job_due{programme="main",job="pay"} 0',
    'revshare_job_due{programme="main",job="check"} 1',
  ]);
  expect(of('revshare_job_failed')).toEqual(['revshare_job_failed{programme="main",job="accrue"} 1']);
  expect(of('revshare_job_done_timestamp')).toEqual([]);
  expect(of('revshare_run_due')).toEqual([
    `revshare_run_due_timestamp_seconds{programme="main"} ${Date.UTC(2026, 8, 10, 4) / 1000}`,
    'revshare_run_due_exit_code{programme="main"} 3',
  ]);
  diary.acts.clear();
  await wake();
  expect(of('revshare_job_failed')).toContain('revshare_job_failed{programme="main",job="accrue"} 0');
  expect(of('revshare_job_done_timestamp_seconds')).toHaveLength(2);
  expect(of('revshare_run_due_exit_code')).toEqual(['revshare_run_due_exit_code{programme="main"} 0']);
  // Every family says what it is, as the format wants it.
  const text = readFileSync(watchers.metricsFile!, 'utf8');
  const names = new Set(text.match(/^revshare_\w+/gm));
  for (const name of names)
    expect(text).toMatch(new RegExp(`^# HELP ${name} .+\\n# TYPE ${name} gauge\\n${name}\\{`, 'm'));
});

it('calls the monitor when nothing is left undone, and not otherwise', async () => {
  failing();
  await wake();
  expect(calls).toEqual([]);
  diary.acts.clear();
  await wake();
  await wake();
  expect(calls).toEqual(['GET /ping/secret', 'GET /ping/secret']);
});

it('a monitor that is not there, or metrics that cannot be written, are told and fail nothing', async () => {
  answer = 503;
  const first = await wake();
  expect([first.report.end, first.untold]).toEqual(['done', ['the monitor at ping_url answered 503']]);
  const gone = await wake({ pingUrl: 'http://127.0.0.1:9/secret', metricsFile: join(place, 'nowhere', 'x.prom') });
  expect(gone.untold).toEqual([
    expect.stringContaining('the metrics were not written: there is no directory'),
    expect.stringMatching(/^the monitor at ping_url did not answer \(/),
  ]);
  expect(JSON.stringify([gone.untold, logged()])).not.toContain('secret');
});

it('what keeps it from beginning is in the log and the metrics, too', async () => {
  const wrong = { ...ctx, clock: { now: () => Date.now() + 90_000 } };
  await expect(wake({}, wrong)).rejects.toMatchObject({ code: 'clock_off' });
  expect(logged().at(-1)).toMatchObject({ level: 'error', msg: 'not begun', code: 'clock_off' });
  expect(readFileSync(watchers.metricsFile!, 'utf8')).toContain('revshare_run_due_exit_code{programme="main"} 4');
});
