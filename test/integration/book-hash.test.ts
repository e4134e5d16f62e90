import { afterEach, expect, it } from 'vitest';
import { hashBooks } from '../../src/services/ledger/hash-books.ts';
import { trialBalance } from '../../src/services/ledger/trial-balance.ts';
import { setPartnerTerms } from '../../src/services/partner-terms/set-terms.ts';
import { createPlan } from '../../src/services/plan/create-plan.ts';
import { setPrice } from '../../src/services/price-book/set-price.ts';
import { createSubscription } from '../../src/services/subscription/create-subscription.ts';
import { chargeWholesale } from '../../src/services/wholesale/charge-wholesale.ts';
import { openBooks, recordBatch } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { randomBook } from '../property/random-book.ts';
import { baseSeed } from '../property/runs.ts';
import { accrue } from '../support/accrual.ts';
import { loadFile, loadParties } from '../support/load-book.ts';

const opened: TestDatabase[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(async (one) => await one.drop()));
});
async function database(): Promise<TestDatabase> {
  const made = await testDatabase();
  opened.push(made);
  return made;
}

it('is the same for books that say the same, whoever made them and in how many runs', async () => {
  const book = randomBook(baseSeed, { batches: false, events: 150 });
  const hashes: string[] = [];
  for (const chunk of [200, 13]) {
    const one = await database();
    const ctx = await one.context({ actor: chunk === 13 ? 'somebody' : 'tester' });
    if (chunk === 13) {
      // Numbers that are drawn and lost: nothing of the books follows from them.
      await ctx.db.sql`select allocate_event_ids(1000)`;
      await ctx.db
        .transaction(async (tx) => {
          await tx.sql`insert into partners (code, name, type, status, currency) values ('gone', 'Gone', 'reseller', 'active', 'EUR')`;
          throw new Error('rolled back');
        })
        .catch(() => {});
    }
    const loaded = await loadParties(ctx.db, book);
    await loadFile(ctx.db, book, loaded, book.events);
    if (chunk === 13) await accrue(ctx, book.from ?? '2026-01-01', chunk).catch(() => {});
    await accrue(ctx, book.to, chunk);
    hashes.push((await hashBooks(ctx, null)).sha256);
    expect((await trialBalance(ctx)).differences.every(({ difference }) => /^0(\.0+)?$/.test(difference))).toBe(true);
  }
  expect(hashes[1]).toBe(hashes[0]);
});

it('changes with every kind of fact, names the section, and gives the past again', async () => {
  const one = await database();
  const ctx = await one.context();
  const books = await openBooks(ctx.db);
  await ctx.db.transaction(
    async (tx) =>
      await recordBatch(tx, books.source, [
        { externalId: 'a', instanceId: books.instance['acme-uk']!, on: '2026-10-02' },
      ]),
  );
  await accrue(ctx, '2026-11-20');
  const before = await hashBooks(ctx, null);
  expect((await hashBooks(ctx, null)).sha256).toBe(before.sha256);
  // A name is no fact that money follows from.
  await ctx.db.sql`update partners set name = 'Renamed' where code = 'acme'`;
  expect((await hashBooks(ctx, null)).sha256).toBe(before.sha256);

  await ctx.db.sql`insert into holds (instance_id, reason) values (${books.instance['acme-uk']!}, 'dispute')`;
  await ctx.db.transaction(
    async (tx) =>
      await recordBatch(tx, books.source, [
        { externalId: 'b', instanceId: books.instance['acme-uk']!, on: '2026-10-02' },
      ]),
  );
  const after = await hashBooks(ctx, null);
  const changed = after.sections.filter(({ sha256 }, at) => sha256 !== before.sections[at]!.sha256);
  expect(changed.map(({ section }) => section)).toEqual(['events', 'holds']);
  expect((await hashBooks(ctx, before.asOf)).sha256).toBe(before.sha256);

  await one.admin().transaction(async ({ sql }) => {
    await sql`set local session_replication_role = replica`;
    await sql`update entries set amount_minor = amount_minor + 1`;
  });
  expect((await hashBooks(ctx, before.asOf)).sha256).not.toBe(before.sha256);
});

it('covers prices, subscriptions and wholesale', async () => {
  const ctx = await (await database()).context();
  await openBooks(ctx.db);
  await createPlan(ctx, { code: 'pro', name: 'Pro' });
  const hashes = async () => (await hashBooks(ctx, null)).sections;
  const changes = async (work: () => Promise<unknown>) => {
    const before = await hashes();
    await work();
    const after = await hashes();
    return after.filter(({ sha256 }, at) => sha256 !== before[at]!.sha256).map(({ section }) => section);
  };
  const pro = { plan: 'pro', cycle: 'monthly', currency: 'EUR' } as const;
  const priced = async () => await setPrice(ctx, { ...pro, wholesale: '12', list: '20', from: '2026-01-01' });
  expect(await changes(priced)).toEqual(['prices']);
  const subscribed = async () =>
    await createSubscription(ctx, { code: 'shop', ...pro, instance: 'acme-uk', from: '2026-10-01' });
  expect(await changes(subscribed)).toEqual(['subscriptions']);
  expect(await changes(async () => await setPartnerTerms(ctx, 'acme', { maxDiscountPpm: 1 }))).toEqual([
    'subscriptions',
  ]);
  expect(await changes(async () => await chargeWholesale(ctx, { period: '2026-10' }))).toEqual([
    'wholesale',
    'transfers',
  ]);
});
