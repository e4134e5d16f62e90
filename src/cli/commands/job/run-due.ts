import { createHash } from 'node:crypto';
import { RefusedError } from '../../../domain/errors.ts';
import { dueSummary, type DueSummary } from '../../../runner/due-summary.ts';
import { runDue, type DueReport } from '../../../runner/run-due.ts';
import type { FinishedRun } from '../../../runner/run-job.ts';
import { dueRuns, readSchedule, type DueRun } from '../../../runner/schedule.ts';
import { command, type Invocation } from '../../command.ts';
import { columnsOf, toRecord } from '../../output/columns.ts';
import { plainJson } from '../../output/plain-text.ts';
import { printList } from '../../output/printer.ts';

const r = columnsOf<FinishedRun>();
const columns = [
  r.number('run', (row) => row.id),
  r.code('job', (row) => row.job),
  r.date('business_date', (row) => row.businessDate),
  r.number('attempt', (row) => row.attempt, { aside: true }),
  r.code('status', (row) => row.status),
  r.text('failures', (row) => row.failures),
  r.text('summary', (row) => row.summary, { detail: true }),
];

export const runDueCommand = command({
  verb: 'run-due',
  summary: 'run everything that is due, and catch up what was missed',
  description:
    'Runs what is due date by date, the jobs of a date in the order of `job list`. Cron may wake it as often as it likes, on ' +
    'several hosts at once: each date of a job is done once, whatever their clocks say; a clock more than 60 s off the ' +
    "database's is refused. What was missed while nobody woke it is caught up. It stops at the first failure, with that " +
    'failure’s exit code, and the next call goes on there; 6 says that some items could not be done, 7 that a check found ' +
    'differences. In a pipe it prints one line of JSON, and nothing where nothing was due, so that cron mails only news.',
  parameters: {},
  mutates: true,
  examples: [{ command: 'job run-due' }, { command: 'job run-due --dry-run' }, { command: 'job run-due --json' }],
  async run(invocation) {
    const ctx = await invocation.context();
    const { jobs } = await invocation.host.loadJobs();
    const planned = async () => dueRuns(await readSchedule(ctx, jobs), ctx.zone);
    if (invocation.dryRun) return await printPlan(invocation, await planned());
    if (invocation.plan !== null) refuseOther(invocation.plan, planOf(await planned()));

    const report = await runDue(ctx, jobs, { stop: invocation.host.interrupted });
    const summary = dueSummary(report, await readSchedule(ctx, jobs));
    await printReport(invocation, report, summary);
    if (report.end === 'failed') throw report.error;
    return summary.exit_code;
  },
});

async function printReport({ print, note }: Invocation, { runs }: DueReport, summary: DueSummary): Promise<void> {
  const { format, out } = print;
  const isNews = runs.length > 0 || summary.status !== 'done';
  if (format === 'json') {
    const ran = runs.map((row) => toRecord(columns, row));
    await out.write(`${plainJson({ ...summary, ran }, 2)}\n`);
  } else if (format === 'ndjson' || (format === null && !print.isTTY)) {
    if (isNews || format !== null) await out.write(`${plainJson(summary)}\n`);
  } else {
    await printList(print, columns, runs, (row) => String(row.id));
  }
  for (const failure of summary.failures ?? []) await note(failure);
  if (isNews || print.isTTY) await note(said(summary));
}

/** The last line, for a person. */
function said({ status, runs, due, next, at }: DueSummary): string {
  const ran = `${runs === 1 ? '1 run' : `${runs} runs`}`;
  switch (status) {
    case 'busy':
      return `${ran}; ${at!.job} for ${at!.business_date} is being run elsewhere, and what follows with it`;
    case 'stopped':
    case 'failed':
      return `${ran}; stopped${at === undefined ? '' : ` at ${at.job} for ${at.business_date}`}: ${due} due still`;
    case 'done':
    case 'partly':
    case 'differences':
      return runs === 0 ? `nothing is due before ${next}` : `${ran}; the next is due ${next}`;
  }
}

// ── What would be run ─────────────────────────────────────────────────────────────────────────────────────────────────

const d = columnsOf<DueRun>();
const dueColumns = [d.code('job', (row) => row.job.name), d.date('business_date', (row) => row.businessDate)];

/** What each would write only the one before it decides: `job run JOB --for DATE --dry-run` tries one. */
async function printPlan(invocation: Invocation, due: readonly DueRun[]): Promise<void> {
  const { print } = invocation;
  const plan = planOf(due);
  if (print.format === 'json' || print.format === 'ndjson') {
    const record = {
      dry_run: true,
      plan,
      due: due.map(({ job, businessDate }) => ({ job: job.name, business_date: businessDate })),
    };
    await print.out.write(`${plainJson(record, print.format === 'json' ? 2 : undefined)}\n`);
  } else {
    await printList(print, dueColumns, due, ({ job, businessDate }) => `${job.name} ${businessDate}`);
  }
  await invocation.note(
    due.length === 0
      ? 'dry run: nothing is due'
      : `dry run: nothing was run; --plan ${plan} runs exactly this, or refuses`,
  );
}

function planOf(due: readonly DueRun[]): string {
  const lines = due.map(({ job, businessDate }) => `${job.name} ${businessDate}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex').slice(0, 12);
}

function refuseOther(wanted: string, now: string): void {
  if (now === wanted) return;
  throw new RefusedError('plan_changed', `what is due is now plan ${now}, not ${wanted}`, {
    hint: 'look again with --dry-run',
  });
}
