import { expect } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { testDatabase } from '../database.ts';
import type { DatabaseTarget } from '../../src/db/connection.ts';
import type { BookEvent, RandomBook } from '../property/random-book.ts';
import { accrue, booksOf, digestOf, offences } from './accrual.ts';
import { loadFile, loadParties, type LoadedBook } from './load-book.ts';

/** A database to hurt, with a context of its own. */
export interface Victim {
  readonly ctx: OpenedContext;
  target(): DatabaseTarget;
  drop(): Promise<void>;
}

/**
 * The same book in two databases: one where nothing ever goes wrong and one that suffers. Files go into both, so ids
 * agree, and after each fault and the run that mends it both must hold the same books.
 */
export class TwinBooks {
  readonly suffering: Victim;
  readonly #calm: Victim;
  readonly #book: RandomBook;
  readonly #loaded: LoadedBook;
  readonly #calmLoaded: LoadedBook;

  private constructor(book: RandomBook, [suffering, loaded]: Scene, [calm, calmLoaded]: Scene) {
    this.#book = book;
    this.suffering = suffering;
    this.#loaded = loaded;
    this.#calm = calm;
    this.#calmLoaded = calmLoaded;
  }

  /** @param victim the database that suffers; by default one on the server of all tests */
  static async open(book: RandomBook, victim?: Victim): Promise<TwinBooks> {
    const suffering = victim ?? (await ordinary());
    const calm = await ordinary();
    return new TwinBooks(
      book,
      [suffering, await loadParties(suffering.ctx.db, book)],
      [calm, await loadParties(calm.ctx.db, book)],
    );
  }

  /** Of the database that suffers. */
  get ctx(): OpenedContext {
    return this.suffering.ctx;
  }

  /** Loads a file into both, and decides it where nothing goes wrong. */
  async load(events: readonly BookEvent[]): Promise<void> {
    await loadFile(this.#calm.ctx.db, this.#book, this.#calmLoaded, events);
    await accrue(this.#calm.ctx, this.#book.to);
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
    const [ours, theirs] = [await digestOf(this.ctx.db), await digestOf(this.#calm.ctx.db)];
    if (ours !== theirs) {
      expect(await booksOf(this.ctx.db), when).toEqual(await booksOf(this.#calm.ctx.db));
    }
    expect(ours, when).toBe(theirs);
  }

  async drop(): Promise<void> {
    await this.suffering.drop();
    await this.#calm.drop();
  }
}

type Scene = [Victim, LoadedBook];

async function ordinary(): Promise<Victim> {
  const database = await testDatabase();
  return { ctx: await database.context(), target: () => database.target(), drop: () => database.drop() };
}
