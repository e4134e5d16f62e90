import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { statesOf, termsOf } from '../../src/db/queries/subscriptions.ts';
import { createInstance } from '../../src/services/instance/create-instance.ts';
import { setPartnerTerms } from '../../src/services/partner-terms/set-terms.ts';
import { createPlan } from '../../src/services/plan/create-plan.ts';
import { createSubscription } from '../../src/services/subscription/create-subscription.ts';
import { showSubscription } from '../../src/services/subscription/list-subscriptions.ts';
import {
  cancelSubscription,
  resumeSubscription,
  suspendSubscription,
} from '../../src/services/subscription/move-subscription.ts';
import { updateSubscription } from '../../src/services/subscription/update-subscription.ts';
import { openBooks } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';

let database: TestDatabase;
let ctx: OpenedContext;
beforeEach(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await openBooks(ctx.db);
  await createPlan(ctx, { code: 'pro', name: 'Pro' });
  await createSubscription(ctx, {
    ...{ code: 'shop', plan: 'pro', cycle: 'monthly', instance: 'acme-uk', currency: 'EUR', quantity: 10 },
    ...{ wholesale: '10.00', price: '15.00', from: '2026-11-01' },
  });
});
afterEach(async () => await database.drop());

const statusOn = async (day: string) => (await showSubscription(ctx, 'shop', day)).status;

describe('a planned cancellation', () => {
  beforeEach(async () => {
    await suspendSubscription(ctx, 'shop', { on: '2026-12-01' });
    await cancelSubscription(ctx, 'shop', { on: '2026-12-20' });
  });

  it('stays planned where it is suspended before another suspension that was planned', async () => {
    await suspendSubscription(ctx, 'shop', { on: '2026-11-27' });
    expect(await statusOn('2026-12-19')).toBe('suspended');
    expect(await statusOn('2026-12-20')).toBe('cancelled');
  });

  it('stays planned where it is resumed before another resumption that was planned, with what comes after it', async () => {
    await resumeSubscription(ctx, 'shop', { on: '2027-01-10' });
    await suspendSubscription(ctx, 'shop', { on: '2026-11-27' });
    await resumeSubscription(ctx, 'shop', { on: '2026-12-05' });
    await resumeSubscription(ctx, 'shop', { on: '2026-11-29' });
    expect(await Promise.all(['2026-11-28', '2026-12-19', '2026-12-20', '2027-01-10'].map(statusOn))).toEqual([
      ...['suspended', 'active', 'cancelled', 'active'],
    ]);
  });
});

it('begins to be charged on a day on which somebody earns at its instance, who would owe it', async () => {
  await createInstance(ctx, { code: 'late', name: 'Late', tenant: 'globex', partner: 'acme', from: '2026-11-10' });
  const early = { code: 'early', plan: 'pro', cycle: 'monthly', instance: 'late', currency: 'EUR' } as const;
  const begin = async (more: { readonly trialUntil?: string }) =>
    await createSubscription(ctx, { ...early, wholesale: '1', price: '2', from: '2026-11-01', ...more });
  await expect(begin({})).rejects.toMatchObject({
    code: 'no_agreement',
    message: 'nobody earns at late on 2026-11-01: nobody would owe it',
  });
  expect(await begin({ trialUntil: '2026-11-10' })).toMatchObject({ status: 'trial', next: 'active on 2026-11-10' });
});

describe('another price', () => {
  it('is within the partner’s authority on all of its days, also where there are to be fewer units', async () => {
    await setPartnerTerms(ctx, 'acme', { minimumOrder: '100.00', from: '2026-01-01' });
    await updateSubscription(ctx, 'shop', { quantity: 7, from: '2027-01-01' });
    await expect(updateSubscription(ctx, 'shop', { price: '12.00' })).rejects.toMatchObject({
      code: 'terms_exceeded',
      message: expect.stringContaining('minimum order: 100.00 EUR; asked was 84.00 EUR'),
    });
    expect(await updateSubscription(ctx, 'shop', { price: '12.00', to: '2027-01-01' })).toMatchObject({
      changed: true,
    });
  });

  it('of all units is an amount that the books can hold', async () => {
    const most = { quantity: 1_000_000_000 };
    const refused = { code: 'amount_out_of_range', message: 'the price of all units is too large' };
    await expect(updateSubscription(ctx, 'shop', { ...most, price: '10000.01' })).rejects.toMatchObject(refused);
    const large = { code: 'large', plan: 'pro', cycle: 'monthly', instance: 'acme-uk', currency: 'EUR' } as const;
    await expect(
      createSubscription(ctx, { ...large, ...most, wholesale: '1', price: '10000.01' }),
    ).rejects.toMatchObject(refused);
    await expect(updateSubscription(ctx, 'shop', { ...most, price: '10000' })).resolves.toMatchObject({
      changed: true,
    });
  });
});

it('what subscriptions became and cost is asked of more than a statement has parameters', async () => {
  const ids = Array.from({ length: 70_000 }, (_, index) => index + 1);
  expect(await statesOf(ctx.db, ids)).toHaveLength(1);
  expect(await termsOf(ctx.db, ids)).toHaveLength(1);
});
