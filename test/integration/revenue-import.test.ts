import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import type { Database } from '../../src/db/connection.ts';
import { importRevenue, type ImportRequest } from '../../src/services/revenue/import-revenue.ts';
import { listRevenue, type RevenueQuery } from '../../src/services/revenue/list-revenue.ts';
import { runJob } from '../../src/runner/run-job.ts';
import type { Unit } from '../../src/services/context.ts';
import { insertRule, voidEvent } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrualJob, accrue } from '../support/accrual.ts';
import {
  Desk,
  footprint,
  ONLINE_RETAIL_INSTANCES,
  ONLINE_RETAIL_MAP,
  openInstances,
  PLAIN_HEADER,
  PLAIN_MAP,
} from '../support/revenue.ts';

const invoices = fileURLToPath(
  new URL('../../../shared/data/online-retail/invoices-2010-12_2011-06.csv', import.meta.url),
);

let database: TestDatabase;
let db: Database;
let ctx: OpenedContext;
let desk: Desk;

async function open(instances: readonly string[]): Promise<void> {
  database = await testDatabase();
  db = await database.as('tester');
  await openInstances(db, instances);
  ctx = await database.context();
}
beforeEach(() => {
  desk = new Desk();
});
afterEach(() => desk.clear());

/** Imports rows under the plain header. */
async function take(rows: string, options: Partial<ImportRequest> = {}, context = ctx) {
  const file = options.file ?? desk.put('in.csv', `${PLAIN_HEADER}\n${rows}`);
  return await importRevenue(context, {
    map: desk.put('map.toml', PLAIN_MAP),
    createAccounts: true,
    labels: { file: 'in.csv', map: 'map.toml' },
    ...options,
    file,
  });
}

async function failureOf(
  promise: Promise<unknown>,
): Promise<{ code: string; message: string; details: Record<string, unknown> }> {
  return await promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error as never,
  );
}

const problemsOf = (failure: { details: Record<string, unknown> }) =>
  failure.details['problems'] as { line: number; column: number | null; field: string; code: string; reason: string }[];

describe('what is wrong with a file', () => {
  beforeAll(async () => await open(['shop', 'shop-2']));
  afterAll(async () => await database.drop());

  const good = (id: string) => `${id},payment,2026-10-05T09:30:00Z,10.00,EUR,shop,C-1,plan,,\n`;

  it.each<
    [string, string, { line: number; column: number | null; field: string | null; code: string; reason: string }]
  >([
    [
      'wrong sign',
      'e2,payment,2026-10-05,-10.00,EUR,shop,,,,\n',
      { line: 3, column: 4, field: 'net', code: 'wrong_sign', reason: 'a payment of -10.00 EUR has the wrong sign' },
    ],
    [
      'unknown instance',
      'e2,payment,2026-10-05,10.00,EUR,nowhere,,,,\n',
      { line: 3, column: 6, field: 'instance', code: 'instance_unknown', reason: "there is no instance 'nowhere'" },
    ],
    [
      'unknown currency',
      'e2,payment,2026-10-05,10.00,EUX,shop,,,,\n',
      { line: 3, column: 5, field: 'currency', code: 'currency_unknown', reason: "there is no currency 'EUX'" },
    ],
    [
      'too many decimals',
      'e2,payment,2026-10-05,10.005,EUR,shop,,,,\n',
      { line: 3, column: 4, field: 'net', code: 'amount_decimals', reason: "'10.005' has more decimals than EUR (2)" },
    ],
    [
      'bad date',
      'e2,payment,2026-02-30,10.00,EUR,shop,,,,\n',
      { line: 3, column: 3, field: 'at', code: 'date_invalid', reason: 'is no date: there is no day 2026-2-30' },
    ],
    [
      'NUL',
      'e2,payment,2026-10-05,10.00,EUR,shop,C\0,,,\n',
      { line: 3, column: 7, field: 'account', code: 'nul_byte', reason: 'holds a NUL byte' },
    ],
    [
      '5 MB field',
      `e2,payment,2026-10-05,10.00,EUR,shop,${'x'.repeat(5_000_000)},,,\n`,
      { line: 3, column: 7, field: 'account', code: 'field_too_large', reason: 'is longer than 1048576 bytes' },
    ],
    [
      'field count',
      'e2,payment,2026-10-05,10.00,EUR,shop\n',
      { line: 3, column: 7, field: 'account', code: 'field_count', reason: 'has 6 fields, the header has 10' },
    ],
    [
      'sale without worth',
      'e2,payment,2026-10-05,10.00,EUR,shop,,,INV,\n',
      {
        line: 3,
        column: 10,
        field: 'sale_net',
        code: 'sale_net_missing',
        reason: 'an event of a sale (sale_ref) must say what the whole sale is worth',
      },
    ],
    [
      'sale of another worth',
      'e2,payment,2026-10-05,10.00,EUR,shop,,,INV,20\ne3,payment,2026-10-05,10.00,EUR,shop,,,INV,21\n',
      {
        line: 4,
        column: 9,
        field: 'sale_ref',
        code: 'sale_differs',
        reason: "sale 'INV' is otherwise on line 3: sale_net 20.00 → 21.00",
      },
    ],
    [
      'sale in another currency',
      'e2,payment,2026-10-05,10.00,EUR,shop,,,INV,20\ne3,payment,2026-10-05,10.00,USD,shop,,,INV,20\n',
      {
        line: 4,
        column: 9,
        field: 'sale_ref',
        code: 'sale_differs',
        reason: "sale 'INV' is otherwise on line 3: currency EUR → USD",
      },
    ],
    [
      'sale of another instance',
      'e2,payment,2026-10-05,10.00,EUR,shop,,,INV,20\ne3,payment,2026-10-05,10.00,EUR,shop-2,,,INV,20\n',
      {
        line: 4,
        column: 9,
        field: 'sale_ref',
        code: 'sale_differs',
        reason: "sale 'INV' is otherwise on line 3: instance shop → shop-2",
      },
    ],
    [
      'same id, other content',
      `e1,payment,2026-10-05T09:30:00Z,11.00,EUR,shop,,plan,,\n`,
      {
        line: 3,
        column: 1,
        field: 'id',
        code: 'same_id_in_file',
        reason:
          'same id as line 2, other content: line 2 has account C-1 → (none); net 10.00 → 11.00; gross 10.00 → 11.00',
      },
    ],
    [
      'second signup',
      'e2,signup,2026-10-05,0,EUR,shop,C-9,,,\ne3,signup,2026-10-06,0,EUR,shop,C-9,,,\n',
      {
        line: 4,
        column: 7,
        field: 'account',
        code: 'signup_repeated',
        reason: 'account shop/C-9 has signed up already, in this file',
      },
    ],
  ])('%s: line, column, reason; and nothing of it stays', async (_, bad, problem) => {
    const before = await footprint(db);
    const failure = await failureOf(take(good('e1') + bad + good('e9')));
    expect(failure).toMatchObject({ code: 'rows_rejected', exitCode: 2, details: { file: 'in.csv', rejected: 1 } });
    expect(problemsOf(failure)).toEqual([{ ...problem, remedy: expect.any(String) }]);
    expect(failure.message).toContain(`in.csv:${problem.line}:${problem.column} (${problem.field}) ${problem.reason}`);
    expect(await footprint(db)).toEqual(before);
  });

  it.each([
    ['an empty file', '', 'file_empty', 'in.csv:1 the file is empty'],
    [
      'a duplicate header',
      `${PLAIN_HEADER},net\n`,
      'header_duplicate',
      'in.csv:1:11 (net) column 4 has this name already',
    ],
    [
      'an unclosed quote',
      `${PLAIN_HEADER}\n${good('e1')}"e2,payment\n${good('e3')}`,
      'quote_unclosed',
      'in.csv:3:1 (id) opens a quote that is never closed, so the rest of the file cannot be read',
    ],
  ])('%s refuses the file, with --partial too', async (_, content, code, message) => {
    const before = await footprint(db);
    const file = desk.put('bad.csv', content);
    for (const partial of [false, true]) {
      expect(await failureOf(take('', { file, partial }))).toMatchObject({ code, exitCode: 2, message });
    }
    expect(await footprint(db)).toEqual(before);
  });

  it('bad UTF-8 names its byte', async () => {
    const file = desk.put(
      'bad.csv',
      Buffer.from(`${PLAIN_HEADER}\ne1,payment,2026-10-05,10.00,EUR,shop,Gr\xfcn,,,\n`, 'latin1'),
    );
    const [problem] = problemsOf(await failureOf(take('', { file })));
    expect(problem).toMatchObject({ line: 2, column: 7, field: 'account', code: 'invalid_encoding' });
    expect(problem!.reason).toContain('byte 3 of the field is 0xFC');
  });

  it('unknown accounts, unless they are to be created', async () => {
    const failure = await failureOf(take(good('e1'), { createAccounts: false }));
    expect(problemsOf(failure)).toEqual([
      expect.objectContaining({
        line: 2,
        column: 7,
        field: 'account',
        code: 'account_unknown',
        reason: "there is no account 'shop/C-1'",
      }),
    ]);
  });

  it('a header alone is a file of nothing', async () => {
    expect(await take('')).toMatchObject({ read: 0, new: 0, known: 0, rejected: 0, batch: null });
  });

  it('no file, no mapping, a directory', async () => {
    expect(await failureOf(take('', { file: desk.path('none.csv') }))).toMatchObject({ code: 'file_not_found' });
    expect(await failureOf(take('', { file: desk.directory }))).toMatchObject({ code: 'file_not_regular' });
    expect(await failureOf(take('', { map: desk.path('none.toml') }))).toMatchObject({ code: 'mapping_not_readable' });
  });

  it('one problem of many rows is one line: the first rows by name, and a count', async () => {
    const rows = Array.from({ length: 1500 }, (_, i) => `e${i},payment,2026-10-05,-1,EUR,shop,,,,\n`).join('');
    const failure = await failureOf(take(rows));
    const [heading, told, ...more] = failure.message.split('\n');
    expect(heading).toBe('1500 of 1500 rows cannot be imported, so nothing was');
    expect(told).toMatch(/^ {2}\S+\.csv:2:4 \(net\) a payment of -1\.00 EUR has the wrong sign/);
    // A script is told of a thousand rows; of how many more there are, the heading knows.
    expect(told).toMatch(/; so in 1000 or more records \(lines 2, 3, 4, 5, 6, 7 …\)$/);
    expect(more).toEqual([]);
    expect(problemsOf(failure)).toHaveLength(1000);
  });

  it('more than twenty different problems are counted, and told to a script', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `e${i},payment,2026-10-05,-${i + 1},EUR,shop,,,,\n`).join('');
    const failure = await failureOf(take(rows));
    const lines = failure.message.split('\n');
    expect(lines).toHaveLength(22);
    expect(lines[20]).toMatch(/\.csv:21:4 /);
    expect(lines[21]).toBe('  …');
    expect(lines[0]).toBe('30 of 30 rows cannot be imported, so nothing was');
    expect(problemsOf(failure)).toHaveLength(30);
  });
});

describe('importing', () => {
  beforeEach(async () => await open(['shop', 'shop-2']));
  afterEach(async () => await database.drop());

  it('sends records that name no instance to the default, and tells them apart later', async () => {
    const rows =
      'e1,payment,2026-10-05T10:00:00Z,20.00,EUR,,C-1,plan,INV-1,20.00\n' +
      'e2,payment,2026-10-06T10:00:00Z,10.00,EUR,shop-2,C-2,plan,,\n' +
      'e3,refund,2026-10-07T10:00:00Z,-5.00,EUR,,C-1,plan,INV-1,20.00\n';
    expect((await failureOf(take(rows))).message).toContain('the instance is blank');
    expect((await failureOf(take(rows, { defaultInstance: 'shap' }))).code).toBe('instance_not_found');
    expect(await take(rows, { defaultInstance: 'shop' })).toMatchObject({ new: 3, rejected: 0 });
    const told = async (query: RevenueQuery) =>
      (await listRevenue(ctx, query, { limit: 10, offset: 0 })).map(({ externalId, instance, instanceDefaulted }) => [
        externalId,
        instance,
        instanceDefaulted,
      ]);
    expect(await told({})).toEqual([
      ['e1', 'shop', true],
      ['e2', 'shop-2', false],
      ['e3', 'shop', true],
    ]);
    expect(await told({ defaulted: true, instance: 'shop' })).toHaveLength(2);
    expect(await told({ defaulted: true, instance: 'shop-2' })).toEqual([]);
    // The same file again, and one that says by now where it was sold: the same event, and nothing new.
    expect(await take(rows, { defaultInstance: 'shop' })).toMatchObject({ new: 0, known: 3 });
    expect(await take(rows.replace('EUR,,', 'EUR,shop,'), { defaultInstance: 'shop' })).toMatchObject({
      new: 0,
      known: 3,
    });
    expect((await failureOf(take(rows, { defaultInstance: 'shop-2' }))).message).toContain(
      'has instance shop → shop-2',
    );
  });

  it('wants no instance in a mapping whose records go to the default', async () => {
    const map = desk.put(
      'legacy.toml',
      PLAIN_MAP.split('\n')
        .filter((line) => !line.startsWith('instance'))
        .join('\n'),
    );
    const rows = 'e1,payment,2026-10-05T10:00:00Z,20.00,EUR,whatever,C-1,plan,,\n';
    expect((await failureOf(take(rows, { map }))).message).toContain('columns.instance: is missing');
    expect(await take(rows, { map, defaultInstance: 'shop' })).toMatchObject({ new: 1 });
  });

  it('writes events in the order of their dates, under one batch that says what came', async () => {
    const rows =
      'e2,payment,2026-10-06T00:00:00Z,20.00,EUR,shop,C-2,plan,,\n' +
      'e1,payment,2026-10-05T23:59:59.999Z,10.00,EUR,shop,C-1,plan,INV-1,40.00\n' +
      'e3,refund,2026-10-06T01:00:00Z,-5.00,USD,shop-2,,,,\n';
    const imported = await take(rows);
    expect(imported).toMatchObject({
      source: 'billing',
      read: 3,
      new: 3,
      known: 0,
      rejected: 0,
      accountsCreated: 2,
      productsCreated: 1,
      sums: [
        { currency: 'EUR', kind: 'payment', events: 2, net: '30.00' },
        { currency: 'USD', kind: 'refund', events: 1, net: '-5.00' },
      ],
      batch: { firstOn: '2026-10-05', lastOn: '2026-10-06' },
      rejects: null,
    });
    const events = await db.sql`
      select e.id - b.first_id as nth, external_id, kind, i.code as instance, a.code as account, p.code as product, s.sale_ref, e.currency,
        net_minor, gross_minor, tax_minor, occurred_at, occurred_on
      from revenue_events e join event_batches b on b.id = e.batch_id join instances i on i.id = e.instance_id
      left join accounts a on a.id = e.account_id left join products p on p.id = e.product_id
      left join sales s on s.id = e.sale_id order by e.id`;
    expect(events.map((event) => Object.values(event))).toEqual([
      [
        '0',
        'e1',
        'payment',
        'shop',
        'C-1',
        'plan',
        'INV-1',
        'EUR',
        '1000',
        '1000',
        '0',
        '2026-10-05 23:59:59.999+00',
        '2026-10-05',
      ],
      [
        '1',
        'e2',
        'payment',
        'shop',
        'C-2',
        'plan',
        null,
        'EUR',
        '2000',
        '2000',
        '0',
        '2026-10-06 00:00:00+00',
        '2026-10-06',
      ],
      [
        '2',
        'e3',
        'refund',
        'shop-2',
        null,
        null,
        null,
        'USD',
        '-500',
        '-500',
        '0',
        '2026-10-06 01:00:00+00',
        '2026-10-06',
      ],
    ]);
    const [batch] =
      await db.sql`select origin, file_name, file_sha256, rows_read, rows_known, rows_rejected, created_by from event_batches`;
    expect(batch).toMatchObject({
      origin: 'import',
      file_name: 'in.csv',
      rows_read: '3',
      rows_known: '0',
      rows_rejected: '0',
      created_by: 'tester',
    });
    expect(batch!['file_sha256']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('again adds nothing; with more in it, only that', async () => {
    const rows =
      'e1,payment,2026-10-05,10.00,EUR,shop,C-1,plan,INV-1,10.00\ne2,payment,2026-10-05,10.00,EUR,shop,,,,\n';
    await take(rows);
    const before = await footprint(db);
    expect(await take(rows)).toMatchObject({ read: 2, new: 0, known: 2, rejected: 0, batch: null });
    expect(await footprint(db)).toEqual(before);
    expect(await take(`${rows}e3,payment,2026-10-05,10.00,EUR,shop,,,,\n`)).toMatchObject({
      read: 3,
      new: 1,
      known: 2,
    });
  });

  it('the same row twice in a file is one event', async () => {
    const row = 'e1,payment,2026-10-05,10.00,EUR,shop,C-1,plan,,\n';
    expect(await take(row + row + row)).toMatchObject({ read: 3, new: 1, known: 2, rejected: 0 });
    expect(await take(row + row)).toMatchObject({ read: 2, new: 0, known: 2, rejected: 0, batch: null });
  });

  it('the same id with other content is refused by name, in each of its columns', async () => {
    await take('e1,payment,2026-10-05,10.00,EUR,shop,C-1,plan,INV-1,10.00\n');
    const reasonFor = async (row: string) => problemsOf(await failureOf(take(`${row}\n`)))[0]!.reason;
    const [event] = await db.sql`select id, batch_id from revenue_events`;
    const named = `same id, other content: event ${event!['id']} (batch ${event!['batch_id']}, in.csv) has`;
    expect(await reasonFor('e1,adjustment,2026-10-05,10.00,EUR,shop,C-1,plan,INV-1,10.00')).toBe(
      `${named} kind payment → adjustment`,
    );
    expect(await reasonFor('e1,payment,2026-10-05T00:00:01Z,10.00,EUR,shop,C-1,plan,INV-1,10.00')).toBe(
      `${named} occurred_at 2026-10-05T00:00:00.000Z → 2026-10-05T00:00:01.000Z`,
    );
    expect(await reasonFor('e1,payment,2026-10-05,12.00,EUR,shop,C-1,plan,INV-1,10.00')).toBe(
      `${named} net 10.00 → 12.00; gross 10.00 → 12.00`,
    );
    expect(await reasonFor('e1,payment,2026-10-05,10.00,EUR,shop,C-2,support,INV-1,10.00')).toBe(
      `${named} account C-1 → C-2; product plan → support`,
    );
    expect(await reasonFor('e1,payment,2026-10-05,10.00,EUR,shop,C-1,plan,,')).toBe(`${named} sale_ref INV-1 → (none)`);
    expect(await reasonFor('e1,payment,2026-10-05,10.00,KWD,shop-2,C-1,plan,INV-1,10.00')).toBe(
      `${named} instance shop → shop-2; currency EUR → KWD; net 10.00 → 10.000; gross 10.00 → 10.000; tax 0.00 → 0.000`,
    );
    // What a row says of the sale besides is not its own: sale_net is compared only for new events.
    expect(await take('e1,payment,2026-10-05,10.00,EUR,shop,C-1,plan,INV-1,99.00\n')).toMatchObject({
      known: 1,
      rejected: 0,
    });
  });

  it('freezes a sale by its first event, and learns its first payment later', async () => {
    const sale = async () => {
      const [row] = await db.sql`
        select i.code as instance, a.code as account, p.code as product, s.currency, sale_net_minor, sale_gross_minor, wholesale_net_minor,
          sale_date, first_payment_on
        from sales s join instances i on i.id = s.instance_id left join accounts a on a.id = s.account_id left join products p on p.id = s.product_id`;
      return Object.values(row!);
    };
    await take('e1,refund,2026-10-05,-10.00,EUR,shop,C-1,plan,INV-1,40.00\n');
    expect(await sale()).toEqual(['shop', 'C-1', 'plan', 'EUR', '4000', '4000', null, null, null]);
    await take(
      'e2,payment,2026-10-04,20.00,EUR,shop,C-1,plan,INV-1,40.00\ne3,payment,2026-10-03,20.00,EUR,shop,C-1,plan,INV-1,40.00\n',
    );
    expect(await sale()).toEqual(['shop', 'C-1', 'plan', 'EUR', '4000', '4000', null, '2026-10-03', '2026-10-03']);
    // Known by then: an earlier one that comes late moves nothing.
    await take('e4,payment,2026-10-01,1.00,EUR,shop,C-1,plan,INV-1,40.00\n');
    expect(await sale()).toEqual(['shop', 'C-1', 'plan', 'EUR', '4000', '4000', null, '2026-10-03', '2026-10-03']);

    const [stored] = await db.sql`select id from sales`;
    const failure = await failureOf(take('e5,payment,2026-10-05,1.00,EUR,shop,C-1,plan,INV-1,41.00\n'));
    expect(problemsOf(failure)[0]).toMatchObject({
      code: 'sale_differs',
      reason: `sale 'INV-1' is stored otherwise (sale ${stored!['id']}): sale_net 40.00 → 41.00`,
    });
  });

  it('takes the other terms of a sale from the first row that gives them', async () => {
    const map = desk.put(
      'terms.toml',
      `${PLAIN_MAP.replace('[kind]', 'sale_gross = "gross"\nwholesale_net = "cost"\nsale_date = "invoiced"\n\n[kind]')}`,
    );
    const header = `${PLAIN_HEADER},gross,cost,invoiced`;
    const file = desk.put(
      'terms.csv',
      `${header}\ne1,refund,2026-10-09,-1,EUR,shop,,,INV,100,,,\n` +
        'e2,payment,2026-10-08,1,EUR,shop,C-1,plan,INV,100,119,60,2026-09-30\ne3,payment,2026-10-08,1,EUR,shop,C-1,plan,INV,100,119,,\n',
    );
    expect(await take('', { file, map })).toMatchObject({ new: 3 });
    const [sale] = await db.sql`
      select a.code as account, p.code as product, sale_net_minor, sale_gross_minor, wholesale_net_minor, sale_date, first_payment_on
      from sales s left join accounts a on a.id = s.account_id left join products p on p.id = s.product_id`;
    expect(Object.values(sale!)).toEqual(['C-1', 'plan', '10000', '11900', '6000', '2026-09-30', '2026-10-08']);
    const other = desk.put('other.csv', `${header}\ne4,payment,2026-10-08,1,EUR,shop,,,INV,100,120,61,2026-10-01\n`);
    expect(problemsOf(await failureOf(take('', { file: other, map })))[0]!.reason).toMatch(
      /: sale_gross 119\.00 → 120\.00; wholesale_net 60\.00 → 61\.00; sale_date 2026-09-30 → 2026-10-01$/,
    );
  });

  describe('what nobody said of a sale', () => {
    const header = `${PLAIN_HEADER},gross,cost,invoiced`;
    const tell = async (...rows: string[]) =>
      await take('', {
        file: desk.put('terms.csv', `${header}\n${rows.join('\n')}\n`),
        map: desk.put(
          'terms.toml',
          PLAIN_MAP.replace('[kind]', 'sale_gross = "gross"\nwholesale_net = "cost"\nsale_date = "invoiced"\n\n[kind]'),
        ),
      });
    const sale = async () => {
      const [row] = await db.sql`
        select a.code as account, p.code as product, sale_gross_minor, gross_told, wholesale_net_minor, sale_date, first_payment_on
        from sales s left join accounts a on a.id = s.account_id left join products p on p.id = s.product_id`;
      return Object.values(row!);
    };
    const reasons = async (promise: Promise<unknown>) =>
      problemsOf(await failureOf(promise)).map(({ line, column, field, reason }) => [line, column, field, reason]);

    it('it learns from a later file, until its first decision', async () => {
      await tell('e1,refund,2026-10-02,-10,EUR,shop,,,INV,100,,,');
      await accrue(ctx, '2026-10-31');
      expect(await sale()).toEqual([null, null, '10000', false, null, null, null]);
      await tell('e2,payment,2026-10-03,50,EUR,shop,C-1,plan,INV,100,119,60,');
      const known = ['C-1', 'plan', '11900', true, '6000', '2026-10-03', '2026-10-03'];
      expect(await sale()).toEqual(known);
      await accrue(ctx, '2026-10-31');
      expect(await tell('e3,payment,2026-10-04,50,EUR,shop,,,INV,100,,,')).toMatchObject({ new: 1 });
      expect(await sale()).toEqual(known);
    });

    it('it does without once it is decided', async () => {
      await tell('e1,payment,2026-10-03,50,EUR,shop,,,INV,100,,,');
      await accrue(ctx, '2026-10-31');
      const [stored] = await db.sql`select id from sales`;
      expect(await reasons(tell('e2,payment,2026-10-04,50,EUR,shop,C-1,plan,INV,100,119,60,2026-10-01'))).toEqual([
        [
          2,
          9,
          'sale_ref',
          `sale 'INV' is stored otherwise (sale ${stored!['id']}): sale_gross 100.00 → 119.00; wholesale_net (none) → 60.00; sale_date 2026-10-03 → 2026-10-01`,
        ],
      ]);
      // Its account is its own; the sale was decided without one.
      expect(await tell('e2,payment,2026-10-04,50,EUR,shop,C-1,plan,INV,100,,,')).toMatchObject({ new: 1 });
      expect(await sale()).toEqual([null, null, '10000', false, null, '2026-10-03', '2026-10-03']);
    });

    it('two rows may not say otherwise than each other', async () => {
      const rows = [
        'e1,payment,2026-10-03,50,EUR,shop,,,INV,100,,,',
        'e2,payment,2026-10-03,50,EUR,shop,C-1,plan,INV,100,119,,',
      ];
      expect(
        await reasons(
          tell(
            ...rows,
            'e3,payment,2026-10-03,1,EUR,shop,C-2,,INV,100,,,',
            'e4,payment,2026-10-03,1,EUR,shop,C-1,addon,INV,100,,,',
            'e5,payment,2026-10-03,1,EUR,shop,,,INV,100,120,,',
          ),
        ),
      ).toEqual([
        [4, 7, 'account', "sale 'INV' is otherwise on line 3: account C-1 → C-2"],
        [5, 8, 'product', "sale 'INV' is otherwise on line 3: product plan → addon"],
        [6, 9, 'sale_ref', "sale 'INV' is otherwise on line 3: sale_gross 119.00 → 120.00"],
      ]);
      await tell(...rows);
      const [stored] = await db.sql`select id from sales`;
      expect(
        await reasons(
          tell(
            'e6,payment,2026-10-03,1,EUR,shop,C-2,,INV,100,,,',
            'e7,payment,2026-10-03,1,EUR,shop,,addon,INV,100,,,',
          ),
        ),
      ).toEqual([
        [2, 7, 'account', `sale 'INV' is stored otherwise (sale ${stored!['id']}): account C-1 → C-2`],
        [3, 8, 'product', `sale 'INV' is stored otherwise (sale ${stored!['id']}): product plan → addon`],
      ]);
    });

    it('a row that was set aside does not say', async () => {
      const imported = await take(
        'e1,payment,2026-10-03,1,EUR,shop,C-1,,INV,100\ne2,payment,2026-10-03,1,EUR,shop,C-8,,INV,101\ne3,payment,2026-10-03,1,EUR,shop,C-1,,INV,100\n',
        { partial: true },
      );
      expect(imported).toMatchObject({ new: 2, rejected: 1 });
    });

    it.each([
      ['before', 0],
      ['while', 400],
    ])('what an import says %s the decision is written is rated again', async (_, held) => {
      await tell('e1,payment,2026-10-03,100,EUR,shop,,,INV,100,,,');
      await tell('e0,payment,2026-10-01,0,EUR,shop,C-1,,,,,,');
      await db.transaction(async (tx) => {
        const [account] = await tx.sql<{ id: number }[]>`select id::int from accounts`;
        await insertRule(tx, { scope: 'programme', ratePpm: 100_000 });
        await insertRule(tx, { scope: 'account', scopeId: account!.id, ratePpm: 250_000 });
      });
      const job = accrualJob();
      let units = 0;
      let telling: Promise<unknown> = Promise.resolve();
      const { summary } = await runJob(
        ctx,
        {
          ...job,
          run: async (work) => {
            const unit: Unit = async (step) => {
              units += 1;
              // The first unit reads the sales; by the second they are rated.
              if (units === 2) {
                let said = (): void => {};
                const spoken = new Promise<void>((resolve) => (said = resolve));
                const committing: OpenedContext = {
                  ...ctx,
                  write: async (write) =>
                    await ctx.db.transaction(async (tx) => {
                      const done = await write(tx);
                      said();
                      await sleep(held);
                      return done;
                    }),
                };
                telling = take('e2,payment,2026-11-03,1,EUR,shop,C-1,,INV,100\n', {}, committing);
                await (held === 0 ? telling : spoken);
              }
              return await work.unit(step);
            };
            return await job.run({ ...work, unit });
          },
        },
        '2026-10-31',
      );
      await telling;
      expect(summary).toMatchObject({ events: 2, amounts: [{ currency: 'EUR', net: '25.00' }] });
    });
  });

  it('fixes business dates in the zone of the programme', async () => {
    const berlin = { ...ctx, zone: 'Europe/Berlin' };
    await take(
      'e1,payment,2026-03-28T23:30:00Z,1,EUR,shop,,,,\ne2,payment,2026-03-29T22:30:00Z,1,EUR,shop,,,,\ne3,payment,2026-10-25T22:30:00Z,1,EUR,shop,,,,\ne4,payment,2026-10-25T23:30:00Z,1,EUR,shop,,,,\n',
      {},
      berlin as OpenedContext,
    );
    const dates = await db.sql`select external_id, occurred_on from revenue_events order by external_id`;
    expect(dates.map((row) => row['occurred_on'] as string)).toEqual([
      '2026-03-29',
      '2026-03-30',
      '2026-10-25',
      '2026-10-26',
    ]);
  });

  it('reads NDJSON', async () => {
    const file = desk.put(
      'in.ndjson',
      '{"id":"e1","kind":"payment","at":"2026-10-05T09:30:00Z","net":12.5,"currency":"EUR","instance":"shop","account":"C-1"}\n' +
        '{"id":"e2","kind":"refund","at":"2026-10-06","net":"-2.50","currency":"EUR","instance":"shop"}\n' +
        '{"id":"e3","at":"2026-10-06","net":"1.005","currency":"EUR","instance":"shop"}\nnot json\n',
    );
    const imported = await take('', { file, partial: true });
    expect(imported).toMatchObject({ read: 4, new: 2, rejected: 2, rejects: { records: `${file}.rejected.ndjson` } });
    expect(imported.problems).toMatchObject([
      { line: 3, column: null, field: 'net', code: 'amount_decimals' },
      { line: 4, column: 1, field: null, code: 'json_invalid' },
    ]);
    expect(desk.text('in.ndjson.rejected.ndjson')).toBe(
      '{"id":"e3","at":"2026-10-06","net":"1.005","currency":"EUR","instance":"shop"}\nnot json\n',
    );
  });

  it('a dry run says what would be, and leaves nothing', async () => {
    const before = await footprint(db);
    const dry = await database.context({ dryRun: true });
    const imported = await take(
      'e1,payment,2026-10-05,10.00,EUR,shop,C-1,plan,,\ne2,bonus,,,,,,,,\n',
      { partial: true },
      dry,
    );
    expect(imported).toMatchObject({ new: 1, rejected: 1, rejects: null });
    expect(dry.report.changes.map(({ table }) => table)).toEqual(['accounts', 'products', 'event_batches']);
    expect(await footprint(db)).toEqual(before);
    expect(() => desk.text('in.csv.rejected.csv')).toThrow('ENOENT');
  });

  it('twice at once is once', async () => {
    const rows = Array.from(
      { length: 2000 },
      (_, i) => `e${i},payment,2026-10-05,10.00,EUR,shop,C-${i % 50},plan,S-${i % 300},9.00\n`,
    ).join('');
    const contexts = await Promise.all([1, 2, 3, 4].map(async () => await database.context()));
    const file = desk.put('in.csv', `${PLAIN_HEADER}\n${rows}`);
    const map = desk.put('map.toml', PLAIN_MAP);
    const imported = await Promise.all(
      contexts.map(async (one) => await importRevenue(one, { file, map, createAccounts: true })),
    );
    expect(imported.map((one) => one.new).sort()).toEqual([0, 0, 0, 2000]);
    expect(imported.every((one) => one.rejected === 0 && one.new + one.known === 2000)).toBe(true);
  });

  it('a voided id may come again, as its next version', async () => {
    const row = 'e1,payment,2026-10-05,10.00,EUR,shop,,,,\n';
    await take(row);
    await voidEvent(database, 'e1');
    expect(await take(row.replace('10.00', '11.00'))).toMatchObject({ new: 1, known: 0 });
    expect(
      await db.sql`select version, net_minor from revenue_events where external_id = 'e1' order by version`,
    ).toEqual([
      { version: 1, net_minor: '1000' },
      { version: 2, net_minor: '1100' },
    ]);
    expect(await take(row.replace('10.00', '11.00'))).toMatchObject({ new: 0, known: 1 });
    expect(problemsOf(await failureOf(take(row)))[0]!.reason).toContain('net 11.00 → 10.00');
  });

  it('an account signs up once, whatever file says so', async () => {
    await take('e1,signup,2026-10-05,0,EUR,shop,C-1,,,\n');
    const failure = await failureOf(
      take('e2,signup,2026-10-06,0,EUR,shop,C-1,,,\ne3,signup,2026-10-06,0,EUR,shop-2,C-1,,,\n'),
    );
    expect(problemsOf(failure)).toEqual([
      expect.objectContaining({
        line: 2,
        code: 'signup_repeated',
        reason: expect.stringMatching(/signed up already: event \d+$/),
      }),
    ]);
  });
});

describe('--partial', () => {
  beforeEach(async () => await open(['shop']));
  afterEach(async () => await database.drop());

  const MIXED =
    'e1,payment,2026-10-05,10.00,EUR,shop,C-1,plan,,\n' +
    'e2,payment,2026-10-05,-10.00,EUR,shop,C-1,plan,,\r\n' +
    'e3,payment,2026-10-05,10.00,EUR,nowhere,"C\n1",=plan,,\n' +
    'e4,payment,2026-10-05,10.00,EUR,shop,C-2,plan,,\n' +
    'e5,payment,"2026-10-05"x,10.00,EUR,shop,C-3,plan,,\n' +
    'e4,payment,2026-10-05,11.00,EUR,shop,C-2,plan,,';

  it('imports the good rows and sets the others aside, to be mended and imported', async () => {
    const imported = await take(MIXED, { partial: true });
    const [records, reasons] = [desk.path('in.csv.rejected.csv'), desk.path('in.csv.rejected.reasons.csv')];
    expect(imported).toMatchObject({
      read: 6,
      new: 2,
      known: 0,
      rejected: 4,
      accountsCreated: 2,
      productsCreated: 1,
      rejects: { records, reasons },
    });
    expect(imported.problems.map(({ line, column, code }) => [line, column, code])).toEqual([
      [3, 4, 'wrong_sign'],
      [4, 6, 'instance_unknown'],
      [7, 3, 'text_after_quote'],
      [8, 1, 'same_id_in_file'],
    ]);
    expect(desk.text('in.csv.rejected.csv')).toBe(
      `${PLAIN_HEADER}\n` +
        'e2,payment,2026-10-05,-10.00,EUR,shop,C-1,plan,,\r\n' +
        'e3,payment,2026-10-05,10.00,EUR,nowhere,"C\n1",=plan,,\n' +
        'e5,payment,"2026-10-05"x,10.00,EUR,shop,C-3,plan,,\n' +
        'e4,payment,2026-10-05,11.00,EUR,shop,C-2,plan,,\n',
    );
    expect(
      desk
        .text('in.csv.rejected.reasons.csv')
        .split('\n')
        .map((line) => line.split(',').slice(0, 5)),
    ).toEqual([
      ['line', 'column', 'field', 'code', 'reason'],
      ['3', '4', 'net', 'wrong_sign', 'a payment of -10.00 EUR has the wrong sign'],
      ['4', '6', 'instance', 'instance_unknown', "there is no instance 'nowhere'"],
      ['7', '3', 'at', 'text_after_quote', 'has text after its closing quote'],
      ['8', '1', 'id', 'same_id_in_file', expect.stringMatching(/^"same id as line 6/)],
      [''],
    ]);
    // The lines of the rejects file itself are named as well: the third record has two.
    expect(
      desk
        .text('in.csv.rejected.reasons.csv')
        .trimEnd()
        .split('\n')
        .map((line) => line.split(',').at(-1)),
    ).toEqual(['line_in_rejects', '2', '3', '5', '6']);

    const mended = desk
      .text('in.csv.rejected.csv')
      .replace('-10.00', '10.00')
      .replace('nowhere', 'shop')
      .replace('"2026-10-05"x', '2026-10-05')
      .replace('e4,', 'e6,');
    expect(await take('', { file: desk.put('mended.csv', mended) })).toMatchObject({ read: 4, new: 4, rejected: 0 });
    expect(await footprint(db)).toMatchObject({ events: 6, batches: 2 });
    expect(await db.sql`select code from accounts order by code`).toEqual([
      { code: 'C\n1' },
      { code: 'C-1' },
      { code: 'C-2' },
      { code: 'C-3' },
    ]);
  });

  it('rejects the same rows as an import without it', async () => {
    const whole = problemsOf(await failureOf(take(MIXED)));
    expect((await take(MIXED, { partial: true })).problems).toEqual(whole);
  });

  it('again knows what is in, and puts the same aside', async () => {
    await take(MIXED, { partial: true });
    const aside = desk.text('in.csv.rejected.csv');
    const again = await take(MIXED, { partial: true });
    expect(again).toMatchObject({ new: 0, known: 2, rejected: 4, batch: null });
    // Now the other content stands in the books and not in the file.
    expect(again.problems.at(-1)).toMatchObject({ line: 8, code: 'same_id_other_content' });
    expect(desk.text('in.csv.rejected.csv')).toBe(aside);
  });

  it('never writes over rejects that somebody is mending', async () => {
    desk.put('in.csv.rejected.csv', 'half mended');
    const before = await footprint(db);
    expect(await failureOf(take(MIXED, { partial: true }))).toMatchObject({ code: 'rejects_exist', exitCode: 3 });
    expect(await footprint(db)).toEqual(before);
    expect(desk.text('in.csv.rejected.csv')).toBe('half mended');
    const imported = await take(MIXED, { partial: true, rejectsFile: desk.path('aside.csv') });
    expect(imported.rejects).toEqual({ records: desk.path('aside.csv'), reasons: desk.path('aside.reasons.csv') });
  });

  it('with nothing rejected leaves no file', async () => {
    expect(await take('e1,payment,2026-10-05,10.00,EUR,shop,,,,\n', { partial: true })).toMatchObject({
      new: 1,
      rejects: null,
    });
    expect(() => desk.text('in.csv.rejected.csv')).toThrow('ENOENT');
  });

  it('with everything rejected makes no batch', async () => {
    expect(await take('e1,payment,2026-10-05,x,EUR,shop,C-1,plan,,\n', { partial: true })).toMatchObject({
      new: 0,
      rejected: 1,
      batch: null,
    });
    expect(await footprint(db)).toMatchObject({ events: 0, batches: 0, accounts: 0, products: 0, sources: 0 });
  });

  it('a row of a sale that was set aside has no say in its terms', async () => {
    const imported = await take(
      'e1,payment,2026-10-05,1,EUR,shop,,,,\n' +
        'e1,payment,2026-10-01,2,EUR,shop,C-8,other,INV,50\n' +
        'e2,payment,2026-10-05,2,EUR,shop,C-9,plan,INV,50\n',
      { partial: true },
    );
    expect(imported).toMatchObject({ new: 2, rejected: 1 });
    const [sale] =
      await db.sql`select a.code as account, p.code as product, first_payment_on from sales s join accounts a on a.id = s.account_id join products p on p.id = s.product_id`;
    expect(sale).toEqual({ account: 'C-9', product: 'plan', first_payment_on: '2026-10-05' });
    expect(await db.sql`select code from accounts`).toEqual([{ code: 'C-9' }]);
    expect(await db.sql`select code from products`).toEqual([{ code: 'plan' }]);
  });
});

describe.skipIf(!existsSync(invoices))('half a year of real invoices', () => {
  beforeEach(async () => await open(ONLINE_RETAIL_INSTANCES));
  afterEach(async () => await database.drop());

  it('comes in whole, and a second time adds nothing', async () => {
    const request = { file: invoices, map: desk.put('map.toml', ONLINE_RETAIL_MAP), createAccounts: true };
    const first = await importRevenue(ctx, request);
    expect(first).toMatchObject({ read: 13_581, new: 13_581, known: 0, rejected: 0, productsCreated: 3 });
    expect(first.sums).toEqual([
      { currency: 'GBP', kind: 'credit_note', events: 1989, net: '-425238.18' },
      { currency: 'GBP', kind: 'payment', events: 11_592, net: '4699875.29' },
    ]);
    const before = await footprint(db);
    expect(await importRevenue(ctx, request)).toMatchObject({
      read: 13_581,
      new: 0,
      known: 13_581,
      rejected: 0,
      batch: null,
    });
    expect(await footprint(db)).toEqual(before);
  });
});
