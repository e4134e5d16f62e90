import { ExitCode, UsageError } from '../../../domain/errors.ts';
import { parseDate } from '../../../domain/dates.ts';
import { didYouMean } from '../../../domain/near-names.ts';
import type { Job } from '../../../runner/job.ts';
import { jobDate } from '../../../runner/job-date.ts';
import { runJob, type FinishedRun } from '../../../runner/run-job.ts';
import { listJobRuns, type JobRunRow } from '../../../services/job/list-runs.ts';
import { command, type Command, type Invocation } from '../../command.ts';
import { listCommand } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { plainJson } from '../../output/plain-text.ts';
import { printList } from '../../output/printer.ts';
import { argument, option } from '../../parameters.ts';

interface JobRow extends Pick<Job, 'name' | 'schedule' | 'summary'> {
  readonly last: JobRunRow | null;
}

const j = columnsOf<JobRow>();
const list = command({
  verb: 'list',
  summary: 'list the jobs, their schedule and how they last ended',
  parameters: {},
  examples: [{ command: 'job list' }],
  async run(invocation) {
    const ctx = await invocation.context();
    const { jobs } = await invocation.host.loadJobs();
    const rows: JobRow[] = [];
    for (const job of jobs) {
      const [last] = await listJobRuns(ctx, { job: job.name, limit: 1, offset: 0 });
      rows.push({ name: job.name, schedule: job.schedule, summary: job.summary, last: last ?? null });
    }
    const columns = [
      j.code('job', (row) => row.name),
      j.code('schedule', (row) => row.schedule),
      j.date('last_date', (row) => row.last?.businessDate),
      j.code('last_status', (row) => row.last?.status),
      j.instant('last_finished', (row) => row.last?.finishedAt),
      j.text('summary', (row) => row.summary),
    ];
    await printList(invocation.print, columns, rows, (row) => row.name);
  },
});

const run = command({
  verb: 'run',
  summary: 'run a job now, for a business date',
  description:
    'Claims the job for the date and runs it; a date may be run again and then does what has become due since. One ' +
    'worker at a time: a second one is refused with exit code 3, a killed one is taken over at once. Dates are business ' +
    "dates in the programme's zone; the default and the latest is today.",
  parameters: {
    job: argument<string>('JOB', 'the job, as `job list` shows it'),
    for: option('--for <date>', 'the business date to run for (default and latest: today)', { read: parseDate }),
  },
  mutates: true,
  examples: [
    { command: 'job run accrue-commissions --for 2026-10-31' },
    { command: 'job run accrue-commissions --for 2026-10-31 --dry-run --json' },
  ],
  async run(invocation, input) {
    const job = await jobNamed(invocation, input.job);
    const ctx = await invocation.context();
    const date = jobDate(ctx, input.for);
    await invocation.note(`${job.name} for ${date} (${ctx.zone})${invocation.dryRun ? ', dry run' : ''}`);
    const finished = await runJob(ctx, job, date);
    await printRun(invocation, finished, ctx.report.plan);
    return finished.status === 'partly' ? ExitCode.partial : ExitCode.ok;
  },
});

async function jobNamed(invocation: Invocation, name: string): Promise<Job> {
  const { jobs } = await invocation.host.loadJobs();
  const job = jobs.find((one) => one.name === name);
  if (job === undefined) {
    const hint = didYouMean(
      name,
      jobs.map((one) => one.name),
    );
    throw new UsageError('job_unknown', `there is no job '${name}'`, {
      hint: hint ?? '`revshare job list` shows them',
    });
  }
  return job;
}

async function printRun({ print, note }: Invocation, finished: FinishedRun, plan: string | null): Promise<void> {
  const { job, businessDate, attempt, status, dryRun, summary, failures = [] } = finished;
  const record = {
    job,
    business_date: businessDate,
    attempt,
    status,
    ...(dryRun ? { dry_run: true, plan } : { run: finished.id }),
    ...summary,
    ...(failures.length === 0 ? {} : { failures }),
  };
  if (print.format === 'json' || print.format === 'ndjson' || (print.format === null && !print.isTTY)) {
    // One line, also without being asked: cron mails it and logs keep it.
    await print.out.write(`${plainJson(record, print.format === 'json' ? 2 : undefined)}\n`);
  } else if (print.format === 'id') {
    await print.out.write(`${finished.id}\n`);
  } else {
    await printOutcome(print, record);
  }
  for (const failure of failures) await note(failure);
  if (dryRun)
    await note(`dry run: nothing was written${plan === null ? '' : `; --plan ${plan} does exactly this, or refuses`}`);
}

/** What a job says of itself, for a person: a line a fact, and a table for what it lists. */
async function printOutcome(print: Invocation['print'], record: Readonly<Record<string, unknown>>): Promise<void> {
  const facts = Object.entries(record);
  const c = columnsOf<[string, unknown]>();
  const columns = [c.code('what', ([name]) => name), c.text('value', ([, value]) => told(value))];
  await printList(
    print,
    columns,
    facts.filter(([, value]) => !isTable(value)),
    ([name]) => name,
  );
  for (const [name, value] of facts) {
    if (!isTable(value)) continue;
    await print.out.write(`\n${name}\n`);
    const t = columnsOf<Readonly<Record<string, unknown>>>();
    const named = Object.keys(value[0]!).map((key) => t.text(key, (row) => told(row[key])));
    await printList(print, named, value, (row) => told(Object.values(row)[0]));
  }
}

function isTable(value: unknown): value is readonly [Readonly<Record<string, unknown>>] {
  return Array.isArray(value) && value.length > 0 && value.every((row) => typeof row === 'object' && row !== null);
}

/** `{"excluded":2,"unchanged":1}` as a person would say it: excluded 2, unchanged 1. */
function told(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(told).join(', ');
  if (typeof value !== 'object') return plainJson(value);
  return Object.entries(value)
    .map(([name, part]) => `${name} ${told(part)}`)
    .join(', ');
}

const historyFilters = {
  job: option('--job <name>', 'of this job'),
  status: option('--status <status>', 'that ended so', {
    choices: ['running', 'succeeded', 'partly', 'failed', 'lost'],
  }),
};

const r = columnsOf<JobRunRow>();
const history = listCommand({
  noun: 'run',
  plural: 'runs',
  verb: 'history',
  summary: 'list every attempt of every job, latest first',
  id: (row) => String(row.id),
  columns: [
    r.number('run', (row) => row.id),
    r.code('job', (row) => row.job),
    r.date('business_date', (row) => row.businessDate),
    r.number('attempt', (row) => row.attempt, { aside: true }),
    r.code('status', (row) => row.status),
    r.actor('actor', (row) => row.actor, { aside: true }),
    r.instant('started_at', (row) => row.startedAt, { aside: true }),
    r.instant('finished_at', (row) => row.finishedAt),
    r.number('known_seq', (row) => row.knownSeq, { detail: true }),
    r.text('worker', (row) => row.worker, { detail: true }),
    r.text('error', (row) => row.error),
    r.text('summary', (row) => (row.summary === null ? null : plainJson(row.summary)), { detail: true }),
  ],
  filters: historyFilters,
  query: async (ctx, filter, page) => await listJobRuns(ctx, { ...filter, ...page }),
  whenEmpty: '`revshare job run accrue-commissions` makes the first',
  examples: [{ command: 'job history', setup: ['job run accrue-commissions'] }],
});

export const commands: readonly Command[] = [list, run, history];
