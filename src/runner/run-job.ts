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
  type RunOrigin,
} from '../db/queries/job-runs.ts';
import { translateDatabaseError } from '../db/failures.ts';
import { ExitCode, RefusedError, RevshareError, UnavailableError } from '../domain/errors.ts';
import type { Connection } from '../db/connection.ts';
import type { Context, Unit } from '../services/context.ts';
import { assertClock } from './assert-clock.ts';
import type { ClaimedRun, JobOutcome, Work } from './job.ts';

/** Chunks take a second or two: a worker silent for this long stands still. */
const LEASE_SECONDS = 60;

export interface RunOptions {
  /** Only tests ask for another lease, so as not to wait a minute for one to end. */
  readonly leaseSeconds?: number;
  /** Whether the schedule runs this date, which it does once; default by hand. */
  readonly origin?: RunOrigin;
  /** Aborted: the unit at work is finished, and no other begun. */
  readonly stop?: AbortSignal | undefined;
}

export interface FinishedRun<Summary = Readonly<Record<string, unknown>>> extends ClaimedRun, JobOutcome<Summary> {
  readonly job: string;
  readonly status: 'succeeded' | 'partly';
  readonly dryRun: boolean;
}

/** A run that was asked to stop and did so between two units; the next one goes on from there. */
export class StoppedError extends RevshareError {
  readonly exitCode = ExitCode.interrupted;
  constructor() {
    super('stopped', 'stopped between two units of work, as it was asked to', {
      hint: 'what was done stands; the next run goes on from there',
    });
  }
}

/**
 * Claims (job, business date) under a new attempt number, runs it and records how it ended. A date may be run again by
 * hand: it then does what has become due since. While another worker holds the job and shows life, throws RefusedError
 * `job_running`; a killed worker's claim is taken over at once, a stopped one's when its lease is over, and whatever it
 * wakes up to write touches nothing.
 *
 * Writes, a commit a unit; on a dry run everything, the claim included, is rolled back. Throws UnavailableError `clock_off`,
 * StoppedError.
 */
export async function runJob<Summary = Readonly<Record<string, unknown>>>(
  ctx: Context,
  job: Work<Summary>,
  businessDate: string,
  options: RunOptions = {},
): Promise<FinishedRun<Summary>> {
  const { leaseSeconds = job.leaseSeconds ?? LEASE_SECONDS, origin = 'hand', stop } = options;
  await assertClock(ctx);
  return await ctx.batch(async (unit) => {
    const wanted = { job: job.name, businessDate, origin, leaseSeconds };
    const run = await unit(async (tx) => await claim(ctx, tx, wanted));
    try {
      const outcome = await job.run({ ctx, unit: unlessStopped(unit, stop), run });
      const status = (outcome.failures?.length ?? 0) > 0 ? 'partly' : 'succeeded';
      const error = status === 'partly' ? (outcome.failures ?? []).join('; ').slice(0, 4000) : null;
      if (!(await unit(async (tx) => await finishRun(tx, run.id, { status, summary: outcome.summary, error })))) {
        throw new UnavailableError(
          'lease_lost',
          `attempt ${run.attempt} was taken over when all of its work was done`,
          {
            hint: 'what it wrote stands; see `revshare job history`',
          },
        );
      }
      return { ...run, ...outcome, job: job.name, status, dryRun: ctx.dryRun };
    } catch (thrown) {
      // Reads outside of any unit throw what the driver throws.
      const error = translateDatabaseError(thrown);
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

/** What a run was begun with is finished; nothing more is begun. */
function unlessStopped(unit: Unit, stop: AbortSignal | undefined): Unit {
  return async (work) => {
    if (stop?.aborted === true) throw new StoppedError();
    return await unit(work);
  };
}

async function claim(
  ctx: Context,
  tx: Connection,
  wanted: { job: string; businessDate: string; origin: RunOrigin; leaseSeconds: number },
): Promise<ClaimedRun> {
  const { job, leaseSeconds } = wanted;
  const scope = '';
  await lockClaims(tx, job, scope, leaseSeconds);
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
  const run = await insertRun(tx, { ...wanted, scope, worker: `${hostname()}:${process.pid}` });
  if (!ctx.dryRun) {
    // On the plain connection, which outlives this transaction; taken before anybody can see the claim.
    await holdLifeLock(ctx.db, run.id);
  }
  return { ...run, businessDate: wanted.businessDate, origin: wanted.origin, leaseSeconds };
}
