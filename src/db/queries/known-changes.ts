import type { Connection } from '../connection.ts';

/**
 * Draws the next known_seq for what this transaction changes. Holds off every other drawer until the end of the
 * transaction, so that whoever sees n sees all of 1..n: draw late, and once.
 */
export async function drawKnownSeq(tx: Connection, summary: string): Promise<number> {
  const [row] = await tx.sql<{ seq: string }[]>`select draw_known_seq(${summary}) as seq`;
  return Number(row!.seq);
}

/** Holds off every drawer to the end of the transaction, for who may draw a number in it and has to lock more before. */
export async function holdKnownChanges(tx: Connection): Promise<void> {
  await tx.sql`select hold_known_changes()`;
}

/** What a change was, in the words it was made with. */
export async function changeSummary(tx: Connection, knownSeq: number): Promise<string> {
  const [row] = await tx.sql<{ summary: string }[]>`select summary from known_changes where known_seq = ${knownSeq}`;
  return row?.summary ?? '';
}

/** The latest number there is: everything that is known now is known at it. */
export async function latestKnownSeq(tx: Connection): Promise<number> {
  const [row] = await tx.sql<{ seq: number }[]>`select coalesce(max(known_seq), 0)::int as seq from known_changes`;
  return row!.seq;
}
