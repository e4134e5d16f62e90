import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { insertSale, recordBatch, type NewEvent } from '../books.ts';
import { testDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';

interface SaleScene extends BooksScene {
  /** S-1 of acme-uk, 100.00 EUR, paid. */
  readonly sale: number;
  /** S-9 of acme-uk: nobody has said more of it than its worth, and a refund waits for it. */
  readonly unpaid: number;
  /** S-8 of acme-uk: paid, and decided with no more said of it. */
  readonly decided: number;
}

let scene: SaleScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { books, logins } = opened;
  const acme = books.instance['acme-uk']!;
  scene = await logins.operator.transaction(async (tx) => {
    const sale = await insertSale(tx, {
      source: books.source,
      ref: 'S-1',
      instanceId: acme,
      netMinor: 10_000,
      date: '2026-10-01',
    });
    const bare = { source: books.source, instanceId: acme, netMinor: 10_000, grossTold: false };
    const unpaid = await insertSale(tx, { ...bare, ref: 'S-9' });
    const decided = await insertSale(tx, { ...bare, ref: 'S-8' });
    await recordBatch(tx, books.source, [
      { externalId: 'of-sale', instanceId: acme, saleId: sale },
      { externalId: 'waits', instanceId: acme, saleId: unpaid, kind: 'refund', netMinor: -100, on: '2026-12-01' },
    ]);
    await recordBatch(tx, books.source, [{ externalId: 'of-decided', instanceId: acme, saleId: decided }]);
    return { ...opened, sale, unpaid, decided };
  });
  await accrue(await scene.database.context(), '2026-11-20');
});
afterAll(async () => await scene.database.drop());

/** Says something of a sale, with an event of it as an import would. */
const tell = async (
  tx: Connection,
  s: SaleScene,
  sale: number,
  terms: string,
  told: Partial<NewEvent> = {},
): Promise<void> => {
  await tx.sql.unsafe(`update sales set ${terms} where id = ${sale}`);
  await record(tx, s, { saleId: sale, on: '2026-12-01', ...told });
};

/** One event of its own batch, like the plain one of acme-uk but for what is told. */
const record = async (tx: Connection, { books }: BooksScene, told: Partial<NewEvent>): Promise<void> => {
  await recordBatch(tx, books.source, [{ externalId: 'attack', instanceId: books.instance['acme-uk']!, ...told }]);
};

describe('sales (SEMANTICS §2)', () => {
  repels(
    () => scene,
    [
      attack(
        'adds an event in another currency to a sale',
        'RV006',
        async (tx, s) => await record(tx, s, { saleId: s.sale, currency: 'USD' }),
      ),
      attack(
        'adds an event of another instance to a sale',
        'RV006',
        async (tx, s) => await record(tx, s, { saleId: s.sale, instanceId: s.books.instance['acme-ie']! }),
      ),
      attack('adds an event to no sale', 'RV006', async (tx, s) => await record(tx, s, { saleId: 999 })),
      attack('adds an event of another source to a sale', 'RV006', async (tx, s) => {
        const [other] = await tx.sql`insert into sources (code) values ('another') returning id`;
        await recordBatch(tx, other?.['id'] as number, [
          { externalId: 'attack', instanceId: s.books.instance['acme-uk']!, saleId: s.sale },
        ]);
      }),
      ...(
        [
          ['sale_net_minor', '42501'],
          ['instance_id', '42501'],
          ['sale_gross_minor', 'RV001'],
        ] as const
      ).map(([column, operator]) =>
        attack(
          `changes ${column} of a sale`,
          [operator, 'RV001'],
          async ({ sql }: Connection) => await sql`update sales set ${sql(column)} = ${sql(column)} + 1`,
        ),
      ),
      attack(
        'makes a sale known without a payment',
        ['42501', null],
        ({ sql }, s) => sql`update sales set first_payment_on = '2026-10-01' where id = ${s.unpaid}`,
      ),
      attack(
        'begins with a sale that is known',
        'RV002',
        ({ sql }, { books }) => sql`
          insert into sales (source_id, sale_ref, instance_id, currency, sale_net_minor, sale_gross_minor, first_payment_on)
          values (${books.source}, 'S-2', ${books.instance['acme-uk']!}, 'EUR', 1, 1, '2026-10-01')`,
      ),
      ...(
        ["sale_date = '2026-01-01'", 'sale_gross_minor = 1, gross_told = true', 'wholesale_net_minor = 1'] as const
      ).map((terms) =>
        attack(
          `says ${terms} of a sale without an event of it`,
          'RV002',
          async ({ sql }: Connection, s: SaleScene) =>
            await sql.unsafe(`update sales set ${terms} where id = ${s.unpaid}`),
        ),
      ),
      ...(
        [
          ['the account', (s: SaleScene) => `account_id = ${s.books.account['acme-uk/C1']!}`],
          ['the product', (s: SaleScene) => `product_id = ${s.books.product['goods']!}`],
          ['the gross', () => `sale_gross_minor = 11900, gross_told = true`],
          ['the wholesale price', () => `wholesale_net_minor = 1`],
        ] as const
      ).map(([what, terms]) =>
        attack(
          `says ${what} of a sale that is decided`,
          'RV001',
          async (tx: Connection, s: SaleScene) => await tell(tx, s, s.decided, terms(s)),
        ),
      ),
      attack('says the gross of a sale twice', 'RV001', async (tx, s) => {
        await tell(tx, s, s.unpaid, `sale_gross_minor = 11900, gross_told = true`);
        await tx.sql`update sales set sale_gross_minor = 1 where id = ${s.unpaid}`;
      }),
      attack(
        'changes a gross that nobody said',
        'RV001',
        async (tx, s) => await tell(tx, s, s.unpaid, `sale_gross_minor = 1`),
      ),
      attack(
        'says an account of another instance of a sale',
        '23503',
        async (tx, s) => await tell(tx, s, s.unpaid, `account_id = ${s.books.account['zenith-de/C1']!}`),
      ),
      attack('adds an event of another account to a sale', 'RV006', async (tx, s) => {
        const [other] =
          await tx.sql`insert into accounts (instance_id, code) values (${s.books.instance['acme-uk']!}, 'C2') returning id::int`;
        await tell(tx, s, s.unpaid, `account_id = ${s.books.account['acme-uk/C1']!}`, {
          accountId: other?.['id'] as number,
        });
      }),
      attack(
        'adds an event of another product to a sale',
        'RV006',
        async (tx, s) =>
          await tell(tx, s, s.unpaid, `product_id = ${s.books.product['goods']!}`, {
            productId: s.books.product['postage']!,
          }),
      ),
      attack(
        'makes a sale beyond all bounds',
        '23514',
        async (tx, { books }) =>
          void (await insertSale(tx, {
            source: books.source,
            ref: 'S-2',
            instanceId: books.instance['acme-uk']!,
            netMinor: 1e15 + 1,
          })),
      ),
      attack('changes the currency of a sale', ['42501', 'RV001'], ({ sql }) => sql`update sales set currency = 'USD'`),
      attack('changes the date of a sale', 'RV001', ({ sql }) => sql`update sales set sale_date = '2026-09-30'`),
      attack('takes the date of a sale away', 'RV001', ({ sql }) => sql`update sales set sale_date = null`),
      attack(
        'changes the day of a sale’s first payment',
        ['42501', 'RV001'],
        ({ sql }) => sql`update sales set first_payment_on = '2026-09-30'`,
      ),
      attack(
        'makes a sale of one reference twice',
        '23505',
        async (tx, { books }) =>
          void (await insertSale(tx, {
            source: books.source,
            ref: 'S-1',
            instanceId: books.instance['acme-uk']!,
            netMinor: 1,
          })),
      ),
      attack(
        'makes a sale at an account of another instance',
        '23503',
        async (tx, { books }) =>
          void (await insertSale(tx, {
            source: books.source,
            ref: 'S-2',
            instanceId: books.instance['acme-uk']!,
            netMinor: 1,
            accountId: books.account['zenith-de/C1']!,
          })),
      ),
      attack(
        'makes a sale of no product',
        '23503',
        async (tx, { books }) =>
          void (await insertSale(tx, {
            source: books.source,
            ref: 'S-2',
            instanceId: books.instance['acme-uk']!,
            netMinor: 1,
            productId: 999,
          })),
      ),
      attack(
        'makes a sale of less than nothing',
        '23514',
        async (tx, { books }) =>
          void (await insertSale(tx, {
            source: books.source,
            ref: 'S-2',
            instanceId: books.instance['acme-uk']!,
            netMinor: -1,
          })),
      ),
    ],
  );

  it('lets a sale learn what nobody said of it until it is decided', async () => {
    for (const db of [scene.logins.operator, scene.logins.owner]) {
      const said = await refusal(db, async (tx) => {
        const { account, product } = scene.books;
        const terms = `account_id = ${account['acme-uk/C1']!}, product_id = ${product['goods']!}, sale_gross_minor = 11900, gross_told = true, wholesale_net_minor = 50`;
        await tell(tx, scene, scene.unpaid, terms, { accountId: account['acme-uk/C1']!, productId: product['goods']! });
        const [sale] = await tx.sql`select first_payment_on, sale_date from sales where id = ${scene.unpaid}`;
        expect(sale).toEqual({ first_payment_on: '2026-12-01', sale_date: '2026-12-01' });
      });
      expect(said).toBe('nothing');
    }
  });
});
