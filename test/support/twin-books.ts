import { expect } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import type { BookEvent, RandomBook } from '../property/random-book.ts';
import { accrue, booksOf, offences } from './accrual.ts';
import { loadFile, loadParties, type LoadedBook } from './load-book.ts';

/**
 * The same book in two databases: one where nothing ever goes wrong and one that suffers. Files go into both, so ids
 * agree, and after each fault and the run that mends it both must hold the same books.
 */
export class TwinBooks {
  readonly suffering: TestDatabase;
  /** Of the database that suffers. */
  readonly ctx: OpenedContext;
  readonly #calm: TestDatabase;
  readonly #calmCtx: OpenedContext;
  readonly #book: RandomBook;
  readonly #loaded: LoadedBook;
  readonly #calmLoaded: LoadedBook;

  private constructor(parts: {
    book: RandomBook;
    calm: { database: TestDatabase; ctx: OpenedContext; loaded: LoadedBook };
    suffering: { database: TestDatabase; ctx: OpenedContext; loaded: LoadedBook };
  }) {
    this.#book = parts.book;
    this.#calm = parts.calm.database;
    this.#calmCtx = parts.calm.ctx;
    this.#calmLoaded = parts.calm.loaded;
    this.suffering = parts.suffering.database;
    this.ctx = parts.suffering.ctx;
    this.#loaded = parts.suffering.loaded;
  }

  static async open(book: RandomBook): Promise<TwinBooks> {
    const one = async () => {
      const database = await testDatabase();
      const ctx = await database.context();
      return { database, ctx, loaded: await loadParties(ctx.db, book) };
    };
    return new TwinBooks({ book, calm: await one(), suffering: await one() });
  }

  /** Loads a file into both, and decides it where nothing goes wrong. */
  async load(events: readonly BookEvent[]): Promise<void> {
    await loadFile(this.#calmCtx.db, this.#book, this.#calmLoaded, events);
    await accrue(this.#calmCtx, this.#book.to);
    await loadFile(this.ctx.db, this.#book, this.#loaded, events);
  }

  /** How many events the suffering database has not decided yet. */
  async undecided(): Promise<number> {
    const [row] = await this.ctx.db.sql<{ open: number }[]>`
      select coalesce(sum(last_id - decided_to), 0)::int as open from event_batches`;
    return row!.open;
  }

  async expectEqual(when: string): Promise<void> {
    expect(await offences(this.ctx.db), when).toEqual([]);
    expect(await booksOf(this.ctx.db), when).toEqual(await booksOf(this.#calmCtx.db));
  }

  async drop(): Promise<void> {
    await this.suffering.drop();
    await this.#calm.drop();
  }
}
