import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currencies } from '../../src/domain/currencies.ts';
import { testDatabase, type TestDatabase } from '../database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => await database.drop());

describe('a transaction', () => {
  it('hands out drizzle and the raw tag of one and the same connection', async () => {
    const db = await database.as('tester');
    await db.transaction(async (tx) => {
      const [raw] = await tx.sql`select pg_backend_pid() as pid, pg_current_xact_id()::text as id`;
      const [orm] = await tx.orm.execute<{ pid: number; id: string }>(
        'select pg_backend_pid() as pid, pg_current_xact_id()::text as id',
      );
      expect(orm).toEqual(raw);
    });
  });

  it('runs nothing after its connection was lost, and rolls back', async () => {
    const db = await database.as('tester');
    const admin = database.admin();
    await expect(
      db.transaction(async (tx) => {
        await tx.sql`insert into tenants (code, name) values ('lost', 'Lost')`;
        const [me] = await tx.sql`select pg_backend_pid() as pid`;
        await admin.sql`select pg_terminate_backend(${me?.['pid'] as number})`;
        await tx.sql`select 1`.catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 50));
        await tx.sql`insert into tenants (code, name) values ('outside', 'Outside any transaction')`;
      }),
    ).rejects.toMatchObject({ code: 'connection_lost', exitCode: 4 });
    expect(await admin.sql`select code from tenants`).toEqual([]);
  });

  it('gives dates and times as the strings Postgres wrote', async () => {
    const db = await database.as('tester');
    const [row] =
      await db.sql`select date '2026-02-28' as day, timestamptz '2026-02-28 10:00+02' as at, 9007199254740993::bigint as big`;
    expect(row).toEqual({ day: '2026-02-28', at: '2026-02-28 08:00:00+00', big: '9007199254740993' });
  });
});

it('knows the currencies of the domain, and no others', async () => {
  const db = await database.as('tester');
  const rows = await db.sql`select code, minor_units as units from currencies order by code collate "C"`;
  expect(rows.map((row) => [row['code'], row['units']])).toEqual(
    currencies()
      .map((one) => [one.code, one.minorUnits])
      .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
  );
});
