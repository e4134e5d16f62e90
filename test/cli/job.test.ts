import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { IntegrityError, RefusedError } from '../../src/domain/errors.ts';
import type { DueSummary } from '../../src/runner/due-summary.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { Diary } from '../support/schedulers.ts';
import { run, shell } from './terminal.ts';

/** What cron and a person see of jobs that do what a test wants: exit codes, one line for the mail, signals. */
let database: TestDatabase;
let diary: Diary;
let interrupt: AbortController;
let type: ReturnType<typeof shell>;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => await database.drop());
/** Each test on a day of its own: what the schedule has done it has done for all of them. */
let day = 9;
let date: string;
beforeEach(() => {
  day += 1;
  date = `2026-09-${day}`;
  diary = new Diary();
  interrupt = new AbortController();
  const jobs = [
    diary.job('first', { every: 'day', at: '01:00' }, { catchUp: 'latest' }),
    diary.job('check', { every: 'day', at: '02:00' }, { catchUp: 'latest', checks: true }),
  ];
  type = shell(database, {
    now: Date.parse(`${date}T04:00:00Z`),
    host: { interrupted: interrupt.signal, loadJobs: async () => ({ jobs }) },
  });
});

const summaryOf = (stdout: string) => JSON.parse(stdout) as DueSummary;

describe('run-due', () => {
  test('tells cron in one line what it did, and nothing where nothing was due', async () => {
    const ran = await type('job run-due');
    expect(ran).toMatchObject({ code: 0, stderr: `2 runs; the next is due 2026-09-${day + 1} 01:00\n` });
    expect(ran.stdout.split('\n')).toHaveLength(2);
    expect(summaryOf(ran.stdout)).toEqual({
      ...{ status: 'done', exit_code: 0, runs: 2, from: date, to: date, jobs: { first: 1, check: 1 }, due: 0 },
      next: `2026-09-${day + 1} 01:00`,
    });
    expect(await type('job run-due')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('where another host is at it already there is nothing to mail', async () => {
    let other = { code: 1, stdout: '?', stderr: '?' };
    diary.acts.set(`first ${date}`, async () => {
      other = await type('job run-due');
    });
    expect((await type('job run-due')).code).toBe(0);
    expect(other).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('a failure has its own exit code, behind the line', async () => {
    diary.acts.set(`first ${date}`, async () => {
      throw new RefusedError('not_today', 'a reason');
    });
    const ran = await type('job run-due');
    expect(ran.code).toBe(3);
    expect(summaryOf(ran.stdout)).toMatchObject({ status: 'failed', exit_code: 3, runs: 0, due: 2 });
    expect(ran.stderr).toBe(`0 runs; stopped at first for ${date}: 2 due still\nerror[not_today]: a reason\n`);
  });

  test('items that could not be done are 6, what a check finds is 7', async () => {
    diary.acts.set(`first ${date}`, async () => ({ summary: {}, failures: ['acme was left'] }));
    expect(await type('job run first')).toMatchObject({ code: 6 });
    diary.acts.set(`check ${date}`, async () => ({ summary: {}, failures: ['a cent'] }));
    expect(await type('job run check')).toMatchObject({ code: 7 });
    const ran = await type('job run-due -o id');
    expect(ran.code).toBe(7);
    expect(ran.stderr).toContain(`first for ${date}: acme was left\ncheck for ${date}: a cent\n`);
  });

  test('a plan is what is due: carried out while it is, refused once it is not', async () => {
    const { plan, due } = JSON.parse((await type('job run-due --dry-run --json')).stdout) as {
      plan: string;
      due: unknown[];
    };
    expect(due).toHaveLength(2);
    expect(diary.take()).toEqual([]);
    expect((await type(`job run-due --plan ${plan}`)).code).toBe(0);
    expect(diary.take()).toHaveLength(2);
    expect((await type(`job run-due --plan ${plan}`)).stderr).toContain('error[plan_changed]');
  });
});

describe('asked to stop', () => {
  const stopIn = (line: string) =>
    diary.acts.set(line, async (unit) => {
      await unit(async (tx) => {
        interrupt.abort();
        await tx.sql`select pg_sleep(0.05)`;
      });
    });

  test('run-due and run finish the unit of work and end with 130', async () => {
    stopIn(`first ${date}`);
    const ran = await type('job run-due');
    expect([ran.code, summaryOf(ran.stdout).status]).toEqual([130, 'stopped']);
    expect((await type('job run first')).stderr).toContain('error[stopped]');
    const history = shell(database);
    const [stopped] = JSON.parse((await history('job history --status failed --limit 1 --json')).stdout) as {
      error: string;
    }[];
    expect(stopped?.error).toContain('stopped between two units');
  });

  test('start finishes the unit of work, and that is how it ends', async () => {
    stopIn(`check ${date}`);
    const ran = await type('job start');
    expect(ran.code).toBe(0);
    expect(diary.take()).toEqual([`first ${date}`]);
    expect(ran.stderr).toBe('waking every minute for programme main (UTC)\nstopped\n');
    expect(summaryOf(ran.stdout)).toMatchObject({ status: 'stopped', runs: 1, due: 1 });
  });
});

describe('start', () => {
  test('runs what is due when it wakes, a line a wake', async () => {
    const ran = await type('job start --wakes 1');
    expect([ran.code, summaryOf(ran.stdout).runs]).toEqual([0, 2]);
  });

  test('goes on after a failure, and says when it tries again', async () => {
    diary.acts.set(`first ${date}`, async () => {
      throw new RefusedError('not_today', 'a reason');
    });
    const ran = await type('job start --wakes 1');
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('error[not_today]: a reason; tried again in 1 min\n');
  });

  test('ends where the books disagree', async () => {
    diary.acts.set(`first ${date}`, async () => {
      throw new IntegrityError('books_differ', 'by a cent');
    });
    expect(await type('job start')).toMatchObject({ code: 5, stderr: expect.stringContaining('error[books_differ]') });
  });
});

describe('install', () => {
  test('wants to know for which scheduler, and of an image for a pod', async () => {
    expect((await type('job install')).stderr).toContain('--systemd, --cron or --kubernetes');
    expect((await type('job install --systemd --cron')).code).toBe(2);
    expect((await type('job install --kubernetes')).stderr).toContain('missing: --image');
    const nowhere = await run(['job', 'install', '--kubernetes', '--image', 'x']);
    expect(nowhere.stderr).toContain('error[database_url_needed]');
  });

  test('prints files, never a password, and says where it belongs', async () => {
    const env = { DATABASE_URL: 'postgres://cron:hunter2@db/books' };
    const ran = await run(['job', 'install', '--cron', '--secrets', '/etc/cron.secrets'], { env });
    expect(ran.stdout).toMatch(/^# crontab\n# revshare.*\n\*\/5 .*\. \/etc\/cron\.secrets; .* job run-due\n$/);
    expect(ran.stderr).toContain('/etc/cron.secrets, readable by');
    expect(ran.stdout + ran.stderr).not.toContain('hunter2');
    const files = JSON.parse((await run(['job', 'install', '--systemd', '--json'], { env })).stdout) as {
      name: string;
    }[];
    expect(files.map(({ name }) => name)).toEqual([
      '/etc/systemd/system/revshare-main.service',
      '/etc/systemd/system/revshare-main.timer',
    ]);
  });
});
