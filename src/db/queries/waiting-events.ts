import { list } from '../arrays.ts';
import type { WaitsFor } from '../../domain/rating/model.ts';
import type { Connection } from '../connection.ts';
import { eventColumns, eventOf, type EventReads, type UndecidedEvent } from './decisions.ts';

/** In the order in which `waitLine` writes them. */
export const WAIT_COLUMNS = ['event_id', 'base', 'quote', 'rate_date'] as const;

/** That an event waits, as a line of COPY's text format. */
export function waitLine(eventId: number, { from, to, on }: WaitsFor): string {
  return `${eventId}\t${from}\t${to}\t${on}\n`;
}

/** SQL that is true of an event `e` that waits. */
export const isWaiting = (e: string): string =>
  `exists (select from waiting_events w_ where w_.event_id = ${e}.id and w_.decided_chunk_id is null)`;

export interface WaitingEvent {
  readonly id: number;
  readonly saleId: number | null;
  readonly occurredOn: string;
  readonly waitsFor: WaitsFor;
}

/** Every event that waits, in the order in which they are decided. Reads only. */
export async function waitingEvents(tx: Connection): Promise<WaitingEvent[]> {
  type Row = Omit<WaitingEvent, 'waitsFor'> & WaitsFor;
  const rows = await tx.sql<Row[]>`
    select e.id::float8 as id, e.sale_id::float8 as "saleId", e.occurred_on as "occurredOn", w.base as "from", w.quote as "to", w.rate_date as "on"
    from waiting_events w join revenue_events e on e.id = w.event_id
    where w.decided_chunk_id is null order by e.occurred_on, e.id`;
  return rows.map(({ id, saleId, occurredOn, from, to, on }) => ({
    id,
    saleId,
    occurredOn,
    waitsFor: { from, to, on },
  }));
}

/** These events, as rating reads them, in the order in which they are decided. Reads only. */
export async function eventsToDecide(
  tx: Connection,
  ids: readonly number[],
  reads: EventReads,
): Promise<UndecidedEvent[]> {
  const rows = await tx.sql<{ batchId: number; line: string }[]>`
    select e.batch_id::int as "batchId", (select r::text from (select ${tx.sql.unsafe(eventColumns(reads))}) r) as line
    from unnest(${list(ids)}::bigint[]) wanted (id) join revenue_events e on e.id = wanted.id
    order by e.occurred_on, e.id`;
  return rows.map(({ batchId, line }) => eventOf(batchId, line));
}

/** What an event has waited for since its turn came; null for one that does not wait. Reads only. */
export async function waitOf(tx: Connection, id: number): Promise<WaitsFor | null> {
  const [row] = await tx.sql<WaitsFor[]>`
    select w.base as "from", w.quote as "to", w.rate_date as "on" from waiting_events w
    where w.event_id = ${id} and w.decided_chunk_id is null`;
  return row ?? null;
}

/** Which of these events wait. Reads only. */
export async function waitingAmong(tx: Connection, ids: readonly number[]): Promise<Set<number>> {
  const rows = await tx.sql<{ id: number }[]>`
    select w.event_id::float8 as id from waiting_events w
    where w.event_id = any (${list(ids)}::bigint[]) and w.decided_chunk_id is null`;
  return new Set(rows.map(({ id }) => id));
}
