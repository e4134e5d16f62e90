import type { Connection } from '../connection.ts';

/** Who had a run made: a person, or the schedule, which runs each date once. */
export type RunOrigin = 'hand' | 'schedule';

/** The server's clock, in epoch milliseconds. */
export async function databaseClock(connection: Connection): Promise<number> {
  const [row] = await connection.sql<{ now: number }[]>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`;
  return row!.now;
}

export interface RunningRun {
  readonly id: number;
  readonly attempt: number;
  readonly businessDate: string;
  readonly worker: string;
  readonly createdBy: string;
  readonly leaseUntil: string;
  readonly leaseOver: boolean;
}

/**
 * The setting that lets nobody hold locks and stand still: the server ends a transaction that waits for its client longer
 * than a lease. A stopped worker's locks would otherwise keep everybody from taking its claim over.
 */
export const idleLimit = (tx: Connection, leaseSeconds: number) =>
  tx.sql`set_config('idle_in_transaction_session_timeout', ${`${leaseSeconds}s`}, true)`;

/** One claimer of a job and scope at a time looks and writes; held to the end of the transaction. */
export async function lockClaims(tx: Connection, job: string, scope: string, leaseSeconds: number): Promise<void> {
  await tx.sql`select ${idleLimit(tx, leaseSeconds)}, pg_advisory_xact_lock(hashtextextended('revshare.claim.' || current_schema() || '.' || ${job} || '.' || ${scope}, 0))`;
}

export async function runningRun(tx: Connection, job: string, scope: string): Promise<RunningRun | null> {
  const [row] = await tx.sql<RunningRun[]>`
    select id::int, attempt, business_date as "businessDate", worker, created_by as "createdBy", lease_until as "leaseUntil",
      lease_until <= clock_timestamp() as "leaseOver"
    from job_runs where job = ${job} and scope = ${scope} and status = 'running' for update`;
  return row ?? null;
}

// A worker holds this lock on its session for as long as it lives: a killed one frees it at once, so that the next run
// need not wait for the lease; a stopped one keeps it, and then the lease decides.
const lifeLock = (tx: Connection, runId: number) =>
  tx.sql`hashtextextended('revshare.run.' || current_schema() || '.' || ${runId}::text, 0)`;

export async function isWorkerAlive(tx: Connection, runId: number): Promise<boolean> {
  const [row] = await tx.sql`select pg_try_advisory_xact_lock(${lifeLock(tx, runId)}) as free`;
  return row?.['free'] !== true;
}

/** What runs, of whatever job, and shows life. */
export async function runsAtWork(tx: Connection): Promise<{ readonly job: string; readonly businessDate: string }[]> {
  const running = await tx.sql<{ id: number; job: string; businessDate: string }[]>`
    select id::int, job, business_date as "businessDate" from job_runs
    where status = 'running' and lease_until > clock_timestamp() order by id`;
  const atWork: { job: string; businessDate: string }[] = [];
  for (const { id, job, businessDate } of running) if (await isWorkerAlive(tx, id)) atWork.push({ job, businessDate });
  return atWork;
}

export async function holdLifeLock(connection: Connection, runId: number): Promise<void> {
  await connection.sql`select pg_advisory_lock(${lifeLock(connection, runId)})`;
}

export async function releaseLifeLock(connection: Connection, runId: number): Promise<void> {
  await connection.sql`select pg_advisory_unlock(${lifeLock(connection, runId)})`;
}

export async function markLost(tx: Connection, runId: number): Promise<void> {
  await tx.sql`update job_runs set status = 'lost', finished_at = now(), error = 'the worker ended or its lease ran out' where id = ${runId}`;
}

export async function insertRun(
  tx: Connection,
  run: {
    job: string;
    scope: string;
    businessDate: string;
    origin: RunOrigin;
    worker: string;
    leaseSeconds: number;
  },
): Promise<{ id: number; attempt: number; knownSeq: number }> {
  const [row] = await tx.sql<{ id: number; attempt: number; knownSeq: number }[]>`
    insert into job_runs (job, scope, business_date, origin, attempt, status, known_seq, lease_until, worker)
    select ${run.job}, ${run.scope}, ${run.businessDate}, ${run.origin}, coalesce(max(attempt), 0) + 1, 'running',
      (select max(known_seq) from known_changes), clock_timestamp() + make_interval(secs => ${run.leaseSeconds}), ${run.worker}
    from job_runs where job = ${run.job} and scope = ${run.scope} and business_date = ${run.businessDate}
    returning id::int, attempt, known_seq::int as "knownSeq"`;
  if (row === undefined) {
    throw new Error('an insert of one row returned none');
  }
  return row;
}

/** False when the run is no longer this worker's to finish. */
export async function finishRun(
  tx: Connection,
  runId: number,
  end: { status: 'succeeded' | 'partly' | 'failed'; summary: unknown; error: string | null },
): Promise<boolean> {
  const rows = await tx.sql`
    update job_runs set status = ${end.status}, finished_at = now(), summary = ${JSON.stringify(end.summary ?? null)}::jsonb, error = ${end.error}
    where id = ${runId} and status = 'running' returning id`;
  return rows.length === 1;
}

export interface JobRunRow {
  readonly id: number;
  readonly job: string;
  readonly businessDate: string;
  readonly origin: RunOrigin;
  readonly attempt: number;
  readonly status: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly actor: string;
  readonly worker: string;
  readonly knownSeq: number | null;
  readonly summary: Record<string, unknown> | null;
  readonly error: string | null;
}

export interface RunFilter {
  readonly id?: number | undefined;
  readonly job?: string | undefined;
  /** The business date. */
  readonly for?: string | undefined;
  readonly origin?: RunOrigin | undefined;
  readonly status?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Every attempt of every job, latest first. */
export async function listRuns(tx: Connection, filter: RunFilter): Promise<JobRunRow[]> {
  return [
    ...(await tx.sql<JobRunRow[]>`
      select id::int, job, business_date as "businessDate", origin, attempt, status, recorded_at as "startedAt", finished_at as "finishedAt",
        created_by as actor, worker, known_seq::int as "knownSeq", summary, error
      from job_runs
      where (${filter.id ?? null}::bigint is null or id = ${filter.id ?? null})
        and (${filter.job ?? null}::text is null or job = ${filter.job ?? null})
        and (${filter.for ?? null}::date is null or business_date = ${filter.for ?? null})
        and (${filter.origin ?? null}::text is null or origin = ${filter.origin ?? null})
        and (${filter.status ?? null}::text is null or status = ${filter.status ?? null})
      order by id desc limit ${filter.limit} offset ${filter.offset}`),
  ];
}
