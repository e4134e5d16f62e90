import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyInteger, copyInto, copyText, type WriteRows } from '../../src/db/copy.ts';
import type { Connection, Database } from '../../src/db/connection.ts';
import { testDatabase, type TestDatabase } from '../database.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await testDatabase();
  db = await database.as('tester');
});
afterAll(async () => await database.drop());

const ROWS = `${copyInteger(1)}\t${copyText('one')}\n`;

/** Copies into a temporary table made by `columns`; rejects when it does not settle within ten seconds. */
async function copy(columns: string, produce: (write: WriteRows, tx: Connection) => Promise<void>): Promise<unknown[]> {
  const work = db.transaction(async (tx) => {
    await tx.sql.unsafe(`create temporary table copied (${columns}) on commit drop`);
    await copyInto(tx, 'pg_temp.copied', ['n', 't'], async (write) => await produce(write, tx));
    return [...(await tx.sql`select n::int, t from copied order by n`)];
  });
  const late = sleep(10_000, 'late', { ref: false }).then(() => {
    throw new Error('it never settled');
  });
  return await Promise.race([work, late]);
}

/** The connection pool is none the worse for it. */
async function expectHealthy(): Promise<void> {
  expect(await copy('n bigint, t text', async (write) => await write(ROWS))).toEqual([{ n: 1, t: 'one' }]);
}

describe('a copy settles', () => {
  it('with every text as it was', async () => {
    const texts = [
      'plain',
      '',
      '\\',
      '\\N',
      'tab\there',
      'line\nbreak',
      '\r\n',
      'Łódź 日本 🙂',
      '\\.',
      '\'"',
      '\u0001',
    ];
    const rows =
      texts.map((text, n) => `${copyInteger(BigInt(n))}\t${copyText(text)}\n`).join('') + `99\t${copyText(null)}\n`;
    const expected = [...texts.map((t, n) => ({ n, t: t as string | null })), { n: 99, t: null }];
    expect(await copy('n bigint, t text', async (write) => await write(rows))).toEqual(expected);
  });

  it('with more than any buffer holds, at the pace of the server', async () => {
    const block = Array.from({ length: 4000 }, (_, n) => `${n}\t${'x'.repeat(60)}\n`).join('');
    const [last] = (
      await copy('n bigint, t text', async (write) => {
        for (let round = 0; round < 100; round += 1) await write(block);
      })
    ).slice(-1);
    expect(last).toEqual({ n: 3999, t: 'x'.repeat(60) });
  });

  it('when a row is refused in the middle', async () => {
    const failure = copy('n bigint, t text', async (write) => {
      for (let round = 0; round < 400; round += 1) await write(round === 3 ? 'x\ty\n' : ROWS.repeat(5000));
    });
    await expect(failure).rejects.toMatchObject({ code: '22P02' });
    await expectHealthy();
  });

  it('when the last row is refused after the last byte', async () => {
    const failure = copy('n bigint primary key, t text', async (write) => await write(ROWS + ROWS));
    await expect(failure).rejects.toMatchObject({ code: 'already_exists' });
    await expectHealthy();
  });

  it('when a check comes only with the end', async () => {
    const failure = copy(
      'n bigint unique deferrable initially immediate, t text',
      async (write) => await write(ROWS + ROWS),
    );
    await expect(failure).rejects.toMatchObject({ code: 'already_exists' });
    await expectHealthy();
  });

  it('when the producer fails, with its error', async () => {
    const failure = copy('n bigint, t text', async (write) => {
      await write(ROWS.repeat(100_000));
      throw new Error('the file is broken');
    });
    await expect(failure).rejects.toThrow('the file is broken');
    await expectHealthy();
  });

  it.each([
    [
      'in the middle',
      async (write: WriteRows) => {
        for (let round = 0; round < 50; round += 1) {
          await write(ROWS.repeat(1000));
          await sleep(5);
        }
      },
    ],
    ['at the end', async () => await sleep(200)],
  ])('when its connection is lost %s', async (_, rest) => {
    const admin = database.admin();
    const failure = db.transaction(async (tx) => {
      await tx.sql`create temporary table copied (n bigint, t text) on commit drop`;
      const [me] = await tx.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
      await copyInto(tx, 'pg_temp.copied', ['n', 't'], async (write) => {
        await write(ROWS);
        await admin.sql`select pg_terminate_backend(${me!.pid})`;
        await rest(write);
      });
    });
    await expect(failure).rejects.toMatchObject({ code: 'connection_lost', exitCode: 4 });
    await expectHealthy();
  });

  it('when there is no such table', async () => {
    await expect(
      db.transaction(async (tx) => await copyInto(tx, 'pg_temp.nowhere', ['n'], async () => {})),
    ).rejects.toMatchObject({ code: '42P01' });
    await expectHealthy();
  });
});
