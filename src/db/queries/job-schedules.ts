import { list } from '../arrays.ts';
import type { Connection } from '../connection.ts';

export interface JobProgress {
  readonly job: string;
  /** The first date that may be due; null where no scheduler has seen the job yet. */
  readonly startsOn: string | null;
  /** The last date that the schedule has done; null where there is none. */
  readonly doneUntil: string | null;
}

/** How far the schedule of each of these jobs has come, in their order. Reads only. */
export async function jobProgress(tx: Connection, jobs: readonly string[]): Promise<JobProgress[]> {
  return [
    ...(await tx.sql<JobProgress[]>`
      select n.job, s.starts_on as "startsOn", d.business_date as "doneUntil"
      from unnest(${list(jobs)}::text[]) with ordinality n (job, position)
      left join job_schedules s on s.job = n.job
      left join lateral (
        select business_date from job_runs r
        where r.job = n.job and r.scope = '' and r.origin = 'schedule' and r.status in ('succeeded', 'partly')
        order by business_date desc limit 1) d on true
      order by n.position`),
  ];
}

/** Begins the schedules of jobs that have none; of those that have one nothing changes. */
export async function beginSchedules(
  tx: Connection,
  begun: readonly { readonly job: string; readonly startsOn: string }[],
): Promise<void> {
  await tx.sql`
    insert into job_schedules (job, starts_on)
    select * from unnest(${list(begun.map(({ job }) => job))}::text[], ${list(begun.map(({ startsOn }) => startsOn))}::date[])
    on conflict (job) do nothing`;
}

export interface LastRun {
  readonly job: string;
  /** Whether the last attempt, by whomever, failed or was lost. */
  readonly isFailed: boolean;
  /** When one last came to its end, in seconds of the epoch, and how long it took; null where none has. */
  readonly doneAt: number | null;
  readonly doneSeconds: number | null;
}

/** How each of these jobs was last run; those that never were are left out. Reads only. */
export async function lastRuns(tx: Connection, jobs: readonly string[]): Promise<LastRun[]> {
  return [
    ...(await tx.sql<LastRun[]>`
      select n.job, l.status in ('failed', 'lost') as "isFailed", extract(epoch from d.finished_at)::float8 as "doneAt",
        extract(epoch from d.finished_at - d.recorded_at)::float8 as "doneSeconds"
      from unnest(${list(jobs)}::text[]) n (job)
      join lateral (select status from job_runs r where r.job = n.job and r.scope = '' order by r.id desc limit 1) l on true
      left join lateral (
        select recorded_at, finished_at from job_runs r
        where r.job = n.job and r.scope = '' and r.status in ('succeeded', 'partly') order by r.id desc limit 1) d on true`),
  ];
}
