import type { Database } from '../src/db/connection.ts';
import type { Context } from '../src/services/context.ts';
import { drawKnownSeq, insertRule, insertSale, openBooks, recordBatch, type Batch, type Books } from './books.ts';
import { accrue } from './support/accrual.ts';

/** The books of books.ts after a night's accrual: a little of everything that can be decided so far. */
export interface DecidedBooks extends Books {
  /** Recorded before 20 November 2026 and decided. */
  readonly decided: Batch;
  /** Of December: nobody has decided it. */
  readonly open: Batch;
  readonly sale: number;
  /** Had a refund and no payment yet. */
  readonly unknownSale: number;
}

/** Records, as the operator of `ctx`, and accrues up to 20 November. */
export async function decidedBooks(ctx: Context): Promise<DecidedBooks> {
  const recorded = await recordBooks(ctx.db);
  await accrue(ctx, '2026-11-20', 5);
  return recorded;
}

async function recordBooks(db: Database): Promise<DecidedBooks> {
  const books = await openBooks(db);
  return await db.transaction(async (tx) => {
    const { sql } = tx;
    const [acme, ireland, zenith] = ['acme-uk', 'acme-ie', 'zenith-de'].map((code) => books.instance[code]!) as [
      number,
      number,
      number,
    ];
    await sql`insert into partners (code, name, type, status, currency, house) values ('own-shop', 'Own shop', 'affiliate', 'active', 'EUR', true)`;
    const [own] = await sql<{ id: number }[]>`
      insert into instances (code, name, tenant_id, partner_id)
      select 'own-shop', 'Own shop', ${books.tenant}, id from partners where code = 'own-shop' returning id::int`;
    const seq = await drawKnownSeq(tx, 'tiers and slots');
    await sql`insert into partner_tiers (partner_id, tier, valid, known_seq) values
      (${books.partner['acme']!}, 'silver', daterange(null, '2026-10-10'), ${seq}), (${books.partner['acme']!}, 'gold', daterange('2026-10-10', null), ${seq})`;
    await sql`insert into account_slots (account_id, slot, partner_id, share_ppm, valid, known_seq) values
      (${books.account['zenith-de/C1']!}, 0, ${books.partner['zenith']!}, 1000000, daterange(null, null), ${seq})`;
    await insertRule(tx, { scope: 'instance', scopeId: ireland, flatMinor: 500, currency: 'EUR' });
    await insertRule(tx, { scope: 'instance', scopeId: zenith, ratePpm: 125_000, base: 'gross' });
    await insertRule(tx, { scope: 'tier', scopeId: 'gold', ratePpm: 72_500 });
    await insertRule(tx, {
      scope: 'account',
      scopeId: books.account['acme-uk/C1']!,
      productId: books.product['goods']!,
      ratePpm: 33_333,
    });
    await insertRule(tx, { scope: 'programme', productId: books.product['postage']! });

    const at = { source: books.source, instanceId: acme };
    const sale = await insertSale(tx, {
      ...at,
      ref: 'S-1',
      netMinor: 20_000,
      date: '2026-10-03',
      accountId: books.account['acme-uk/C1']!,
    });
    const unknownSale = await insertSale(tx, { ...at, ref: 'S-2', netMinor: 3_000 });
    const decided = await recordBatch(tx, books.source, [
      {
        externalId: 'own-1',
        instanceId: acme,
        netMinor: 10_005,
        on: '2026-10-01',
        accountId: books.account['acme-uk/C1']!,
      },
      {
        externalId: 'goods-1',
        instanceId: acme,
        productId: books.product['goods']!,
        accountId: books.account['acme-uk/C1']!,
        on: '2026-10-01',
      },
      { externalId: 'flat-1', instanceId: ireland, on: '2026-10-02' },
      {
        externalId: 'gross-1',
        instanceId: zenith,
        netMinor: 10_000,
        grossMinor: 11_900,
        on: '2026-10-02',
        accountId: books.account['zenith-de/C1']!,
      },
      { externalId: 'tiny-1', instanceId: zenith, netMinor: 3, on: '2026-10-02' },
      { externalId: 'sale-1', instanceId: acme, saleId: sale, netMinor: 15_000, on: '2026-10-03' },
      { externalId: 'refund-1', instanceId: acme, saleId: sale, kind: 'refund', netMinor: -5_001, on: '2026-10-05' },
      { externalId: 'credit-1', instanceId: acme, kind: 'credit_note', netMinor: -1_005, on: '2026-10-06' },
      {
        externalId: 'early-1',
        instanceId: acme,
        saleId: unknownSale,
        kind: 'refund',
        netMinor: -100,
        on: '2026-10-06',
      },
      { externalId: 'post-1', instanceId: acme, productId: books.product['postage']!, on: '2026-10-07' },
      { externalId: 'house-1', instanceId: own!.id, on: '2026-10-07' },
      { externalId: 'signup-1', instanceId: acme, kind: 'signup', netMinor: 0, on: '2026-10-08' },
      { externalId: 'back-1', instanceId: acme, saleId: sale, kind: 'chargeback', netMinor: -2_000, on: '2026-10-09' },
      {
        externalId: 'won-1',
        instanceId: acme,
        saleId: sale,
        kind: 'chargeback_won',
        netMinor: 2_000,
        on: '2026-11-09',
      },
      { externalId: 'less-1', instanceId: acme, saleId: sale, kind: 'adjustment', netMinor: -500, on: '2026-11-10' },
      { externalId: 'gold-1', instanceId: acme, netMinor: 9_999, on: '2026-11-11' },
    ]);
    const open = await recordBatch(tx, books.source, [
      { externalId: 'later-1', instanceId: acme, on: '2026-12-01' },
      { externalId: 'later-2', instanceId: acme, on: '2026-12-02' },
    ]);
    return { ...books, decided, open, sale, unknownSale };
  });
}
