import { afterEach, beforeEach } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';

/** What a test works on: nobody else's books, and the two people that whatever moves money wants. */
export interface OpenedBooks {
  readonly database: TestDatabase;
  readonly maker: OpenedContext;
  readonly checker: OpenedContext;
  readonly books: Books;
}

/** Opens books before each test of a file, hands them to `take`, and drops them after it. */
export function booksOfEachTest(take: (opened: OpenedBooks) => void | Promise<void>): void {
  let opened: TestDatabase;
  beforeEach(async () => {
    const database = (opened = await testDatabase());
    const maker = await database.context();
    const checker = await database.context({ actor: 'checker' });
    await take({ database, maker, checker, books: await openBooks(maker.db) });
  });
  afterEach(async () => await opened.drop());
}
