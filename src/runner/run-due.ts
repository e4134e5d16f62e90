import { RefusedError } from '../domain/errors.ts';
import type { Context } from '../services/context.ts';
import { assertClock } from './assert-clock.ts';
import type { Job } from './job.ts';
import { runJob, StoppedError, type FinishedRun } from './run-job.ts';
import { beginSchedule, dueRuns, readSchedule, type DueRun } from './schedule.ts';

export interface DueOptions {
  /** Aborted: the unit of work at hand is finished, and no other begun. */
  readonly stop?: AbortSignal | undefined;
  /** Told of each run as it begins and ends. */
  readonly onRun?: (event: RunEvent) => void;
}

export type RunEvent =
  | { readonly what: 'begun'; readonly due: DueRun }
  | { readonly what: 'finished'; readonly run: FinishedRun }
  | { readonly what: 'failed'; readonly due: DueRun; readonly error: unknown };

export interface DueReport {
  /** Everything that was due, in order, as far as it came. */
  readonly runs: readonly FinishedRun[];
  /**
   * `done`: nothing is due any more. `busy`: another worker is at it, and goes on. `stopped`: it was asked to. `failed`: a
   * job failed, and what comes after it waits until it does not.
   */
  readonly end: 'done' | 'busy' | 'stopped' | 'failed';
  /** Which run it was that failed, or that another worker has. */
  readonly at: DueRun | null;
  readonly error: unknown;
}

/**
 * Runs everything that is due, night by night and the jobs of a night in their listed order, and catches up by it what was
 * missed. Each date of a job is done once, however many schedulers wake up and whatever their clocks say: what the
 * schedule has done stands in the database. The first failure stops it, since what comes later builds on what came before.
 *
 * Writes. Throws UnavailableError `clock_off`; what a job throws is in the report.
 */
export async function runDue(ctx: Context, jobs: readonly Job[], options: DueOptions = {}): Promise<DueReport> {
  const { stop, onRun = () => {} } = options;
  await assertClock(ctx);
  await beginSchedule(ctx, jobs);
  const runs: FinishedRun[] = [];
  for (;;) {
    // Read anew each time: another scheduler may have gone on meanwhile, and a long catch-up reaches the next night.
    const [due] = dueRuns(await readSchedule(ctx, jobs), ctx.zone);
    if (due === undefined) return { runs, end: 'done', at: null, error: null };
    if (stop?.aborted === true) return { runs, end: 'stopped', at: null, error: null };
    onRun({ what: 'begun', due });
    try {
      const run = await runJob(ctx, due.job, due.businessDate, { origin: 'schedule', stop });
      onRun({ what: 'finished', run });
      runs.push(run);
    } catch (error) {
      if (isDoneElsewhere(error)) continue;
      if (error instanceof RefusedError && error.code === 'job_running') return { runs, end: 'busy', at: due, error };
      onRun({ what: 'failed', due, error });
      return { runs, end: error instanceof StoppedError ? 'stopped' : 'failed', at: due, error };
    }
  }
}

/** Another scheduler has done this date since it was found to be due. */
const isDoneElsewhere = (error: unknown): boolean => error instanceof RefusedError && error.code === 'date_done';
