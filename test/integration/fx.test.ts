import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { explainCommission } from '../../src/services/commission/explain-commission.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { findFxRate } from '../../src/services/fx/find-fx-rate.ts';
import { importFxRates, type FxImported } from '../../src/services/fx/import-fx-rates.ts';
import { fxRateName, listFxRates, showFxRate } from '../../src/services/fx/list-fx-rates.ts';
import { openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue, offences } from '../support/accrual.ts';
import { endPlainRule, insertTerms, tell, type NewTerms, type Told } from '../support/rating-books.ts';

let database: TestDatabase;
let ctx: OpenedContext;
let directory: string;
beforeEach(async () => {
  database = await testDatabase();
  ctx = await database.context();
  directory = mkdtempSync(join(tmpdir(), 'fx-'));
});
afterEach(async () => {
  rmSync(directory, { recursive: true });
  await database.drop();
});

const HEADING = 'date,base,quote,rate,source';

async function bring(
  rows: readonly string[],
  options: { correct?: boolean; in?: OpenedContext } = {},
): Promise<FxImported> {
  const file = join(directory, 'rates.csv');
  writeFileSync(file, `${[HEADING, ...rows].join('\n')}\n`);
  return await importFxRates(options.in ?? ctx, { file, label: 'rates.csv', correct: options.correct ?? false });
}

const page = { limit: 100, offset: 0 };
const listed = async (filter = {}) =>
  (await listFxRates(ctx, filter, page)).map((row) => `${fxRateName(row)} ${row.rate} ${row.source}`);

describe('importing exchange rates', () => {
  const rows = ['2026-10-30,EUR,USD,1.0853,ECB', '2026-10-29,EUR,USD,1.0812,ECB', '2026-10-30,EUR,GBP,0.8391,ECB'];

  it('adds what is new, and the same file again adds nothing', async () => {
    expect(await bring(rows)).toMatchObject({ read: 3, new: 3, known: 0, pairs: 2, firstDate: '2026-10-29' });
    expect(await bring(rows)).toMatchObject({ read: 3, new: 0, known: 3, knownSeq: null });
    expect(await bring([...rows, '2026-10-31,EUR,USD,1.09,books'])).toMatchObject({ new: 1, known: 3 });
    expect(await listed({ quote: 'USD' })).toEqual([
      'EUR/USD@2026-10-31 1.09 books',
      'EUR/USD@2026-10-30 1.0853 ECB',
      'EUR/USD@2026-10-29 1.0812 ECB',
    ]);
    expect(await listed({ source: 'books' })).toHaveLength(1);
    expect(await listed({ from: '2026-10-30', to: '2026-10-31' })).toHaveLength(2);
  });

  it('refuses another rate for a day unless it corrects it, and can tell the old one afterwards', async () => {
    const first = await bring(rows);
    const other = ['2026-10-30,EUR,USD,1.0835,ECB'];
    await expect(bring(other)).rejects.toMatchObject({
      code: 'fx_rates_differ',
      exitCode: 3,
      message: expect.stringMatching(
        /rates\.csv:2 says 1\.0835 for EUR\/USD on 2026-10-30; known is 1\.0853 \(ECB, change \d+\)/,
      ),
    });
    expect(await bring(other, { correct: true })).toMatchObject({ new: 0, corrected: 1 });
    expect(await listed({ from: '2026-10-30', quote: 'USD' })).toEqual(['EUR/USD@2026-10-30 1.0835 ECB']);
    expect(await listed({ from: '2026-10-30', quote: 'USD', known: first.knownSeq! })).toEqual([
      'EUR/USD@2026-10-30 1.0853 ECB',
    ]);
    expect((await showFxRate(ctx, 'EUR/USD@2026-10-30')).versions.map(({ rate }) => rate)).toEqual([
      '1.0853',
      '1.0835',
    ]);
    const asked = { base: 'EUR', quote: 'USD', on: '2026-10-31' };
    expect(await findFxRate(ctx, asked)).toMatchObject({ rate: '1.0835', how: 'direct' });
    expect(await findFxRate(ctx, { ...asked, known: first.knownSeq! })).toMatchObject({ rate: '1.0853' });
    // A correction of a correction is one more row, even back to what was said first.
    expect(await bring(rows, { correct: true })).toMatchObject({ new: 0, corrected: 1, known: 2 });
  });

  it('writes nothing of a file with a wrong row, nor on a dry run, which tells a line a pair', async () => {
    await expect(bring([...rows, '2026-10-31,EUR,USD,much,ECB'])).rejects.toMatchObject({
      code: 'rows_rejected',
      exitCode: 2,
      message: expect.stringContaining("rates.csv:5:4 (rate) 'much' is not a rate"),
    });
    const dry = await database.context({ dryRun: true });
    expect(await bring(rows, { in: dry })).toMatchObject({ new: 3, knownSeq: null });
    expect(dry.report.changes.map(({ key, after }) => `${key} ${after?.['rates'] as number}`)).toEqual([
      'EUR/GBP 1',
      'EUR/USD 2',
    ]);
    expect(await listed()).toEqual([]);
  });

  it('tells how a rate is found, or what was looked for', async () => {
    await openBooks(ctx.db);
    await bring(rows);
    const asked = { base: 'USD', quote: 'GBP', on: '2026-10-31' };
    const sql = async (base: string, quote: string) =>
      await ctx.db.sql<{ rate: string | null }[]>`
        select trim_scale(fx_rate_known(${base}, ${quote}, '2026-10-31', 1000000)) as rate`;
    expect(await findFxRate(ctx, asked)).toMatchObject({ how: 'cross', from: [{ quote: 'USD' }, { quote: 'GBP' }] });
    for (const [base, quote] of [
      ['EUR', 'USD'],
      ['USD', 'EUR'],
      ['USD', 'GBP'],
      ['GBP', 'USD'],
    ] as const) {
      expect(await sql(base, quote)).toEqual([{ rate: (await findFxRate(ctx, { ...asked, base, quote })).rate }]);
    }
    expect(await sql('USD', 'JPY')).toEqual([{ rate: null }]);
    await expect(findFxRate(ctx, { ...asked, quote: 'JPY' })).rejects.toMatchObject({
      code: 'fx_rate_missing',
      message:
        'there is no rate USD/JPY on 2026-10-31: neither it nor JPY/USD from 2026-10-27 to 2026-10-31, nor a way over EUR',
    });
  });
});

describe('a rule that pays in another currency', () => {
  let books: Books;
  const record = async (...events: Told[]) => await ctx.db.transaction(async (tx) => await tell(tx, books, events));
  async function setRule(rule: NewTerms): Promise<void> {
    await ctx.db.transaction(async (tx) => {
      await endPlainRule(tx, books);
      await insertTerms(tx, rule);
    });
  }
  const entries = async () =>
    (
      await ctx.db.sql<{ line: string }[]>`
        select e.external_id || ' ' || n.amount_minor || ' ' || coalesce(w.currency, '-') || coalesce(' at ' || n.fx_rate, '') || coalesce(' ' || n.reason, '') as line
        from entries n join revenue_events e on e.id = n.event_id left join ledger_accounts w on w.id = n.wallet_id
        order by n.chunk_id, e.occurred_on, e.id, n.leg`
    ).map(({ line }) => line);

  beforeEach(async () => {
    books = await openBooks(ctx.db);
  });

  it('converts at the rate of the sale’s date, frozen for the sale, and posts to a wallet of its own currency', async () => {
    await setRule({ says: { kind: 'percentage', rate_ppm: 125_000, pays_in: 'USD' } });
    await bring(['2026-10-02,EUR,USD,1.1,ECB', '2026-10-09,EUR,USD,1.3,ECB']);
    await record(
      { id: 'pay', on: '2026-10-05', net: 999, of: { sale: 'S', worth: 999 } },
      { id: 'own', on: '2026-10-09', net: 10_000 },
      { id: 'back', on: '2026-10-10', net: -333, of: { sale: 'S', worth: 999 } },
      { id: 'in-dollars', on: '2026-10-10', net: 1000, currency: 'USD' },
      { id: 'nothing', on: '2026-10-11', net: 0 },
    );
    const { summary } = await accrue(ctx, '2026-10-31', 2);
    // 9.99 × 12.5 % × 1.1 = 1.373625: rounded once; a third of it back.
    expect(await entries()).toEqual([
      'pay 137 USD at 1.1',
      'own 1625 USD at 1.3',
      'back -46 USD at 1.1',
      'in-dollars 125 USD',
      'nothing 0 EUR zero_sale',
    ]);
    expect(summary).toMatchObject({
      amounts: [
        { currency: 'EUR', net: '0.00' },
        { currency: 'USD', net: '18.41' },
      ],
    });
    expect(await offences(ctx.db)).toEqual([]);
    const { checks } = await runDoctor(ctx);
    expect(checks.filter(({ result }) => result === 'difference')).toEqual([]);

    // A correction changes nothing that is decided, and every entry can still be told.
    await bring(['2026-10-02,EUR,USD,1.2,ECB'], { correct: true });
    const told = await explainCommission(ctx, 'pay');
    expect(told.entries).toMatchObject([
      { amount: '1.37', currency: 'USD', base: '9.99', saleCurrency: 'EUR', fxRate: '1.1' },
    ]);
    expect(told.steps.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['1.24875 EUR × 1.1 = 1.373625 USD', '1.373625 rounds half away from zero to 1.37']),
    );
    expect(told.steps.find(({ step }) => step === 'rate')?.text).toBe(
      '1.1 USD for one EUR: as recorded, EUR/USD@2026-10-02 1.1 (ECB)',
    );
    expect((await explainCommission(ctx, 'back')).entries).toMatchObject([{ amount: '-0.46' }]);
    expect((await runDoctor(ctx)).checks.filter(({ result }) => result === 'difference')).toEqual([]);
  });

  it('converts between currencies of other decimals, over the programme’s where there is no other way', async () => {
    await setRule({ says: { kind: 'hybrid', rate_ppm: 100_000, flat_minor: 50, currency: 'JPY', pays_in: 'KWD' } });
    await bring(['2026-10-02,EUR,JPY,160,ECB', '2026-10-02,KWD,EUR,3,ECB']);
    await record({ id: 'yen', on: '2026-10-05', net: 9000, currency: 'JPY' });
    await accrue(ctx, '2026-10-31');
    // 900 + 50 yen, a 480th of a dinar each: 1.979166…
    expect(await entries()).toEqual(['yen 1979 KWD at 0.002083333333333333']);
    expect((await explainCommission(ctx, 'yen')).steps.find(({ step }) => step === 'rate')).toMatchObject({
      text: '0.002083333333333333 KWD for one JPY: crossed over EUR/JPY@2026-10-02 160 (ECB), KWD/EUR@2026-10-02 3 (ECB)',
      facts: { fx_how: 'cross' },
    });
    expect((await runDoctor(ctx)).checks.filter(({ result }) => result === 'difference')).toEqual([]);
  });
});
