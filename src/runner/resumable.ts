import type { RunOrigin } from '../db/queries/job-runs.ts';
import { RefusedError } from '../domain/errors.ts';
import type { Context } from '../services/context.ts';
import type { JobRunRow } from '../services/job/list-runs.ts';
import type { Job } from './job.ts';
import { readSchedule } from './schedule.ts';

/**
 * For which date, and as whose, a run is gone on with. A date that the schedule has not done yet stays the schedule's, so
 * that it counts as done once it is. Reads only. Throws RefusedError `run_running`, `run_succeeded`.
 */
export async function resumable(
  ctx: Context,
  job: Job,
  { id, status, businessDate, origin }: JobRunRow,
): Promise<{ readonly businessDate: string; readonly origin: RunOrigin }> {
  if (status === 'succeeded') {
    throw new RefusedError('run_succeeded', `run ${id} succeeded: there is nothing to go on with`, {
      hint: `\`revshare job run ${job.name} --for ${businessDate}\` does what has become due since`,
    });
  }
  if (status === 'running') {
    throw new RefusedError('run_running', `run ${id} has not ended`, {
      hint: `if its worker is gone, \`revshare job run ${job.name} --for ${businessDate}\` takes its claim over`,
    });
  }
  const [scheduled] = await readSchedule(ctx, [job]);
  const isOwed = origin === 'schedule' && (scheduled?.doneUntil ?? '') < businessDate;
  return { businessDate, origin: isOwed ? 'schedule' : 'hand' };
}
