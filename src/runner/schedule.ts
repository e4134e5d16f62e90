import { beginSchedules, jobProgress } from '../db/queries/job-schedules.ts';
import { addDays } from '../domain/dates.ts';
import { datesDue, dueAt, firstDate, nextDue } from '../domain/schedules.ts';
import type { Context } from '../services/context.ts';
import { today } from '../services/today.ts';
import type { Job } from './job.ts';

/** A job, where its schedule stands, and what is due of it. */
export interface ScheduledJob {
  readonly job: Job;
  /** Null where no scheduler has been at work yet. */
  readonly startsOn: string | null;
  readonly doneUntil: string | null;
  /** Dates that have come and are to be run, in order. */
  readonly due: readonly string[];
  /** The next date to come, and its instant in epoch milliseconds. */
  readonly next: { readonly date: string; readonly at: number };
}

/** Where the schedule of every job stands, by the clock of the context. Reads only. */
export async function readSchedule(ctx: Context, jobs: readonly Job[]): Promise<ScheduledJob[]> {
  const progress = await jobProgress(
    ctx.db,
    jobs.map(({ name }) => name),
  );
  const moment = { now: ctx.clock.now(), zone: ctx.zone };
  return progress.map(({ startsOn, doneUntil }, index) => {
    const job = jobs[index]!;
    const from = doneUntil === null ? (startsOn ?? firstDate(job.schedule, today(ctx))) : addDays(doneUntil, 1);
    return { job, startsOn, doneUntil, due: datesDue(job, from, moment), next: nextDue(job.schedule, moment) };
  });
}

/** Begins the schedule of every job that has none with today: what lies before was nobody's to run. Writes. */
export async function beginSchedule(ctx: Context, jobs: readonly Job[]): Promise<void> {
  const known = await jobProgress(
    ctx.db,
    jobs.map(({ name }) => name),
  );
  const day = today(ctx);
  const fresh = jobs
    .filter((_, index) => known[index]!.startsOn === null)
    .map(({ name, schedule }) => ({ job: name, startsOn: firstDate(schedule, day) }));
  if (fresh.length > 0) await ctx.write(async (tx) => await beginSchedules(tx, fresh));
}

/** A job and the date it is due for. */
export interface DueRun {
  readonly job: Job;
  readonly businessDate: string;
}

/**
 * What is due, in the order in which the nights would have run it: by the instant at which each became due, and of one
 * instant as the jobs are listed.
 */
export function dueRuns(schedule: readonly ScheduledJob[], zone: string): DueRun[] {
  return schedule
    .flatMap(({ job, due }, position) =>
      due.map((businessDate) => ({ job, businessDate, at: dueAt(job.schedule, businessDate, zone), position })),
    )
    .sort((a, b) => a.at - b.at || a.position - b.position)
    .map(({ job, businessDate }) => ({ job, businessDate }));
}
