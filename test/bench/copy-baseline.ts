import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { copyOut } from '../../src/db/copy-out.ts';
import type { Database } from '../../src/db/connection.ts';
import { secondsOf } from './report.ts';

/**
 * What a bare client does with the same rows: COPY, from a file that lies ready in the server's own text format, so that
 * nothing is formatted while the clock runs. Into tables made `like` the real ones; a guard is the real one's own source,
 * except for what only the real writer can satisfy: that its rows are of its very transaction.
 */
export interface CopyTarget {
  readonly like: string;
  readonly columns: readonly string[];
  /** The function of the real table's statement trigger, and what of it to leave out; null where none is measured. */
  readonly guard: { readonly function: string; readonly without: readonly string[] } | null;
}

export class CopyBaseline {
  readonly #admin: Database;
  readonly #target: CopyTarget;
  readonly #file: string;

  constructor(admin: Database, target: CopyTarget, file: string) {
    this.#admin = admin;
    this.#target = target;
    this.#file = file;
  }

  /** Writes the rows of the real table to the file. */
  async prepare(): Promise<void> {
    const { like, columns } = this.#target;
    const statement = `copy (select ${columns.join(', ')} from ${like} order by 1, 2) to stdout`;
    const file = await open(this.#file, 'w');
    await this.#admin.transaction(async (tx) => {
      await copyOut(tx, this.#admin, { statement, heading: false, lineEnd: '\n' }, async (block) => {
        await file.write(block);
      });
    });
    await file.close();
  }

  /** Seconds for all rows into an identical empty table: columns, key, indexes, checks and guard. */
  async guarded(): Promise<number> {
    const { like, guard } = this.#target;
    if (guard === null) {
      throw new Error(`no guard of ${like} is measured`);
    }
    const [row] = await this.#admin.sql`select pg_get_functiondef(${guard.function}::regproc) as source`;
    let source = (row?.['source'] as string).replace(`.${guard.function}()`, `.${guard.function}_of_copy()`);
    for (const part of guard.without) {
      if (!source.includes(part)) {
        throw new Error(`the guard ${guard.function} no longer says: ${part}`);
      }
      source = source.replace(part, '');
    }
    await this.#admin.sql.unsafe(`
      create table copied (like ${like} including all);
      ${source};
      create trigger insert_only before update or delete or truncate on copied for each statement execute function refuse_change();
      create trigger guard after insert on copied referencing new table as inserted for each statement execute function ${guard.function}_of_copy()`);
    const seconds = await this.#copy();
    await this.#admin.sql.unsafe(`drop table copied; drop function ${guard.function}_of_copy()`);
    return seconds;
  }

  /** The same without the guard: columns, key, indexes and checks. */
  async bare(): Promise<number> {
    await this.#admin.sql.unsafe(`create table copied (like ${this.#target.like} including all)`);
    const seconds = await this.#copy();
    await this.#admin.sql.unsafe(`drop table copied`);
    return seconds;
  }

  async #copy(): Promise<number> {
    // What earlier work left to be written to disk is not this one's to pay for.
    await this.#admin.sql`checkpoint`;
    return await secondsOf(async () => {
      const query = this.#admin.sql.unsafe(`copy copied (${this.#target.columns.join(', ')}) from stdin`);
      const stream = (await (query as unknown as { writable(): Promise<Writable> }).writable()) as Writable;
      await pipeline(createReadStream(this.#file, { highWaterMark: 256 * 1024 }), stream);
    });
  }
}
