import { describe, expect, it } from 'vitest';
import { oracleDecide, randomBook, type RandomBook } from '../property/oracle.ts';
import { baseSeed } from '../property/runs.ts';
import { patience, tell, times } from '../soak.ts';
import { accrue, choices, decisionsOf, filesOf, offences } from '../support/accrual.ts';
import { loadFile, loadParties } from '../support/load-book.ts';
import { testDatabase } from '../database.ts';

const count = times(12, 500);

/** What the oracle says, in the order of the book's event numbers. */
const oracle = (book: RandomBook) => oracleDecide(book).sort((a, b) => a.id - b.id);

/**
 * Loads a book stage by stage, each stage as several files, and accrues each stage before the next one arrives: in one
 * run or in several dates, in chunks of any size. None of that may show in what is decided.
 */
async function decideInDatabase(book: RandomBook, seed: number): Promise<unknown[]> {
  const next = choices(seed);
  const database = await testDatabase();
  try {
    const ctx = await database.context();
    const loaded = await loadParties(ctx.db, book);
    for (const batch of [1, 2] as const) {
      for (const file of filesOf(book, batch, next)) {
        await loadFile(ctx.db, book, loaded, file);
      }
      const dates = [book.to];
      while (next() < 0.5) {
        dates.push(book.events[Math.floor(next() * book.events.length)]!.occurredOn);
      }
      for (const date of dates.sort()) {
        await accrue(ctx, date, 1 + Math.floor(next() * next() * 60));
      }
    }
    expect(await offences(ctx.db), `books of FC_SEED=${seed}`).toEqual([]);
    return await decisionsOf(ctx.db, loaded);
  } finally {
    await database.drop();
  }
}

describe('the accrual through the database and the oracle', () => {
  it(`agree on ${count} random books`, patience(600_000), async () => {
    for (let index = 0; index < count; index += 1) {
      tell('books through the database', index, count);
      const seed = baseSeed + index;
      const book = randomBook(seed, { events: 40 + Math.floor(choices(seed)() * 60) });
      expect(await decideInDatabase(book, seed), `replay this book with FC_SEED=${seed}`).toEqual(oracle(book));
    }
  });
});
