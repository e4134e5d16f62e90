import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importRevenue } from '../../src/services/revenue/import-revenue.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { Desk, ONLINE_RETAIL_INSTANCES, ONLINE_RETAIL_MAP, openInstances } from '../support/revenue.ts';

const invoices = fileURLToPath(
  new URL('../../../shared/data/online-retail/invoices-2010-12_2011-06.csv', import.meta.url),
);

describe.skipIf(!existsSync(invoices))('half a year of real invoices', () => {
  let database: TestDatabase;
  const desk = new Desk();
  beforeAll(async () => {
    database = await testDatabase();
    await openInstances(await database.as('tester'), ONLINE_RETAIL_INSTANCES);
  });
  afterAll(async () => {
    desk.clear();
    await database.drop();
  });

  it('comes in whole, and a second time adds nothing', async () => {
    const ctx = await database.context();
    const map = desk.put('map.toml', ONLINE_RETAIL_MAP);
    const first = await importRevenue(ctx, { file: invoices, map, createAccounts: true });

    expect(first).toMatchObject({ read: 13_581, new: 13_581, known: 0, rejected: 0, productsCreated: 3 });
    const second = await importRevenue(ctx, { file: invoices, map, createAccounts: true });
    expect(second).toMatchObject({ read: 13_581, new: 0, known: 13_581, rejected: 0, batch: null });
  });
});
