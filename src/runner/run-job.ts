import { hostname } from 'node:os';
import {
  finishRun,
  holdLifeLock,
  insertRun,
  isWorkerAlive,
  lockClaims,
  markLost,
  releaseLifeLock,
  runningRun,
} from '../db/queries/job-runs.ts';
import { RefusedError, RevshareError } from '../domain/errors.ts';
import type { Connection } from '../db/connection.ts';
import type { Context } from '../services/context.ts';
import type { ClaimedRun, Job, JobOutcome } from './job.ts';

export interface FinishedRun extends ClaimedRun, JobOutcome {
  readonly job: string;
  readonly status: 'succeeded' | 'partly';
  readonly dryRun: boolean;
}

/**
 * Claims (job, business date) under a new attempt number, runs it and records how it ended. A date may be run again: it
 * then does what has become due since. While another worker holds the job and shows life, throws RefusedError
 * `job_running`; a killed worker's claim is taken over at once, a stopped one's when its lease is over, and whatever it
 * wakes up to write touches nothing.
 *
 * Writes, a commit a unit; on a dry run everything, the claim included, is rolled back.
 */
export async function runJob(ctx: Context, job: Job, businessDate: string): Promise<FinishedRun> {
  return await ctx.batch(async (unit) => {
    const run = await unit(async (tx) => await claim(ctx, tx, job.name, businessDate));
    try {
      const outcome = await job.run({ ctx, unit, run });
      const status = (outcome.failures?.length ?? 0) > 0 ? 'partly' : 'succeeded';
      const error = status === 'partly' ? (outcome.failures ?? []).join('; ').slice(0, 4000) : null;
      await unit(async (tx) => await finishRun(tx, run.id, { status, summary: outcome.summary, error }));
      return { ...run, ...outcome, job: job.name, status, dryRun: ctx.dryRun };
    } catch (error) {
      if (!ctx.dryRun) {
        const code = error instanceof RevshareError ? `${error.code}: ${error.message}` : String(error);
        // Best effort: without a connection the claim is taken over by the next run.
        await unit(
          async (tx) => await finishRun(tx, run.id, { status: 'failed', summary: null, error: code.slice(0, 4000) }),
        ).catch(() => {});
      }
      throw error;
    } finally {
      if (!ctx.dryRun) {
        await releaseLifeLock(ctx.db, run.id).catch(() => {});
      }
    }
  });
}

async function claim(ctx: Context, tx: Connection, job: string, businessDate: string): Promise<ClaimedRun> {
  const scope = '';
  await lockClaims(tx, job, scope);
  const holder = await runningRun(tx, job, scope);
  if (holder !== null) {
    if (!holder.leaseOver && (await isWorkerAlive(tx, holder.id))) {
      throw new RefusedError(
        'job_running',
        `${job} is already running for ${holder.businessDate} (run ${holder.id} by ${holder.createdBy}, ${holder.worker})`,
        {
          hint: `wait for it; if that worker hangs, its claim ends at ${holder.leaseUntil}`,
          details: { run: holder.id },
        },
      );
    }
    await markLost(tx, holder.id);
  }
  const run = await insertRun(tx, { job, scope, businessDate, worker: `${hostname()}:${process.pid}` });
  if (!ctx.dryRun) {
    // On the plain connection, which outlives this transaction; taken before anybody can see the claim.
    await holdLifeLock(ctx.db, run.id);
  }
  return { ...run, businessDate };
}
