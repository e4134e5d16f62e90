import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Database } from '../../src/db/connection.ts';

/**
 * What a bare client does with the same rows: COPY, from a file that lies ready in the server's own text format, so that
 * nothing is formatted while the clock runs. Into tables made `like` the real ones; a guard is the real one's own source,
 * except for what only the real writer can satisfy: that its rows are of its very transaction.
 */
export interface CopyTarget {
  readonly like: string;
  readonly columns: readonly string[];
  /** The function of the real table's statement trigger, and what of it to leave out. */
  readonly guard: { readonly function: string; readonly without: readonly string[] };
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
    const query = this.#admin.sql.unsafe(`copy (select ${columns.join(', ')} from ${like} order by 1) to stdout`);
    const rows = (await (query as unknown as { readable(): Promise<Readable> }).readable()) as Readable;
    await pipeline(rows, createWriteStream(this.#file));
  }

  /** Seconds for all rows into a table with the same columns, key, indexes, checks and guard. */
  async guarded(): Promise<number> {
    const { like, guard } = this.#target;
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
    return await this.#copy();
  }

  /** Seconds for all rows into a table with the same columns and primary key and nothing else. */
  async bare(): Promise<number> {
    const [key] = await this.#admin.sql`
      select pg_get_constraintdef(oid) as definition from pg_constraint where conrelid = ${this.#target.like}::regclass and contype = 'p'`;
    await this.#admin.sql.unsafe(`create table copied (like ${this.#target.like}, ${key?.['definition'] as string})`);
    return await this.#copy();
  }

  async #copy(): Promise<number> {
    // What earlier work left to be written to disk is not this one's to pay for.
    await this.#admin.sql`checkpoint`;
    const began = performance.now();
    const query = this.#admin.sql.unsafe(`copy copied (${this.#target.columns.join(', ')}) from stdin`);
    const stream = (await (query as unknown as { writable(): Promise<Writable> }).writable()) as Writable;
    await pipeline(createReadStream(this.#file, { highWaterMark: 256 * 1024 }), stream);
    const seconds = (performance.now() - began) / 1000;
    await this.#admin.sql.unsafe(`drop table copied; drop function if exists ${this.#target.guard.function}_of_copy()`);
    return seconds;
  }
}
