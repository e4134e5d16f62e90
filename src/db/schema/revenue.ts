import { boolean, integer, numeric, pgEnum, pgSequence, pgTable, text } from 'drizzle-orm/pg-core';
import { civilDate, identity, instant, money, reference, stamped, transactionId } from './column-types.ts';

export const eventKind = pgEnum('event_kind', [
  'payment',
  'refund',
  'chargeback',
  'chargeback_won',
  'credit_note',
  'signup',
  'adjustment',
  'bonus',
  'write_off',
  'reattribution',
  'rerate',
  'opening',
  'true_up',
  'void',
]);

/** Blocks of it are reserved by allocate_event_ids(how_many). */
export const eventIds = pgSequence('event_ids');

export const sources = pgTable('sources', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  code: text('code').notNull(),
  ...stamped(),
});

/** What arrived together. Its events have the ids first_id..last_id, and those up to decided_to are decided. */
export const eventBatches = pgTable('event_batches', {
  id: identity(),
  sourceId: integer('source_id').notNull(),
  origin: text('origin', { enum: ['import', 'record', 'operator', 'system'] }).notNull(),
  fileName: text('file_name'),
  fileSha256: text('file_sha256'),
  reason: text('reason'),
  firstId: reference('first_id').notNull(),
  lastId: reference('last_id').notNull(),
  decidedTo: reference('decided_to').notNull(),
  firstOn: civilDate('first_on').notNull(),
  lastOn: civilDate('last_on').notNull(),
  rowsRead: reference('rows_read').notNull(),
  rowsKnown: reference('rows_known').notNull(),
  rowsRejected: reference('rows_rejected').notNull(),
  transactionId: transactionId(),
  ...stamped(),
  /** What an operator's batch does. */
  requestId: reference('request_id'),
});

/** A sale with a sale_ref: its terms, which the first decision freezes. */
export const sales = pgTable('sales', {
  id: identity(),
  sourceId: integer('source_id').notNull(),
  saleRef: text('sale_ref').notNull(),
  instanceId: reference('instance_id').notNull(),
  accountId: reference('account_id'),
  productId: reference('product_id'),
  currency: text('currency').notNull(),
  saleNetMinor: money('sale_net_minor').notNull(),
  saleGrossMinor: money('sale_gross_minor').notNull(),
  grossTold: boolean('gross_told').notNull().default(true),
  wholesaleNetMinor: money('wholesale_net_minor'),
  saleDate: civilDate('sale_date'),
  firstPaymentOn: civilDate('first_payment_on'),
  ...stamped(),
});

/** Append-only facts in signed minor units. */
export const revenueEvents = pgTable('revenue_events', {
  id: reference('id').primaryKey(),
  batchId: reference('batch_id').notNull(),
  sourceId: integer('source_id').notNull(),
  version: integer('version').notNull().default(1),
  kind: eventKind('kind').notNull(),
  externalId: text('external_id').notNull(),
  instanceId: reference('instance_id').notNull(),
  accountId: reference('account_id'),
  productId: reference('product_id'),
  saleId: reference('sale_id'),
  voidsId: reference('voids_id'),
  /** What an act rates anew or settles, where that is no sale. */
  regardsId: reference('regards_id'),
  currency: text('currency').notNull(),
  netMinor: money('net_minor').notNull(),
  grossMinor: money('gross_minor').notNull(),
  taxMinor: money('tax_minor').notNull().default(0n),
  wholesaleNetMinor: money('wholesale_net_minor'),
  quantity: numeric('quantity'),
  country: text('country'),
  transactionType: text('transaction_type'),
  occurredAt: instant('occurred_at').notNull(),
  occurredOn: civilDate('occurred_on').notNull(),
  /** Where its file says so. */
  subscriptionId: reference('subscription_id'),
  /** Its record named no instance and went to the default of the import. */
  instanceDefaulted: boolean('instance_defaulted').notNull().default(false),
});
