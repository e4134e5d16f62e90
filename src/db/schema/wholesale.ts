import { numeric, pgTable, text } from 'drizzle-orm/pg-core';
import { civilDate, daterange, identity, money, reference, stamped } from './column-types.ts';

export const usageBatches = pgTable('usage_batches', {
  id: identity(),
  fileName: text('file_name').notNull(),
  fileSha256: text('file_sha256').notNull(),
  ...stamped(),
});

/** Usage as it was metered; a correction is a row of its own, with a quantity below zero. */
export const usageRecords = pgTable('usage_records', {
  id: identity(),
  batchId: reference('batch_id').notNull(),
  instanceId: reference('instance_id').notNull(),
  meterId: reference('meter_id').notNull(),
  externalId: text('external_id').notNull(),
  quantity: numeric('quantity').notNull(),
  usedOn: civilDate('used_on').notNull(),
  currency: text('currency').notNull(),
  region: text('region'),
});

/** A cycle of a subscription, or the usage of a meter that was charged together. */
export const wholesaleCharges = pgTable('wholesale_charges', {
  id: identity(),
  postingId: reference('posting_id').notNull(),
  instanceId: reference('instance_id').notNull(),
  partnerId: reference('partner_id').notNull(),
  subscriptionId: reference('subscription_id'),
  termsId: reference('terms_id'),
  cycle: daterange('cycle'),
  meterId: reference('meter_id'),
  currency: text('currency').notNull(),
  quantity: numeric('quantity').notNull(),
  amountMinor: money('amount_minor').notNull(),
  chargedOn: civilDate('charged_on').notNull(),
  postingDate: civilDate('posting_date').notNull(),
  ...stamped(),
});

export const chargedUsage = pgTable('charged_usage', {
  usageId: reference('usage_id').primaryKey(),
  chargeId: reference('charge_id').notNull(),
});

/** What the partner paid of what it owed. */
export const wholesaleReceipts = pgTable('wholesale_receipts', {
  id: identity(),
  postingId: reference('posting_id').notNull(),
  instanceId: reference('instance_id').notNull(),
  partnerId: reference('partner_id').notNull(),
  currency: text('currency').notNull(),
  amountMinor: money('amount_minor').notNull(),
  reference: text('reference').notNull(),
  receivedOn: civilDate('received_on').notNull(),
  postingDate: civilDate('posting_date').notNull(),
  ...stamped(),
});

/** What the first decision of a sale took from a subscription. */
export const subscriptionCosts = pgTable('subscription_costs', {
  eventId: reference('event_id').primaryKey(),
  saleId: reference('sale_id'),
  chunkId: reference('chunk_id').notNull(),
  subscriptionId: reference('subscription_id').notNull(),
  termsId: reference('terms_id').notNull(),
  wholesaleNetMinor: money('wholesale_net_minor').notNull(),
});
