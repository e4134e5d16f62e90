import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import type { Database } from '../../src/db/connection.ts';
import { importRevenue } from '../../src/services/revenue/import-revenue.ts';
import { listOrphans, listRevenue, showRevenue } from '../../src/services/revenue/list-revenue.ts';
import { recordRevenue, type RecordRequest } from '../../src/services/revenue/record-revenue.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { Desk, footprint, openInstances, PLAIN_HEADER, PLAIN_MAP } from '../support/revenue.ts';

let database: TestDatabase;
let db: Database;
let ctx: OpenedContext;
beforeEach(async () => {
  database = await testDatabase();
  db = await database.as('tester');
  await openInstances(db, ['shop', 'shop-2']);
  ctx = await database.context();
});
afterEach(async () => await database.drop());

const PAYMENT: RecordRequest['fields'] = {
  external_id: 'pay-1',
  instance: 'shop',
  kind: 'payment',
  net: '125.50',
  currency: 'EUR',
  occurred_at: '2026-10-05',
};
const page = { limit: 100, offset: 0 };
const record = async (fields: RecordRequest['fields'], more: Partial<RecordRequest> = {}) =>
  await recordRevenue(ctx, { fields: { ...PAYMENT, ...fields }, ...more });

describe('recording by hand', () => {
  it('writes one event under a batch of its own, and says it back', async () => {
    const recorded = await record(
      { account: 'C-1', product: 'plan', tax: '23.85', sale_ref: 'INV-1', sale_net: '251' },
      { createAccount: true },
    );
    expect(recorded).toMatchObject({
      isNew: true,
      source: 'manual',
      externalId: 'pay-1',
      kind: 'payment',
      occurredAt: '2026-10-05 00:00:00+00',
      occurredOn: '2026-10-05',
      instance: 'shop',
      account: 'C-1',
      product: 'plan',
      currency: 'EUR',
      net: '125.50',
      gross: '149.35',
      tax: '23.85',
      saleRef: 'INV-1',
      saleNet: '251.00',
      saleGross: '251.00',
      saleDate: '2026-10-05',
      origin: 'record',
      file: null,
      decided: false,
      voided: false,
      createdBy: 'tester',
    });
    expect(await footprint(db)).toMatchObject({ events: 1, batches: 1, sales: 1, accounts: 1, products: 1 });
  });

  it('keeps what an event costs wholesale, as content of its own', async () => {
    expect(await record({ wholesale_net: '80' })).toMatchObject({ isNew: true, saleRef: null, wholesaleNet: '80.00' });
    expect(await record({ wholesale_net: '80.00' })).toMatchObject({ isNew: false });
    await expect(record({ wholesale_net: '81' })).rejects.toThrow(/has wholesale_net 80\.00 → 81\.00$/);
    await expect(record({})).rejects.toThrow(/has wholesale_net 80\.00 → \(none\)$/);
    await expect(record({ external_id: 'pay-2', wholesale_net: '-1' })).rejects.toMatchObject({ code: 'wrong_sign' });
  });

  it('again is known; with other content it is refused', async () => {
    const first = await record({});
    const before = await footprint(db);
    expect(await record({})).toMatchObject({ isNew: false, id: first.id });
    await expect(record({ net: '125.51' })).rejects.toMatchObject({
      code: 'same_id_other_content',
      exitCode: 3,
      message: `--id: same id, other content: event ${first.id} (batch ${first.batch}) has net 125.50 → 125.51; gross 125.50 → 125.51`,
    });
    expect(await footprint(db)).toEqual(before);
    expect(await record({}, { source: 'phone' })).toMatchObject({ isNew: true, source: 'phone' });
  });

  it.each<[string, RecordRequest['fields'], object]>([
    [
      'a wrong sign',
      { kind: 'refund' },
      { code: 'wrong_sign', exitCode: 2, message: '--net: a refund of 125.50 EUR has the wrong sign' },
    ],
    ['too many decimals', { net: '1.005' }, { code: 'amount_decimals', exitCode: 2 }],
    [
      'more than an event may have',
      { net: '10000000000000.01' },
      {
        code: 'amount_out_of_range',
        exitCode: 2,
        message: "--net: '10000000000000.01' is too large: the limit is 10000000000000.00 EUR",
      },
    ],
    [
      'a date that is none',
      { occurred_at: '2026-02-30' },
      { code: 'date_invalid', exitCode: 2, message: expect.stringMatching(/^--occurred-at: /) as string },
    ],
    [
      'an instance that is none',
      { instance: 'shopp' },
      { code: 'instance_not_found', exitCode: 3, hint: expect.stringContaining("'shop'") as string },
    ],
    ['an account that is none', { account: 'C-9' }, { code: 'account_not_found', exitCode: 3 }],
    [
      'a sale without its worth',
      { sale_ref: 'INV' },
      { code: 'sale_net_missing', exitCode: 2, message: expect.stringMatching(/^--sale-net: /) as string },
    ],
    ['two things at once', { net: 'x', occurred_at: 'y' }, { code: 'event_invalid', exitCode: 2 }],
  ])('refuses %s and leaves nothing', async (_, fields, failure) => {
    const before = await footprint(db);
    await expect(record(fields)).rejects.toMatchObject(failure);
    expect(await footprint(db)).toEqual(before);
  });

  it('keeps a sale to its terms', async () => {
    await record({ sale_ref: 'INV-1', sale_net: '200' });
    await expect(record({ external_id: 'pay-2', sale_ref: 'INV-1', sale_net: '201' })).rejects.toMatchObject({
      code: 'sale_differs',
      exitCode: 3,
      message: expect.stringMatching(
        /^--sale-ref: sale 'INV-1' is stored otherwise \(sale \d+\): sale_net 200\.00 → 201\.00$/,
      ) as string,
    });
  });

  it('dry, shows the event and leaves nothing', async () => {
    const before = await footprint(db);
    const dry = await database.context({ dryRun: true });
    expect(await recordRevenue(dry, { fields: PAYMENT })).toMatchObject({ isNew: true, net: '125.50' });
    expect(dry.report.plan).toMatch(/^[0-9a-f]{12}$/);
    expect(await footprint(db)).toEqual(before);
  });
});

describe('reading', () => {
  it('lists by business date, filtered, in pages', async () => {
    await record({ external_id: 'b', occurred_at: '2026-10-06' });
    await record(
      { external_id: 'a', occurred_at: '2026-10-05', account: 'C-1', product: 'plan' },
      { createAccount: true },
    );
    await record({
      external_id: 'c',
      occurred_at: '2026-10-06',
      instance: 'shop-2',
      currency: 'USD',
      sale_ref: 'INV',
      sale_net: '1',
    });
    await record({ external_id: 'd', occurred_at: '2026-10-07', kind: 'adjustment', net: '-1' }, { source: 'phone' });
    const ids = async (query: Parameters<typeof listRevenue>[1], stretch = page) =>
      (await listRevenue(ctx, query, stretch)).map((event) => event.externalId).join('');
    expect(await ids({})).toBe('abcd');
    expect(await ids({}, { limit: 2, offset: 1 })).toBe('bc');
    expect(await ids({ instance: 'shop-2' })).toBe('c');
    expect(await ids({ account: 'shop/C-1' })).toBe('a');
    expect(await ids({ product: 'plan' })).toBe('a');
    expect(await ids({ kind: 'adjustment' })).toBe('d');
    expect(await ids({ currency: 'USD' })).toBe('c');
    expect(await ids({ source: 'phone' })).toBe('d');
    expect(await ids({ saleRef: 'INV' })).toBe('c');
    expect(await ids({ batch: (await showRevenue(ctx, 'a')).batch })).toBe('a');
    expect(await ids({ from: '2026-10-06', to: '2026-10-07' })).toBe('bc');
    expect(await ids({ undecided: true })).toBe('abcd');
    await expect(listRevenue(ctx, { instance: 'nowhere' }, page)).rejects.toMatchObject({ code: 'instance_not_found' });
  });

  it('shows one by number, id, or source and id', async () => {
    const first = await record({});
    await record({ net: '1' }, { source: 'phone' });
    expect((await showRevenue(ctx, String(first.id))).id).toBe(first.id);
    expect((await showRevenue(ctx, 'manual:pay-1')).id).toBe(first.id);
    await expect(showRevenue(ctx, 'pay-1')).rejects.toMatchObject({
      code: 'ambiguous_event',
      hint: expect.stringContaining('manual:pay-1') as string,
    });
    await expect(showRevenue(ctx, 'pay-9')).rejects.toMatchObject({ code: 'event_not_found', exitCode: 3 });
  });

  it('lists what waits for its sale until the first payment of that is recorded', async () => {
    const desk = new Desk();
    const rows =
      'r1,refund,2026-10-05,-1,EUR,shop,,,S-1,10\nn1,credit_note,2026-10-06,-1,EUR,shop,,,S-1,10\n' +
      'k1,chargeback,2026-10-07,-1,EUR,shop-2,,,S-2,10\na1,adjustment,2026-10-08,1,EUR,shop-2,,,S-2,10\n' +
      'w1,chargeback_won,2026-10-09,1,EUR,shop-2,,,S-2,10\ns1,signup,2026-10-09,0,EUR,shop-2,C-1,,S-2,10\nu1,refund,2026-10-05,-1,EUR,shop,,,,\np3,payment,2026-10-05,5,EUR,shop,,,S-3,10\nr3,refund,2026-10-05,-1,EUR,shop,,,S-3,10\n';
    await importRevenue(ctx, {
      file: desk.put('in.csv', `${PLAIN_HEADER}\n${rows}`),
      map: desk.put('map.toml', PLAIN_MAP),
      createAccounts: true,
    });
    desk.clear();
    const ids = async (query = {}) => (await listOrphans(ctx, query, page)).map((event) => event.externalId);
    expect(await ids()).toEqual(['r1', 'n1', 'k1', 'a1', 'w1']);
    expect(await ids({ instance: 'shop-2' })).toEqual(['k1', 'a1', 'w1']);
    expect(await ids({ to: '2026-10-06' })).toEqual(['r1']);
    await record(
      { external_id: 'p1', net: '10', sale_ref: 'S-1', sale_net: '10', occurred_at: '2026-10-01' },
      { source: 'billing' },
    );
    expect(await ids()).toEqual(['k1', 'a1', 'w1']);
  });
});
