import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillEvents, fillUniverse } from '../bench/universe.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.drop();
});

const BOOK = 20_000;
const NIGHT = 500;

it('a night reads its own events and not the book, although nobody has counted any rows', async () => {
  const ctx = await database.context();
  const admin = database.admin();
  await fillUniverse(ctx.db);
  await admin.sql`alter table revenue_events set (autovacuum_enabled = off)`;
  await admin.sql`alter table entries set (autovacuum_enabled = off)`;
  /** Events that were read by going through all of them. Sessions tell what they read once a second, and at their end. */
  const scanned = async (): Promise<number> => {
    await sleep(1200);
    const [row] = await admin.sql<{ read: number }[]>`
      select seq_tup_read::float8 as read from pg_stat_user_tables where relid = 'revenue_events'::regclass`;
    return row!.read;
  };

  await fillEvents(ctx.db, BOOK, { number: 1, from: '2026-10-01', days: 20 });
  await accrue(ctx, '2026-10-20');
  await fillEvents(ctx.db, NIGHT, { number: 2, from: '2026-10-21', days: 1 });
  const before = await scanned();
  const { summary } = await accrue(ctx, '2026-10-21');
  expect(summary['events']).toBe(NIGHT);
  await ctx.close();
  expect((await scanned()) - before).toBeLessThan(BOOK);
});
