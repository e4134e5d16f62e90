import { afterAll, beforeAll, describe } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { attack, openScene, repels, type BooksScene } from '../attacks.ts';
import { insertSale, recordBatch, type NewEvent } from '../books.ts';
import { testDatabase } from '../database.ts';

interface SaleScene extends BooksScene {
  /** S-1 of acme-uk, 100.00 EUR, paid. */
  readonly sale: number;
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
    await recordBatch(tx, books.source, [{ externalId: 'of-sale', instanceId: acme, saleId: sale }]);
    return { ...opened, sale };
  });
});
afterAll(async () => await scene.database.drop());

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
      ...(['sale_net_minor', 'sale_gross_minor', 'instance_id'] as const).map((column) =>
        attack(
          `changes ${column} of a sale`,
          ['42501', 'RV001'],
          async ({ sql }: Connection) => await sql`update sales set ${sql(column)} = ${sql(column)} + 1`,
        ),
      ),
      attack('changes the currency of a sale', ['42501', 'RV001'], ({ sql }) => sql`update sales set currency = 'USD'`),
      attack('changes the date of a sale', 'RV001', ({ sql }) => sql`update sales set sale_date = '2026-09-30'`),
      attack('takes the date of a sale away', 'RV001', ({ sql }) => sql`update sales set sale_date = null`),
      attack(
        'changes the day of a sale’s first payment',
        'RV001',
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
});
