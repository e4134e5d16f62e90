import { listRuns, type JobRunRow, type RunFilter } from '../../db/queries/job-runs.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';

export type { JobRunRow } from '../../db/queries/job-runs.ts';

/** Every attempt of every job, latest first. Reads only. */
export async function listJobRuns(ctx: Context, filter: RunFilter): Promise<JobRunRow[]> {
  return await listRuns(ctx.db, filter);
}

export interface JobRunDetails extends JobRunRow {
  /** Every attempt of its job at its date, itself included, latest first. */
  readonly attempts: readonly JobRunRow[];
}

/** More attempts at one date than anybody looks through. */
const MOST_ATTEMPTS = 100;

/** One run. Reads only. Throws NotFoundError `run_not_found`. */
export async function findJobRun(ctx: Context, id: number): Promise<JobRunDetails> {
  const [run] = await listRuns(ctx.db, { id, limit: 1, offset: 0 });
  if (run === undefined) {
    throw new NotFoundError('run', String(id), '`revshare job history` shows what there is');
  }
  const of = { job: run.job, for: run.businessDate, limit: MOST_ATTEMPTS, offset: 0 };
  return { ...run, attempts: await listRuns(ctx.db, of) };
}
