import { parseDate } from '../../../domain/dates.ts';
import { findJobRun, listJobRuns, type JobRunDetails, type JobRunRow } from '../../../services/job/list-runs.ts';
import { listCommand, showCommand, type NounRows } from '../../listing.ts';
import { columnsOf, type Column } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument, option } from '../../parameters.ts';
import { readRun } from './run-number.ts';

const r = columnsOf<JobRunRow>();
const columns: readonly Column<JobRunRow>[] = [
  r.number('run', (row) => row.id),
  r.code('job', (row) => row.job),
  r.date('business_date', (row) => row.businessDate),
  r.code('origin', (row) => row.origin, { aside: true }),
  r.number('attempt', (row) => row.attempt, { aside: true }),
  r.code('status', (row) => row.status),
  r.actor('actor', (row) => row.actor, { aside: true }),
  r.instant('started_at', (row) => row.startedAt, { aside: true }),
  r.instant('finished_at', (row) => row.finishedAt),
  r.number('known_seq', (row) => row.knownSeq, { detail: true }),
  r.text('worker', (row) => row.worker, { detail: true }),
  r.text('error', (row) => row.error),
  r.text('summary', (row) => row.summary, { detail: true }),
];
const rows: NounRows<JobRunRow> = { noun: 'run', plural: 'runs', columns, id: (row) => String(row.id) };

const accrued = ['job run accrue-commissions'];

export const history = listCommand({
  ...rows,
  verb: 'history',
  summary: 'list every attempt of every job, latest first',
  filters: {
    job: option('--job <name>', 'of this job'),
    for: option('--for <date>', 'for this business date', { read: parseDate }),
    origin: option('--origin <origin>', 'run so', { choices: ['hand', 'schedule'] }),
    status: option('--status <status>', 'that ended so', {
      choices: ['running', 'succeeded', 'partly', 'failed', 'lost'],
    }),
  },
  query: async (ctx, filter, page) => await listJobRuns(ctx, { ...filter, ...page }),
  whenEmpty: '`revshare job run-due` makes the first',
  examples: [
    { command: 'job history', setup: accrued },
    { command: 'job history --origin schedule --status failed --json', setup: accrued },
  ],
});

export const show = showCommand({
  ...rows,
  summary: 'show one run: what it did, and every attempt at its date',
  argument: argument<string>('RUN', 'the number of the run'),
  sections: [
    section(
      'attempts',
      columns.filter(({ name }) => !['job', 'business_date', 'summary'].includes(name)),
      ({ attempts }: JobRunDetails) => attempts,
    ),
  ],
  find: async (ctx, text) => await findJobRun(ctx, readRun(text)),
  examples: [
    { command: 'job show 1', setup: accrued },
    { command: 'job show 1 --json', setup: accrued },
  ],
});
