import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/connection.ts';
import { RevshareError } from '../../src/domain/errors.ts';
import { createCsvReader } from '../../src/formats/csv-reader.ts';
import { importRevenue } from '../../src/services/revenue/import-revenue.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { collect } from '../support/record-sink.ts';
import { randomFile, randomFrom } from '../support/random-revenue.ts';
import { Desk, footprint, openInstances, PLAIN_MAP } from '../support/revenue.ts';
import { seed } from '../soak.ts';

console.info(`random files: FC_SEED=${seed}`);

describe('10,000 random rows', () => {
  let database: TestDatabase;
  let db: Database;
  const desk = new Desk();
  beforeAll(async () => {
    database = await testDatabase();
    db = await database.as('tester');
    await openInstances(db, ['shop', 'shop-2', 'shop-3']);
  });
  afterAll(async () => {
    desk.clear();
    await database.drop();
  });

  it('are refused whole; or the good ones are all in and every other has line, column and reason', async () => {
    const ctx = await database.context();
    const { bytes, rows, known, events, rejects } = randomFile(seed, 10_000);
    const request = { file: desk.put('in.csv', bytes), map: desk.put('map.toml', PLAIN_MAP), createAccounts: true };

    const before = await footprint(db);
    await expect(importRevenue(ctx, request)).rejects.toMatchObject({
      code: 'rows_rejected',
      details: { read: rows, rejected: rejects.length },
    });
    expect(await footprint(db)).toEqual(before);

    const imported = await importRevenue(ctx, { ...request, partial: true });
    expect(imported).toMatchObject({ read: rows, known, new: events.length, rejected: rejects.length });
    const { header, records } = collect(
      (sink) => createCsvReader('reasons', {}, sink),
      desk.text('in.csv.rejected.reasons.csv'),
    );
    const reasons = records.map(({ fields }) => Object.fromEntries(fields.map((value, at) => [header![at]!, value])));
    expect(reasons.every(({ reason }) => reason !== '')).toBe(true);
    expect(reasons.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual(
      rejects.map(({ line, column, code }) => `${line}:${column} ${code}`),
    );
    const aside = readFileSync(desk.path('in.csv.rejected.csv'), 'latin1');
    expect(aside.slice(aside.indexOf('\n') + 1)).toBe(rejects.map(({ raw }) => raw).join(''));

    const stored = await db.sql`
      select e.external_id as id, e.kind, e.net_minor as "netMinor", e.currency, i.code as instance, a.code as account, e.occurred_on as date
      from revenue_events e join instances i on i.id = e.instance_id left join accounts a on a.id = e.account_id
      order by substr(e.external_id, 2)::int`;
    expect([...stored]).toEqual(events);
    expect(await importRevenue(ctx, { ...request, partial: true, rejectsFile: desk.path('again.csv') })).toMatchObject({
      new: 0,
      known: known + events.length,
    });
  }, 120_000);
});

describe('a file with bytes knocked over', () => {
  let database: TestDatabase;
  let db: Database;
  let desk: Desk;
  beforeEach(async () => {
    desk = new Desk();
    database = await testDatabase();
    db = await database.as('tester');
    await openInstances(db, ['shop', 'shop-2', 'shop-3']);
  });
  afterEach(async () => {
    desk.clear();
    await database.drop();
  });

  it('is accounted for to the last row, or nothing of it is in', async () => {
    const ctx = await database.context();
    const map = desk.put('map.toml', PLAIN_MAP);
    for (let round = 0; round < 12; round += 1) {
      const draw = randomFrom(seed + 1 + round);
      const { bytes } = randomFile(seed + 1 + round, 400);
      for (let knocked = 0; knocked < 1 + round * 4; knocked += 1) {
        const at = Math.floor(draw() * bytes.length);
        bytes[at] = draw() < 0.5 ? '",\n\r\0\xff'.charCodeAt(Math.floor(draw() * 6)) : Math.floor(draw() * 256);
      }
      const before = await footprint(db);
      const file = desk.put(`in-${round}.csv`, bytes);
      try {
        const imported = await importRevenue(ctx, { file, map, createAccounts: true, partial: true });
        expect(imported.new + imported.known + imported.rejected).toBe(imported.read);
        expect((await footprint(db))['events']).toBe(before['events']! + imported.new);
      } catch (error) {
        // Whatever is thrown is an error of ours that names a place, never a fault.
        expect(error).toBeInstanceOf(RevshareError);
        expect((error as RevshareError).message).toMatch(/:\d+|has no column/);
        expect(await footprint(db)).toEqual(before);
      }
    }
  }, 120_000);
});
