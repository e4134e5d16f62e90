import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { setPartnerTerms } from '../../src/services/partner-terms/set-terms.ts';
import { createPlan } from '../../src/services/plan/create-plan.ts';
import { setPrice } from '../../src/services/price-book/set-price.ts';
import { createSubscription, type NewSubscription } from '../../src/services/subscription/create-subscription.ts';
import {
  cancelSubscription,
  resumeSubscription,
  suspendSubscription,
} from '../../src/services/subscription/move-subscription.ts';
import { updateSubscription } from '../../src/services/subscription/update-subscription.ts';
import { importUsage } from '../../src/services/usage/import-usage.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { askForTransfer } from '../../src/services/instance/transfer-instance.ts';
import { chargeWholesale } from '../../src/services/wholesale/charge-wholesale.ts';
import { wholesaleStatement } from '../../src/services/wholesale/list-wholesale.ts';
import { receiveWholesale } from '../../src/services/wholesale/receive-wholesale.ts';
import { openBooks } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';

let database: TestDatabase;
let ctx: OpenedContext;
let directory: string;
beforeEach(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await openBooks(ctx.db);
  directory = mkdtempSync(join(tmpdir(), 'wholesale-'));
  await createPlan(ctx, { code: 'pro', name: 'Pro' });
  await setPrice(ctx, { meter: 'calls', currency: 'EUR', unitPrice: '0.005', from: '2026-01-01' });
});
afterEach(async () => {
  rmSync(directory, { recursive: true });
  const { differences } = await runDoctor(ctx);
  await database.drop();
  expect(differences).toBe(0);
});

const subscribe = async (asked: Partial<NewSubscription> = {}) =>
  await createSubscription(ctx, {
    ...{ code: 'shop', plan: 'pro', cycle: 'monthly', instance: 'acme-uk', currency: 'EUR' },
    ...{ wholesale: '10.00', price: '15.00', from: '2026-01-31', ...asked },
  });
const charged = async (period: string, at = ctx) =>
  (await chargeWholesale(at, { period })).lines.map(
    ({ item, from, postingDate, amount }) => `${item} ${from ?? postingDate} ${amount}`,
  );
const used = async (...rows: readonly string[]) => {
  const file = join(directory, 'usage.csv');
  writeFileSync(file, `${['external_id,instance,meter,quantity,date', ...rows].join('\n')}\n`);
  return await importUsage(ctx, { file, label: 'usage.csv' });
};
const later = async (month: number, day: number) => await database.context({ now: Date.UTC(2027, month - 1, day, 12) });

describe('cycles', () => {
  it('are charged once, in full, on their first day, the 31st or the last day of the month', async () => {
    await subscribe();
    expect(await charged('2026-01-01..2026-04-30')).toEqual([
      ...['shop 2026-01-31 10.00', 'shop 2026-02-28 10.00', 'shop 2026-03-31 10.00', 'shop 2026-04-30 10.00'],
    ]);
    expect(await charged('2026-02')).toEqual([]);
    expect(await charged('2026-11..2026-12').catch((error: { code: string }) => error.code)).toBe('period_invalid');
    // The tests' today is 21 November: what is to come is not charged before it has begun.
    expect(await charged('2026-Q4')).toEqual(['shop 2026-10-31 10.00']);
  });

  it('follow the price of their first day, and are not charged on trial or while suspended', async () => {
    await subscribe({ from: '2026-08-15', trialUntil: '2026-09-01' });
    await updateSubscription(ctx, 'shop', { wholesale: '8.00', quantity: 3, from: '2026-10-15' });
    expect(await charged('2026')).toEqual(['shop 2026-09-01 10.00', 'shop 2026-10-01 10.00', 'shop 2026-11-01 24.00']);
    await suspendSubscription(ctx, 'shop', { on: '2026-11-21' });
    await resumeSubscription(ctx, 'shop', { on: '2027-01-15' });
    const spring = await later(3, 1);
    expect(await charged('2026-12', spring)).toEqual([]);
    expect(await charged('2027', spring)).toEqual(['shop 2027-02-01 24.00', 'shop 2027-03-01 24.00']);
  });

  it('begin anew when a cancelled one is started again, and no day is charged twice', async () => {
    await subscribe({ from: '2026-10-10' });
    expect(await charged('2026')).toEqual(['shop 2026-10-10 10.00', 'shop 2026-11-10 10.00']);
    await cancelSubscription(ctx, 'shop', { on: '2026-11-22' });
    await resumeSubscription(ctx, 'shop', { on: '2026-12-05' });
    const winter = await later(1, 31);
    expect(await charged('2026-12', winter)).toEqual([]);
    expect(await charged('2027-01', winter)).toEqual(['shop 2027-01-05 10.00']);
  });

  it('are charged once by two who charge at once', async () => {
    await subscribe({ from: '2026-10-01' });
    const other = await database.context({ actor: 'other' });
    const both = await Promise.all([charged('2026-10'), charged('2026-10', other)]);
    expect(both.flat()).toEqual(['shop 2026-10-01 10.00']);
  });
});

describe('usage', () => {
  it('is summed by month, rounded once, corrected by rows below zero, and never charged twice', async () => {
    await setPrice(ctx, { meter: 'calls', currency: 'EUR', unitPrice: '0.01', from: '2026-10-16' });
    await used('a,acme-uk,calls,101,2026-10-01', 'b,acme-uk,calls,-1,2026-10-02', 'c,acme-uk,calls,1.5,2026-10-20');
    // 100 × 0.005 + 1.5 × 0.01 = 0.515
    expect(await charged('2026-10')).toEqual(['calls 2026-10-20 0.52']);
    expect(await used('a,acme-uk,calls,101.0,2026-10-01')).toMatchObject({ new: 0, known: 1 });
    await used('d,acme-uk,calls,-300,2026-10-03');
    expect(await charged('2026-10')).toEqual(['calls 2026-10-03 -1.50']);
    expect((await wholesaleStatement(ctx, { period: '2026-10' })).balances).toMatchObject([
      { instance: 'acme-uk', partner: 'acme', opening: '0.00', charged: '-0.98', closing: '-0.98' },
    ]);
  });

  it('comes to an amount that the books can hold, or is not charged', async () => {
    await setPrice(ctx, { meter: 'calls', currency: 'EUR', unitPrice: '999999999', from: '2026-10-01' });
    await used('a,acme-uk,calls,999999999,2026-10-01');
    await expect(charged('2026-10')).rejects.toMatchObject({
      code: 'amount_out_of_range',
      message: 'what 999999999 of calls cost at acme-uk is too large',
    });
  });

  it('is owed by whoever earned there on the day', async () => {
    const asked = await askForTransfer(ctx, { code: 'acme-uk', to: 'zenith', from: '2026-10-10', reason: 'sold' });
    await approveRequest(await database.context({ actor: 'checker' }), { request: asked.id });
    await subscribe({ from: '2026-09-15' });
    await used('a,acme-uk,calls,1000,2026-10-09', 'b,acme-uk,calls,2000,2026-10-10');
    const { lines } = await chargeWholesale(ctx, { period: '2026-10' });
    expect(lines.map(({ partner, item, amount }) => `${partner} ${item} ${amount}`)).toEqual([
      ...['acme calls 5.00', 'zenith calls 10.00', 'zenith shop 10.00'],
    ]);
  });
});

it('a credit limit counts what is owed, and what was received lowers it', async () => {
  await setPartnerTerms(ctx, 'acme', { creditLimit: '25.00', from: '2026-01-01' });
  await subscribe({ from: '2026-10-01' });
  await charged('2026-10');
  const second = async () => await subscribe({ code: 'second', wholesale: '16.00', from: '2026-11-01' });
  await expect(second()).rejects.toMatchObject({
    code: 'terms_exceeded',
    message: expect.stringContaining('credit limit: 25.00 EUR; asked was 16.00 EUR beside 10.00 EUR that it owes'),
  });
  await receiveWholesale(ctx, { instance: 'acme-uk', amount: '4.00', currency: 'EUR', reference: 'R1' });
  expect(await second()).toMatchObject({ code: 'second', margin: '-1.00' });
});

it('a payment that is typed again is received already, also when nothing is owed any more', async () => {
  await subscribe({ from: '2026-10-01' });
  await charged('2026-10');
  const payment = { instance: 'acme-uk', amount: '10.00', currency: 'EUR', reference: 'R1' };
  await receiveWholesale(ctx, payment);
  await expect(receiveWholesale(ctx, payment)).rejects.toMatchObject({ code: 'received_already' });
  await expect(receiveWholesale(ctx, { ...payment, reference: 'R2' })).rejects.toMatchObject({
    code: 'more_than_owed',
  });
});
