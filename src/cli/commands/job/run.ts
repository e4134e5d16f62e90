import { parseDate } from '../../../domain/dates.ts';
import { jobDate } from '../../../runner/job-date.ts';
import { runJob } from '../../../runner/run-job.ts';
import { command } from '../../command.ts';
import { argument, option } from '../../parameters.ts';
import { jobNamed } from './named-job.ts';
import { printRun } from './outcome.ts';

export const run = command({
  verb: 'run',
  summary: 'run a job now, for a business date',
  description:
    'Claims the job for the date and runs it; a date may be run again and then does what has become due since. One ' +
    'worker at a time: a second one is refused with exit code 3, a killed one is taken over at once. Dates are business ' +
    "dates in the programme's zone; the default and the latest is today. It takes nothing from the schedule, which `job " +
    'run-due` runs.',
  parameters: {
    job: argument<string>('JOB', 'the job, as `job list` shows it'),
    for: option('--for <date>', 'the business date to run for (default and latest: today)', { read: parseDate }),
  },
  mutates: true,
  finishesUnit: true,
  examples: [
    { command: 'job run accrue-commissions --for 2026-10-31' },
    { command: 'job run accrue-commissions --for 2026-10-31 --dry-run --json' },
  ],
  async run(invocation, input) {
    const job = await jobNamed(invocation, input.job);
    const ctx = await invocation.context();
    const date = jobDate(ctx, input.for);
    await invocation.note(`${job.name} for ${date} (${ctx.zone})${invocation.dryRun ? ', dry run' : ''}`);
    const finished = await runJob(ctx, job, date, { stop: invocation.host.interrupted });
    return await printRun(invocation, finished, job, ctx.report.plan);
  },
});
