import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import type { Database } from '../../src/db/connection.ts';
import { explainCommission } from '../../src/services/commission/explain-commission.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { replayPeriod } from '../../src/services/history/replay-period.ts';
import { replayCurrent } from '../../src/services/history/simulate-rules.ts';
import { createPlan } from '../../src/services/plan/create-plan.ts';
import { recordRevenue } from '../../src/services/revenue/record-revenue.ts';
import { createSubscription, type NewSubscription } from '../../src/services/subscription/create-subscription.ts';
import { cancelSubscription, suspendSubscription } from '../../src/services/subscription/move-subscription.ts';
import { updateSubscription } from '../../src/services/subscription/update-subscription.ts';
import { attack, attackers, refusal } from '../attacks.ts';
import { openBooks, openChunk, startRun, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';
import { endPlainRule, entriesOf, insertTerms, tell, type Told } from '../support/rating-books.ts';

/** Half of the margin for everybody; what a sale costs comes from subscriptions (SEMANTICS §3). */
let database: TestDatabase;
let ctx: OpenedContext;
let admin: Database;
let books: Books;
beforeEach(async () => {
  database = await testDatabase();
  ctx = await database.context();
  admin = database.admin();
  books = await openBooks(ctx.db);
  await ctx.db.transaction(async (tx) => {
    await endPlainRule(tx, books);
    await insertTerms(tx, { says: { kind: 'percentage', rate_ppm: 500_000, base: 'margin' } });
  });
  await createPlan(ctx, { code: 'pro', name: 'Pro' });
  await createPlan(ctx, { code: 'goods', name: 'Goods', product: 'goods' });
});
afterEach(async () => await database.drop());

const subscribe = async (code: string, asked: Partial<NewSubscription> = {}) =>
  await createSubscription(ctx, {
    ...{
      code,
      plan: 'pro',
      cycle: 'monthly',
      currency: 'EUR',
      wholesale: '60.00',
      price: '100.00',
      from: '2026-01-01',
    },
    ...(asked.account === undefined ? { instance: 'acme-uk' } : {}),
    ...asked,
  });
const decide = async (...events: readonly Told[]) => {
  await ctx.db.transaction(async (tx) => await tell(tx, books, events));
  await accrue(ctx, '2026-11-20');
  return await entriesOf(ctx.db);
};
/** Other terms of the one rule, from ever on. */
const sayInstead = async (says: Readonly<Record<string, string | number>>) =>
  await ctx.db.transaction(async ({ sql }) => {
    const [row] = await sql<{ seq: string }[]>`select draw_known_seq('other terms') as seq`;
    const [old] = await sql<{ rule: string }[]>`
      update rule_versions set retired_seq = ${row!.seq} where retired_seq is null returning rule_id as rule`;
    const version = { rule_id: old!.rule, known_seq: row!.seq, valid: '(,)', kind: 'percentage', ...says };
    await sql`insert into rule_versions ${sql(version)}`;
  });
const october = { from: '2026-10-01', to: '2026-11-01' };
const sound = async () => {
  const { checks } = await runDoctor(ctx);
  expect(checks.filter(({ result }) => result === 'difference')).toEqual([]);
  expect(await replayPeriod(ctx, october)).toMatchObject({ differing: 0 });
};

describe('a sale that billing gave no wholesale price', () => {
  it('costs what its instance’s subscription costs on its date, frozen for all of its events', async () => {
    await subscribe('shop', { quantity: 2, wholesale: '30.00' });
    expect(
      await decide(
        { id: 'a', on: '2026-10-05', net: 10_000 },
        { id: 'b', on: '2026-10-06', net: 5_000, of: { sale: 'S', worth: 10_000 } },
      ),
    ).toEqual(['a 20.00', 'b 10.00']);
    await updateSubscription(ctx, 'shop', { wholesale: '10.00', from: '2026-10-01' });
    expect(
      await decide(
        { id: 'c', on: '2026-10-07', net: 5_000, of: { sale: 'S', worth: 10_000 } },
        { id: 'd', on: '2026-10-08', net: -10_000, of: { sale: 'S', worth: 10_000 } },
        { id: 'e', on: '2026-10-09', net: 10_000 },
      ),
    ).toEqual(['a 20.00', 'b 10.00', 'c 10.00', 'd -20.00', 'e 40.00']);
    await sound();
    expect((await explainCommission(ctx, 'b')).steps.find(({ step }) => step === 'wholesale')?.text).toMatch(
      /^2 × 30\.00 of subscription shop, as known at change \d+: 60\.00$/,
    );
  });

  it('takes what billing says before any subscription', async () => {
    await subscribe('shop');
    expect(await decide({ id: 'a', on: '2026-10-05', net: 10_000, wholesaleNetMinor: 9_000 })).toEqual(['a 5.00']);
    expect(await admin.sql`select from subscription_costs`).toHaveLength(0);
    await sound();
  });

  it('takes the narrowest subscription: of the account and the product first', async () => {
    await subscribe('shop', { wholesale: '90.00' });
    await subscribe('goods', { plan: 'goods', wholesale: '80.00' });
    await subscribe('roe', { account: 'acme-uk/C1', wholesale: '70.00' });
    await subscribe('roe-goods', { account: 'acme-uk/C1', plan: 'goods', wholesale: '60.00' });
    const account = { accountId: books.account['acme-uk/C1']! };
    const goods = { productId: books.product['goods']! };
    expect(
      await decide(
        { id: 'a', on: '2026-10-05', net: 10_000 },
        { id: 'b', on: '2026-10-05', net: 10_000, ...goods },
        { id: 'c', on: '2026-10-05', net: 10_000, ...account },
        { id: 'd', on: '2026-10-05', net: 10_000, ...account, ...goods },
        { id: 'e', on: '2026-10-05', net: 10_000, ...account, productId: books.product['postage']! },
      ),
    ).toEqual(['a 5.00', 'b 10.00', 'c 15.00', 'd 20.00', 'e 15.00']);
    await sound();
  });

  it('has no base where none or more than one is in force, or only one of another currency', async () => {
    await subscribe('one', { from: '2026-10-10' });
    await subscribe('two', { from: '2026-10-20' });
    await subscribe('kroner', { currency: 'SEK', from: '2026-01-01' });
    const sales = await decide(
      { id: 'a', on: '2026-10-09', net: 10_000 },
      { id: 'b', on: '2026-10-10', net: 10_000 },
      { id: 'd', on: '2026-10-12', net: -10_000 },
      { id: 'c', on: '2026-10-20', net: 10_000 },
    );
    expect(sales).toEqual(['a 0.00 no_base', 'b 20.00', 'd 0.00 no_base', 'c 0.00 no_base']);
    await sound();
  });

  it('takes the subscription that billing names, which has to be one of its own', async () => {
    await subscribe('one');
    await subscribe('two', { wholesale: '80.00' });
    await subscribe('roe', { account: 'acme-uk/C1', wholesale: '90.00' });
    const said = { instance: 'acme-uk', kind: 'payment', net: '100.00', currency: 'EUR', occurred_at: '2026-10-05' };
    const recorded = async (fields: Readonly<Record<string, string>>) =>
      await recordRevenue(ctx, { fields: { ...said, ...fields } });
    expect(await recorded({ external_id: 'a', subscription: 'two' })).toMatchObject({ subscription: 'two' });
    expect(await recorded({ external_id: 'a', subscription: 'two' })).toMatchObject({ isNew: false });
    await expect(recorded({ external_id: 'a', subscription: 'one' })).rejects.toMatchObject({
      code: 'same_id_other_content',
      message: expect.stringContaining('subscription two → one'),
    });
    await recorded({ external_id: 'b', subscription: 'one', sale_ref: 'S', sale_net: '100.00' });
    await recorded({ external_id: 'c', account: 'C1', subscription: 'two' });
    await recorded({ external_id: 'd', account: 'C1', subscription: 'roe' });
    for (const foreign of [
      { subscription: 'roe' },
      { instance: 'acme-ie', subscription: 'one' },
      { subscription: 'tow' },
    ]) {
      await expect(recorded({ external_id: 'e', ...foreign })).rejects.toMatchObject({ code: 'subscription_unknown' });
    }
    await accrue(ctx, '2026-11-20');
    expect(await entriesOf(ctx.db)).toEqual(['a 10.00', 'b 20.00', 'c 10.00', 'd 5.00']);
    await sound();
  });

  it('asks what was in force: not what is suspended, cancelled or said later', async () => {
    await subscribe('shop');
    await suspendSubscription(ctx, 'shop', { on: '2026-11-21' });
    await cancelSubscription(ctx, 'shop', { on: '2026-12-01' });
    expect(await decide({ id: 'a', on: '2026-10-05', net: 10_000 })).toEqual(['a 20.00']);
    await ctx.db.transaction(async (tx) => await tell(tx, books, [{ id: 'b', on: '2026-11-22', net: 10_000 }]));
    const december = await database.context({ now: Date.UTC(2026, 11, 5) });
    await accrue(december, '2026-12-04');
    expect(await entriesOf(ctx.db)).toEqual(['a 20.00', 'b 0.00 no_base']);
    await sound();
  });

  it('is told before it is decided, and asked of the past where no rule of margin stood', async () => {
    await subscribe('shop');
    await ctx.db.transaction(async (tx) => await tell(tx, books, [{ id: 'a', on: '2026-10-05', net: 10_000 }]));
    expect((await explainCommission(ctx, 'a')).preview).toMatchObject([{ amount: '20.00', reason: null }]);
    await sayInstead({ rate_ppm: 100_000 });
    await accrue(ctx, '2026-11-20');
    expect(await entriesOf(ctx.db)).toEqual(['a 10.00']);
    await sayInstead({ rate_ppm: 500_000, base: 'margin' });
    const { partners } = await replayCurrent(ctx, october);
    expect(partners).toMatchObject([{ partner: 'acme', before: '10.00', after: '20.00' }]);
    await sound();
  });
});

it('the database takes no cost that is not the subscription’s at the first decision', async () => {
  await subscribe('shop');
  await decide(
    { id: 'a', on: '2026-10-05', net: 10_000 },
    { id: 'told', on: '2026-10-06', net: 10_000, wholesaleNetMinor: 1 },
  );
  const logins = await attackers(database);
  const [taken] = await admin.sql<
    { event_id: string; subscription_id: string; terms_id: string }[]
  >`select * from subscription_costs`;
  const row = { event: Number(taken!.event_id), sub: Number(taken!.subscription_id), terms: Number(taken!.terms_id) };
  const attacks = [
    attack(
      'changes a cost',
      ['42501', 'RV001'],
      ({ sql }) => sql`update subscription_costs set wholesale_net_minor = 1`,
    ),
    attack('takes a cost away', ['42501', 'RV001'], ({ sql }) => sql`delete from subscription_costs`),
    attack('adds a cost to what was decided', 'RV009', async (tx) => {
      const chunk = await openChunk(tx, await startRun(tx, { date: '2026-11-21' }));
      await tx.sql`
        insert into subscription_costs (event_id, chunk_id, subscription_id, terms_id, wholesale_net_minor)
        values (${row.event + 1}, ${chunk}, ${row.sub}, ${row.terms}, 6000)`;
    }),
    attack('adds a cost to another transaction’s chunk', 'RV002', async ({ sql }) => {
      await sql`
        insert into subscription_costs (event_id, chunk_id, subscription_id, terms_id, wholesale_net_minor)
        select ${row.event + 1}, max(id), ${row.sub}, ${row.terms}, 6000 from decision_chunks`;
    }),
  ];
  for (const { what, by, operator, owner } of attacks) {
    expect([what, await refusal(logins.operator, async (tx) => await by(tx, {}))]).toEqual([what, operator]);
    expect([what, await refusal(logins.owner, async (tx) => await by(tx, {}))]).toEqual([what, owner]);
    expect([what, await refusal(logins.auditor, async (tx) => await by(tx, {}))]).toEqual([what, '42501']);
  }
});
