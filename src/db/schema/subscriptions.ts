import { integer, jsonb, numeric, pgTable, smallint, boolean, text } from 'drizzle-orm/pg-core';
import { BILLING_CYCLES } from '../../domain/billing-cycles.ts';
import { SUBSCRIPTION_STATUSES } from '../../domain/subscription-status.ts';
import { civilDate, identity, money, reference, stamped, versioned } from './column-types.ts';

export const plans = pgTable('plans', {
  id: identity(),
  code: text('code').notNull(),
  name: text('name').notNull(),
  productId: reference('product_id'),
  ...stamped(),
});

/** What usage is counted in. */
export const meters = pgTable('meters', {
  id: identity(),
  code: text('code').notNull(),
  ...stamped(),
});

/** The price book: of a plan a cycle, or of a meter a unit, by region and currency. */
export const prices = pgTable('prices', {
  id: identity(),
  planId: reference('plan_id'),
  meterId: reference('meter_id'),
  cycle: text('cycle', { enum: BILLING_CYCLES }),
  region: text('region'),
  currency: text('currency').notNull(),
  wholesaleMinor: money('wholesale_minor'),
  listMinor: money('list_minor'),
  unitPrice: numeric('unit_price'),
  ...versioned(),
});

/** Of an instance, or of one account there; what it costs is in its terms, what has become of it in its states. */
export const subscriptions = pgTable('subscriptions', {
  id: identity(),
  code: text('code').notNull(),
  instanceId: reference('instance_id').notNull(),
  accountId: reference('account_id'),
  planId: reference('plan_id').notNull(),
  cycle: text('cycle', { enum: BILLING_CYCLES }).notNull(),
  currency: text('currency').notNull(),
  region: text('region'),
  ...stamped(),
});

export const subscriptionTerms = pgTable('subscription_terms', {
  id: identity(),
  subscriptionId: reference('subscription_id').notNull(),
  quantity: integer('quantity').notNull(),
  wholesaleMinor: money('wholesale_minor').notNull(),
  priceMinor: money('price_minor').notNull(),
  ...versioned(),
});

export const subscriptionStates = pgTable('subscription_states', {
  subscriptionId: reference('subscription_id').notNull(),
  ordinal: integer('ordinal').notNull(),
  status: text('status', { enum: SUBSCRIPTION_STATUSES }).notNull(),
  startsOn: civilDate('starts_on').notNull(),
  reason: text('reason'),
  knownSeq: reference('known_seq').notNull(),
  ...stamped(),
});

/** What a partner may agree by itself; amounts are minor units by currency. */
export const partnerTerms = pgTable('partner_terms', {
  id: identity(),
  partnerId: reference('partner_id').notNull(),
  maxDiscountPpm: integer('max_discount_ppm'),
  territory: text('territory').array(),
  productIds: reference('product_ids').array(),
  minimumOrder: jsonb('minimum_order').$type<Readonly<Record<string, number>>>().notNull(),
  creditLimit: jsonb('credit_limit').$type<Readonly<Record<string, number>>>().notNull(),
  cookieDays: smallint('cookie_days'),
  firstPurchaseOnly: boolean('first_purchase_only'),
  recurringMonths: smallint('recurring_months'),
  ...versioned(),
});
