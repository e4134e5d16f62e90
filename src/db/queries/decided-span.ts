import type { Connection } from '../connection.ts';

/**
 * What a posting's chunks decided, as a stretch of events too. That says nothing new, but it is what the primary keys of
 * events and entries are made of: whoever asks by it reads the night's piece of them, whatever the planner knows of rows
 * written a moment ago and however large the books have grown.
 */
export interface DecidedSpan {
  readonly chunkFrom: number;
  readonly chunkTo: number;
  readonly firstEvent: number;
  readonly lastEvent: number;
}

export async function spanOfChunks(tx: Connection, chunkFrom: number, chunkTo: number): Promise<DecidedSpan> {
  const [row] = await tx.sql<{ first: number; last: number }[]>`
    select coalesce(min(first_id), 0)::float8 as first, coalesce(max(last_id), 0)::float8 as last
    from (
      select first_id, last_id from decision_ranges where chunk_id between ${chunkFrom} and ${chunkTo}
      union all
      select event_id, event_id from waiting_events where decided_chunk_id between ${chunkFrom} and ${chunkTo}
    ) r (first_id, last_id)`;
  return { chunkFrom, chunkTo, firstEvent: row!.first, lastEvent: row!.last };
}

/** SQL that is true of an entry that these chunks decided. */
export const decidedIn = (span: DecidedSpan, entry: string): string =>
  `(${entry}.chunk_id between ${span.chunkFrom} and ${span.chunkTo} and ${withinSpan(span, `${entry}.event_id`)})`;

/** SQL that is true of the id of an event in that stretch; it may hold others, too. */
export const withinSpan = (span: DecidedSpan, eventId: string): string =>
  `${eventId} between ${span.firstEvent} and ${span.lastEvent}`;

/** SQL that is true of the posting of a chunk: by the index that keeps postings from overlapping, however many there are. */
export const postsChunk = (posting: string, chunk: string): string =>
  `(${posting}.kind = 'decision' and int8range(${posting}.chunk_from, ${posting}.chunk_to, '[]') @> ${chunk})`;
