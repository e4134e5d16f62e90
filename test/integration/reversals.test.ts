import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { whyNotCommission } from '../../src/services/commission/why-not-commission.ts';
import { listCommissions } from '../../src/services/commission/list-commissions.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { recordRevenue } from '../../src/services/revenue/record-revenue.ts';
import { reviewCommissions } from '../../src/services/review/review-commissions.ts';
import { setSetting } from '../../src/services/settings/set-setting.ts';
import { listWallets } from '../../src/services/wallet/list-wallets.ts';
import { openBooks, voidEvent } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';
import { payoutOffences } from '../support/earnings.ts';

/**
 * What takes a commission back that was never approved, or was rejected: it follows what it takes back and eats nothing
 * else of the wallet. Now is 21 November 2026; 10 % of everything waits for a review.
 */
let database: TestDatabase;
let ctx: OpenedContext;

beforeEach(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await openBooks(ctx.db);
  await setSetting(ctx, { key: 'approval', value: 'review', from: '2026-01-01' });
});
afterEach(async () => {
  expect(await payoutOffences(database.admin())).toEqual([]);
  const { checks } = await runDoctor(ctx);
  expect(checks.filter(({ result }) => result === 'difference')).toEqual([]);
  await database.drop();
});

type Told = Record<string, string>;
const record = async (external_id: string, kind: string, net: string, more: Told = {}) =>
  await recordRevenue(ctx, {
    fields: {
      ...{ external_id, kind, net, instance: 'acme-uk', currency: 'EUR', occurred_at: '2026-10-01T12:00' },
      ...more,
    },
  });
const ofSale = { sale_ref: 'S', sale_net: '1000' };
let night = 0;
const accrueNow = async () => (await accrue(ctx, `2026-11-${String(1 + (night++ % 20)).padStart(2, '0')}`)).summary;

const entries = async () => await listCommissions(ctx, { nonzero: true, limit: 99, offset: 0 });
const entryOf = async (event: string) => (await entries()).find((row) => row.event === event)!.entry;
const standing = async () => (await entries()).map(({ event, amount, status }) => `${event} ${amount} ${status}`);
const review = async (verdict: 'approved' | 'rejected', ...events: string[]) =>
  await reviewCommissions(ctx, {
    ...{ verdict, reason: 'x' },
    selection: { entries: await Promise.all(events.map(entryOf)) },
  });
const balance = async () => (await listWallets(ctx))[0]!.balance;
const paid = async () => (await generatePayouts(ctx)).payouts.map(({ partner, gross }) => `${partner} ${gross}`);

/** Something else in the same wallet, approved and due. */
const otherMoney = async () => {
  await record('other', 'payment', '500');
  await accrueNow();
  await review('approved', 'other');
};

describe('a refund of what is still pending', () => {
  it.each([
    ['refund', '-1000', ofSale],
    ['credit_note', '-1000', ofSale],
    ['chargeback', '-1000', ofSale],
  ])('%s: waits with it and is approved with it', async (kind, net, sale) => {
    await otherMoney();
    await record('sale', 'payment', '1000', sale);
    await record('back', kind, net, sale);
    await accrueNow();
    expect(await standing()).toEqual(['other 50.00 approved', 'sale 100.00 pending', 'back -100.00 pending']);
    expect((await listWallets(ctx))[0]).toMatchObject({ balance: '50.00', pending: '0.00', payable: '50.00' });
    const { obstacles } = await whyNotCommission(ctx, await entryOf('back'));
    expect(obstacles).toMatchObject([{ code: 'pending', text: expect.stringContaining('takes back') }]);
    await expect(review('approved', 'back')).rejects.toMatchObject({
      code: 'not_reviewable',
      hint: expect.stringContaining('approve that'),
    });
    expect(await paid()).toEqual(['acme 50.00']);
    expect(await review('approved', 'sale')).toMatchObject({ entries: 1, along: 0 });
    expect((await standing()).slice(1)).toEqual(['sale 100.00 approved', 'back -100.00 approved']);
    expect(await paid()).toEqual([]);
  });

  it('a void of an event that is its own sale waits with it, too', async () => {
    await otherMoney();
    await record('own', 'payment', '1000');
    await accrueNow();
    await voidEvent(database, 'own');
    await accrue(ctx, '2026-11-21');
    expect((await standing()).map((line) => line.replace(/^act-\S+/, 'act')).sort()).toEqual([
      'act -100.00 pending',
      'other 50.00 approved',
      'own 100.00 pending',
    ]);
    expect(await paid()).toEqual(['acme 50.00']);
    expect(await review('rejected', 'own')).toMatchObject({ entries: 2, along: 1, amounts: [{ amount: '0.00' }] });
    expect(await balance()).toBe('50.00');
  });
});

describe('a rejection', () => {
  it('takes along what reverses it, and nothing else', async () => {
    await otherMoney();
    await record('sale', 'payment', '1000', ofSale);
    await record('back', 'refund', '-400', ofSale);
    await accrueNow();
    expect(await review('rejected', 'sale')).toMatchObject({
      ...{ entries: 2, along: 1 },
      amounts: [{ amount: '60.00', entries: 2 }],
    });
    expect(await standing()).toEqual(['other 50.00 approved', 'sale 100.00 rejected', 'back -40.00 rejected']);
    expect(await balance()).toBe('50.00');
    expect(await paid()).toEqual(['acme 50.00']);
  });

  it('leaves a refund with the instalment that it can be of', async () => {
    await record('one', 'payment', '600', ofSale);
    await record('two', 'payment', '400', ofSale);
    await record('back', 'refund', '-300', ofSale);
    await accrueNow();
    expect(await review('rejected', 'one')).toMatchObject({ entries: 1, along: 0 });
    await review('approved', 'two');
    expect(await paid()).toEqual(['acme 10.00']);
  });
});

describe('a refund after the rejection', () => {
  it('is rejected by the posting that brings it, and what restores it, too', async () => {
    await otherMoney();
    await record('sale', 'payment', '1000', ofSale);
    await accrueNow();
    await review('rejected', 'sale');
    await record('lost', 'chargeback', '-1000', ofSale);
    expect(await accrueNow()).toMatchObject({ reversals_rejected: 1 });
    await record('won', 'chargeback_won', '1000', ofSale);
    expect(await accrueNow()).toMatchObject({ reversals_rejected: 1 });
    expect(await standing()).toEqual([
      'other 50.00 approved',
      'sale 100.00 rejected',
      'lost -100.00 rejected',
      'won 100.00 rejected',
    ]);
    expect(await balance()).toBe('50.00');
    expect(await paid()).toEqual(['acme 50.00']);
    const { obstacles } = await whyNotCommission(ctx, await entryOf('lost'));
    expect(obstacles).toMatchObject([
      { code: 'rejected', text: expect.stringContaining('reverses what was rejected') },
    ]);
  });

  it('takes from the instalment that was approved, and only as much as that', async () => {
    await record('one', 'payment', '600', ofSale);
    await record('two', 'payment', '400', ofSale);
    await accrueNow();
    await review('rejected', 'one');
    await review('approved', 'two');
    await record('back', 'refund', '-400', ofSale);
    expect(await accrueNow()).not.toHaveProperty('reversals_rejected');
    await record('more', 'refund', '-600', ofSale);
    expect(await accrueNow()).toMatchObject({ reversals_rejected: 1 });
    expect(await balance()).toBe('0.00');
    expect(await paid()).toEqual([]);
  });

  it('a void of a rejected payment moves nothing', async () => {
    await otherMoney();
    await record('own', 'payment', '1000');
    await accrueNow();
    await review('rejected', 'own');
    await voidEvent(database, 'own');
    await accrue(ctx, '2026-11-21');
    expect(await balance()).toBe('50.00');
    expect(await paid()).toEqual(['acme 50.00']);
  });
});

it('a second payment is no restoration: it waits for its own review', async () => {
  await record('one', 'payment', '600', ofSale);
  await accrueNow();
  await review('rejected', 'one');
  await record('two', 'payment', '400', ofSale);
  await accrueNow();
  expect(await standing()).toEqual(['one 60.00 rejected', 'two 40.00 pending']);
});
