import type { Connection } from '../connection.ts';

export interface BooksStatus {
  readonly serverVersion: string;
  readonly migrations: number;
  readonly tenants: number;
  readonly partners: number;
  readonly instances: number;
  readonly events: number;
  readonly undecided: number;
  /** Had their turn, and wait for an exchange rate. */
  readonly waiting: number;
  readonly lastImport: string | null;
  readonly lastImportFile: string | null;
  readonly decidedEntries: number;
  readonly unpostedChunks: number;
  /** Payout runs with drafts that nobody, or one of two, has approved. */
  readonly runsToApprove: number;
  readonly lastRun: string | null;
}

/** The state of a programme's books in one row. Counts events by their batches, not one by one. */
export async function booksStatus(tx: Connection): Promise<BooksStatus> {
  const [row] = await tx.sql<BooksStatus[]>`
    select current_setting('server_version') as "serverVersion",
      (select count(*)::int from migrations) as migrations,
      (select count(*)::int from tenants) as tenants,
      (select count(*)::int from partners) as partners,
      (select count(*)::int from instances) as instances,
      (select coalesce(sum(last_id - first_id + 1), 0)::float8 from event_batches) as events,
      (select coalesce(sum(last_id - decided_to), 0)::float8 from event_batches where decided_to < last_id) as undecided,
      (select count(*)::int from waiting_events where decided_chunk_id is null) as waiting,
      (select max(recorded_at) from event_batches) as "lastImport",
      (select file_name from event_batches where file_name is not null order by id desc limit 1) as "lastImportFile",
      (select coalesce(sum(last_id - first_id + 1), 0)::float8 from decision_ranges) as "decidedEntries",
      (select count(*)::int from decision_chunks where id > coalesce((select max(chunk_to) from postings), 0)) as "unpostedChunks",
      (select count(distinct run_id)::int from payouts where status = 'pending') as "runsToApprove",
      (select job || ' for ' || business_date || ': ' || status from job_runs order by id desc limit 1) as "lastRun"`;
  if (row === undefined) {
    throw new Error('a select without a table returned no row');
  }
  return row;
}
