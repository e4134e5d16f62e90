import type { Context, Unit } from '../services/context.ts';

/** One claimed attempt: what a job may read and must carry into every guarded write. */
export interface ClaimedRun {
  readonly id: number;
  readonly attempt: number;
  readonly businessDate: string;
  /** Everything rating may read is read as known at this number. */
  readonly knownSeq: number;
  /** How long the claim holds without a sign of life; every guarded write renews it for as long again. */
  readonly leaseSeconds: number;
}

export interface JobOutcome {
  /** One line of JSON for cron mail and `job history`. */
  readonly summary: Readonly<Record<string, unknown>>;
  /** Items that could not be done; the rest went on (exit 6). */
  readonly failures?: readonly string[];
}

/** One file in jobs/ defines one; jobs/index.ts lists them by hand, in the order of a business date. */
export interface Job {
  readonly name: string;
  readonly summary: string;
  /** When cron should wake it, in the programme's zone. */
  readonly schedule: string;
  run(work: { ctx: Context; unit: Unit; run: ClaimedRun }): Promise<JobOutcome>;
}
