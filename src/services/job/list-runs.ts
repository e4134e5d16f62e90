import { listRuns, type JobRunRow } from '../../db/queries/job-runs.ts';
import type { Context } from '../context.ts';

export type { JobRunRow } from '../../db/queries/job-runs.ts';

/** Every attempt of every job, latest first. Reads only. */
export async function listJobRuns(
  ctx: Context,
  filter: { job?: string | undefined; status?: string | undefined; limit: number; offset: number },
): Promise<JobRunRow[]> {
  return await listRuns(ctx.db, filter);
}
