import { quoteLiteral, type Connection } from '../connection.ts';

/**
 * A moment of the books that can be visited again. An instant alone is not one: recorded_at is when a transaction began,
 * so what began before the instant and was committed after it would be missing from the first reading and there in the
 * second. The snapshot names exactly which transactions had committed when it was taken, and every fact carries the
 * transaction that made it. A fact belongs to the moment when both say so: recorded at or before the instant, by a
 * transaction the snapshot saw. Both are properties of insert-only rows, so the answer never changes.
 *
 * The instant is more than the caller's choice: transaction numbers belong to a server, and in books that were moved to
 * another one by a dump new facts would have numbers that an old snapshot believes to have seen. Their times are later.
 */
export interface AsOf {
  /** ISO 8601 with microseconds, UTC. */
  readonly instant: string;
  /** As Postgres writes it: xmin:xmax:those still running between. */
  readonly snapshot: string;
}

/** The condition that a row of `alias`, with recorded_at and transaction_id, is a fact of that moment. */
export function knownAsOf(asOf: AsOf, alias: string): string {
  return `(${alias}.recorded_at <= ${instantLiteral(asOf)} and pg_visible_in_snapshot(${alias}.transaction_id, ${snapshotLiteral(asOf)}))`;
}

export function instantLiteral({ instant }: AsOf): string {
  return `${quoteLiteral(instant)}::timestamptz`;
}

export function snapshotLiteral({ snapshot }: AsOf): string {
  return `${quoteLiteral(snapshot)}::pg_snapshot`;
}

export interface Moment extends AsOf {
  /** The instant the server calls now. */
  readonly now: string;
  readonly serverVersion: string;
}

/**
 * The transaction's own moment: its snapshot, and the clock read after the snapshot was taken, so that whatever the one
 * shows was stamped before the other. In REPEATABLE READ every statement of it then sees exactly this snapshot. One that has
 * written already, as a dry run has, has seen what it wrote.
 */
export async function currentMoment(tx: Connection): Promise<Moment> {
  const { sql } = tx;
  if (tx.held === true) await seeOwnWrites(tx);
  const [row] = await sql<{ now: string; snapshot: string; version: string }[]>`
    select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now, pg_current_snapshot()::text as snapshot,
      split_part(current_setting('server_version'), ' ', 1) as version`;
  const { now, snapshot, version } = row!;
  return { instant: now, now, snapshot, serverVersion: version };
}

/**
 * From here on the transaction's own writes are visible in the snapshots that it takes. None of these lists its own transaction
 * among the running ones, but they all end with the latest that is over: so a later one has to be over, if only one inside of it
 * that is undone. Otherwise it would depend on what others do meanwhile.
 */
async function seeOwnWrites({ sql }: Connection): Promise<void> {
  await sql`savepoint later`;
  await sql`create temporary table later ()`;
  await sql`rollback to savepoint later`;
}

/** Which books these are: a copy restored elsewhere keeps the answer, books made anew under the same name do not. */
export async function bookIdentity({ sql }: Connection): Promise<string> {
  const [row] = await sql<{ founded: string }[]>`
    select to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as founded from programme`;
  return row!.founded;
}

/**
 * From here on the transaction reads one snapshot and writes nothing, so that what others do meanwhile is not seen. One that has
 * written already, as a dry run has, cannot: each statement then has a snapshot of its own.
 */
export async function fixSnapshot({ sql, held }: Connection): Promise<void> {
  if (held !== true) await sql`set transaction isolation level repeatable read, read only`;
}

/** The same, and dates are printed in one way whatever the server's settings. */
export async function readOneMoment(tx: Connection): Promise<void> {
  const { sql } = tx;
  await fixSnapshot(tx);
  await sql`set local datestyle = 'ISO, YMD'`;
  await sql`set local timezone = 'UTC'`;
}
