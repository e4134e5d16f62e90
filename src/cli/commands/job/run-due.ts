import { createHash } from 'node:crypto';
import { RefusedError } from '../../../domain/errors.ts';
import { dueRuns, readSchedule, type DueRun } from '../../../runner/schedule.ts';
import { runDueWatched } from '../../../runner/watched.ts';
import { withoutPlan } from '../../../services/mutation.ts';
import { command, type Invocation } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { plainJson } from '../../output/plain-text.ts';
import { printList } from '../../output/printer.ts';
import { printReport } from './due-report.ts';

export const runDueCommand = command({
  verb: 'run-due',
  summary: 'run everything that is due, and catch up what was missed',
  description:
    'Runs what is due date by date, the jobs of a date in the order of `job list`. Cron may wake it as often as it likes, on ' +
    'several hosts at once: each date of a job is done once, whatever their clocks say; a clock more than 60 s off the ' +
    "database's is refused. What was missed while nobody woke it is caught up. It stops at the first failure, with that " +
    'failure’s exit code, and the next call goes on there; 6 says that some items could not be done, 7 that a check found ' +
    'differences. In a pipe it prints one line of JSON, and nothing where nothing was run, so that cron mails only news.',
  parameters: {},
  mutates: true,
  finishesUnit: true,
  examples: [{ command: 'job run-due' }, { command: 'job run-due --dry-run' }, { command: 'job run-due --json' }],
  async run(invocation) {
    const ctx = await invocation.context();
    const { jobs } = await invocation.host.loadJobs();
    const planned = async () => dueRuns(await readSchedule(ctx, jobs), ctx.zone);
    if (invocation.dryRun) return await printPlan(invocation, await planned());
    if (invocation.plan !== null) refuseOther(invocation.plan, planOf(await planned()));

    const { report, summary, untold } = await runDueWatched(withoutPlan(ctx), jobs, invocation.config.watchers, {
      stop: invocation.host.interrupted,
      stderr: invocation.host.io.stderr,
    });
    await printReport(invocation, report, summary);
    for (const text of untold) await invocation.note(text);
    if (report.end === 'failed') throw report.error;
    return summary.exit_code;
  },
});

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
