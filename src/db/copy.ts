import type { Writable } from 'node:stream';
import { UnavailableError } from '../domain/errors.ts';
import type { Connection } from './connection.ts';
import { translateDatabaseError } from './failures.ts';

/**
 * COPY … FROM STDIN, so that it always settles. postgres.js resolves a COPY when it begins; an error that comes after
 * its last byte finds nobody waiting and the stream never finishes (DESIGN, ground truth 4). So this module listens
 * where the library drops that error, and it is used only for temporary staging tables whose columns refuse nothing.
 */

/** Hands over rows as `copyRow` writes them. Resolves at once while the server keeps up, later when it does not. */
export type WriteRows = (rows: string) => Promise<void>;

/** How much may wait in this process before the producer has to. */
const BACKLOG_BYTES = 1024 * 1024;

/**
 * Streams what `produce` writes into the columns of a table. When `produce` throws, or the server refuses, or the
 * connection breaks, the COPY is abandoned, nothing of it stays in the transaction, and that error is thrown.
 * @param tx must be a transaction: the table is a temporary one of its connection
 */
export async function copyInto(
  tx: Connection,
  table: string,
  columns: readonly string[],
  produce: (write: WriteRows) => Promise<void>,
): Promise<void> {
  const query = tx.sql.unsafe(`copy ${table} (${columns.join(', ')}) from stdin`);
  const stream = (await query.writable()) as Writable;

  let failure: { error: unknown } | null = null;
  let wake: () => void = () => {};
  const fail = (error: unknown): void => {
    failure ??= { error };
    wake();
  };
  // The library reports an error after the end to the query, which has resolved already: this is where it goes.
  (query as unknown as { reject: (error: unknown) => void }).reject = fail;
  stream.on('error', fail);
  stream.on('drain', () => wake());
  stream.on('finish', () => wake());
  stream.on('close', () => {
    if (!stream.writableFinished) fail(new UnavailableError('connection_lost', 'the copy ended before its time'));
  });
  const settled = async (done: () => boolean): Promise<void> => {
    while (failure === null && !done()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure !== null) throw translateDatabaseError((failure as { error: unknown }).error);
  };

  try {
    await produce(async (rows) => {
      stream.write(rows);
      if (failure !== null || stream.writableLength > BACKLOG_BYTES) {
        await settled(() => stream.writableLength <= BACKLOG_BYTES || !stream.writableNeedDrain);
      }
    });
    stream.end();
    await settled(() => stream.writableFinished);
  } catch (error) {
    if (failure === null && !stream.destroyed) stream.destroy(new Error('the copy was abandoned'));
    throw error;
  }
}

const SPECIAL = /[\\\t\n\r]/;

/** A text value in COPY's text format; null is \N. NUL must have been refused before: Postgres has no such text. */
export function copyText(value: string | null): string {
  if (value === null) return '\\N';
  if (!SPECIAL.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

/** An integer in COPY's text format. */
export function copyInteger(value: bigint | number | null): string {
  return value === null ? '\\N' : String(value);
}
