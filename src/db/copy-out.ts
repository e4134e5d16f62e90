import type { Readable } from 'node:stream';
import { UnavailableError } from '../domain/errors.ts';
import type { Connection } from './connection.ts';
import { translateDatabaseError } from './failures.ts';

/**
 * COPY (SELECT …) TO STDOUT as blocks of whole rows. The server formats; what is left to do here per row is one copy of
 * its bytes, which is why this is three times as fast as a cursor (DESIGN, ground truth 6).
 */
export interface CopyOut {
  /** A complete COPY … TO STDOUT statement. It takes no parameters: every value in it must have been quoted. */
  readonly statement: string;
  /** The first row is a heading and is not counted. */
  readonly heading: boolean;
  /** What ends a line in the blocks; the server ends it with LF. */
  readonly lineEnd: '\n' | '\r\n';
}

/** Takes a block of `rows` whole rows (the heading included in the bytes only). The buffer is reused after it resolves. */
export type TakeBlock = (block: Buffer, rows: number) => Promise<void>;

const BLOCK_BYTES = 256 * 1024;
const CR = 13;
const LF = 10;

/**
 * Streams the rows to `take`, in order, at its pace and in constant memory: one block is being taken while the next one
 * fills. Returns how many rows there were. When `take` throws, the statement is cancelled on the server, and that error is
 * thrown when the connection is free again.
 * @param tx should be a transaction: the caller's next statement proves that the COPY came to its end
 * @param other another connection of the same login, to cancel by: postgres.js has no cancelling of a COPY that has begun
 */
export async function copyOut(tx: Connection, other: Connection, copy: CopyOut, take: TakeBlock): Promise<number> {
  const [server] = await tx.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const query = tx.sql.unsafe(copy.statement);
  const stream = (await query.readable().catch((error: unknown) => {
    throw translateDatabaseError(error);
  })) as Readable;
  // An error after the last row is reported to the query, which has resolved already (see copy.ts).
  (query as unknown as { reject: (error: unknown) => void }).reject = (error) => stream.destroy(error as Error);

  const extra = copy.lineEnd.length - 1;
  let filling = Buffer.allocUnsafe(BLOCK_BYTES);
  let spare = Buffer.allocUnsafe(BLOCK_BYTES);
  let at = 0;
  let inBlock = 0;
  let rows = copy.heading ? -1 : 0;
  let taking: Promise<void> | null = null;
  let failure: { error: unknown } | null = null;
  let cancelling: Promise<unknown> | null = null;

  const handOver = (): void => {
    const [block, count] = [filling.subarray(0, at), inBlock];
    [filling, spare] = [spare, filling];
    at = 0;
    inBlock = 0;
    taking = take(block, count).then(
      () => {
        taking = null;
        if (stream.isPaused() && failure === null) stream.resume();
      },
      (error: unknown) => {
        taking = null;
        abandon(error);
      },
    );
  };
  const abandon = (error: unknown): void => {
    if (failure !== null) return;
    failure = { error };
    // Never destroyed by us: a destroyed stream leaves the socket paused, and the ROLLBACK would wait for ever.
    cancelling = other.sql`select pg_cancel_backend(${server!.pid})`.catch(() => {});
    stream.resume();
  };
  // A row that did not fit while both blocks were in use.
  let waiting: Buffer | null = null;
  const put = (row: Buffer): void => {
    const length = row.length + extra;
    if (at + length > filling.length) {
      if (at > 0) {
        if (taking !== null) {
          waiting = row;
          stream.pause();
          return;
        }
        handOver();
      }
      if (length > filling.length) filling = Buffer.allocUnsafe(length);
    }
    // Not Buffer.copy: for rows of this length the typed array's own set is the quicker of the two.
    filling.set(row, at);
    at += length;
    if (extra === 1) filling[at - 2] = CR;
    filling[at - 1] = LF;
    rows += 1;
    if (rows > 0) inBlock += 1;
  };

  await new Promise<void>((resolve) => {
    stream.on('data', (row: Buffer) => {
      if (failure !== null) return;
      if (waiting !== null) {
        const first = waiting;
        waiting = null;
        put(first);
      }
      if (row[row.length - 1] !== LF) {
        abandon(new Error('the server sent part of a row as a message of its own'));
        return;
      }
      put(row);
    });
    stream.once('end', resolve);
    stream.once('error', (error: unknown) => {
      failure ??= { error };
      resolve();
    });
    stream.once('close', () => {
      if (!stream.readableEnded) {
        failure ??= {
          error: new UnavailableError('connection_lost', 'the connection to the database was lost during a COPY'),
        };
      }
      resolve();
    });
  });

  // Rows that come faster than they are read pause the socket, and only reading on resumes it. Where the last rows did so,
  // nobody reads on, and the connection would stay deaf to the answer of its next statement.
  try {
    stream._read(0);
  } catch {
    // The connection is gone, and its socket with it.
  }

  const settle = async (): Promise<void> => {
    while (taking !== null) await (taking as Promise<void>);
    if (cancelling !== null) {
      // It may arrive when the COPY is over: then this statement is there to be hit, and not the caller's ROLLBACK.
      await (cancelling as Promise<unknown>);
      try {
        await tx.sql.unsafe('select');
      } catch {
        // Hit, or refused because the connection is gone: what is thrown below says more.
      }
    }
    if (failure !== null) throw translateDatabaseError((failure as { error: unknown }).error);
  };
  await settle();
  if (waiting !== null) {
    put(waiting);
    await settle();
  }
  if (at > 0) handOver();
  await settle();
  return Math.max(rows, 0);
}
