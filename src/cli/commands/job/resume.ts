import { resumable } from '../../../runner/resumable.ts';
import { runJob } from '../../../runner/run-job.ts';
import { command } from '../../command.ts';
import { argument } from '../../parameters.ts';
import { readRun } from './run-number.ts';
import { jobNamed } from './named-job.ts';
import { printRun } from './outcome.ts';
import { findJobRun } from '../../../services/job/list-runs.ts';

export const resume = command({
  verb: 'resume',
  summary: 'go on with a run that failed, was lost or is partly done',
  description:
    'Runs the job of that run for its business date again, as a new attempt: what was done stands, and it goes on from ' +
    'there. What the schedule still owes is then done, and `job run-due` goes on behind it.',
  parameters: { run: argument('RUN', 'the number of the run', { read: readRun }) },
  mutates: true,
  finishesUnit: true,
  examples: [
    // Nothing failed there: a run that succeeded has nothing left.
    { command: 'job resume 1', setup: ['job run accrue-commissions'], exit: 3 },
  ],
  async run(invocation, input) {
    const ctx = await invocation.context();
    const found = await findJobRun(ctx, input.run);
    const job = await jobNamed(invocation, found.job);
    const { businessDate, origin } = await resumable(ctx, job, found);
    await invocation.note(`${job.name} for ${businessDate} (${ctx.zone})${invocation.dryRun ? ', dry run' : ''}`);
    const finished = await runJob(ctx, job, businessDate, { origin, stop: invocation.host.interrupted });
    return await printRun(invocation, finished, job, ctx.report.plan);
  },
});
