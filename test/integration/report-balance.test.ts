import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { parseRateSet } from '../../src/domain/rate-set.ts';
import { importFxRates } from '../../src/services/fx/import-fx-rates.ts';
import { reportBalance } from '../../src/services/ledger/report-balance.ts';
import { testDatabase, type TestDatabase } from '../database.ts';

/** A trial balance in a reporting currency. */
let database: TestDatabase;
let ctx: OpenedContext;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await imported('1.5', false);
});
afterAll(async () => await database.drop());

async function imported(rate: string, correct: boolean): Promise<void> {
  const file = join(database.home, 'rates.csv');
  writeFileSync(file, `date,base,quote,rate,source\n2026-10-30,EUR,USD,${rate},ECB\n`);
  await importFxRates(ctx, { file, correct });
}

const line = (account: string, balance: string) => ({
  ...{ account, currency: 'EUR', debit: '0.00', credit: '0.00', balance },
});
const accounts = [line('cash', '0.05'), line('payout_fees', '0.05'), line('wallet', '-0.10')];
const inDollars = async (set: string) =>
  await reportBalance(ctx, { accounts }, { currency: 'USD', rates: parseRateSet(set) });

it('rounds each line once, and the column sums to nothing by a line of its own', async () => {
  const { accounts: told } = await inDollars('ECB@2026-10-31');
  expect(told.map(({ account, reported }) => [account, reported])).toEqual([
    ['cash', '0.08'],
    ['payout_fees', '0.08'],
    ['wallet', '-0.15'],
    ['conversion_rounding', '-0.01'],
  ]);
});

it('says the set back so that it can be found again, whatever was corrected since', async () => {
  const before = await inDollars('2026-10-31');
  await imported('2', true);
  expect((await inDollars('2026-10-31')).accounts[0]!.reported).toBe('0.10');
  expect(await inDollars(before.rates)).toEqual(before);
});

it.each([
  ['2026-10-31', { source: null, date: '2026-10-31', known: null }],
  ['ECB@2026-10-31#17', { source: 'ECB', date: '2026-10-31', known: 17 }],
])('reads %s', (text, set) => {
  expect(parseRateSet(text)).toEqual(set);
});

it.each([
  ['rate_set', 'ECB@2026-10-31#0'],
  ['rate_set', '@2026-10-31'],
  ['date_invalid', 'ECB@yesterday'],
])('%s: %s', (code, text) => {
  expect(() => parseRateSet(text)).toThrow(expect.objectContaining({ code }));
});
