import type { RunOrigin } from '../db/queries/job-runs.ts';
import type { CatchUp, Schedule } from '../domain/schedules.ts';
import type { Context, Unit } from '../services/context.ts';

/** One claimed attempt: what a job may read and must carry into every guarded write. */
export interface ClaimedRun {
  readonly id: number;
  readonly attempt: number;
  readonly businessDate: string;
  /** Whether the schedule runs this date, or a person. */
  readonly origin: RunOrigin;
  /** Everything rating may read is read as known at this number. */
  readonly knownSeq: number;
  /** How long the claim holds without a sign of life; every guarded write renews it for as long again. */
  readonly leaseSeconds: number;
}

export interface JobOutcome<Summary = Readonly<Record<string, unknown>>> {
  /** One line of JSON for cron mail and `job history`. */
  readonly summary: Summary;
  /** Items that could not be done while the rest went on, or what a check found. */
  readonly failures?: readonly string[];
}

/** What is claimed, run and recorded under a name. */
export interface Work<Summary = Readonly<Record<string, unknown>>> {
  readonly name: string;
  /** How long its worker may be silent before the claim ends; default a minute. Of a killed one it ends at once. */
  readonly leaseSeconds?: number;
  run(work: { ctx: Context; unit: Unit; run: ClaimedRun }): Promise<JobOutcome<Summary>>;
}

/** One file in jobs/ defines one; jobs/index.ts lists them by hand, in the order of a night. */
export interface Job extends Work {
  readonly summary: string;
  readonly schedule: Schedule;
  /** What becomes of dates on which no scheduler was awake. */
  readonly catchUp: CatchUp;
  /** It only looks: what its failures are is differences, and they end with exit code 7 instead of 6. */
  readonly checks?: boolean;
}
