import { integer, jsonb, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { REQUEST_KINDS } from '../../domain/acts.ts';
import { civilDate, identity, money, reference, stamped, transactionId } from './column-types.ts';

/** What somebody asks for and a second person answers: acts on money, to the cent. */
export const requests = pgTable('requests', {
  id: identity(),
  kind: text('kind', { enum: REQUEST_KINDS }).notNull(),
  reason: text('reason').notNull(),
  payload: jsonb('payload').$type<Record<string, unknown>>().notNull(),
  contentHash: text('content_hash').notNull(),
  ...stamped(),
});

/** By another login than the request's, and of this content only. */
export const requestApprovals = pgTable('request_approvals', {
  requestId: reference('request_id').primaryKey(),
  contentHash: text('content_hash').notNull(),
  note: text('note'),
  ...stamped(),
});

export const requestRejections = pgTable('request_rejections', {
  requestId: reference('request_id').primaryKey(),
  reason: text('reason').notNull(),
  ...stamped(),
});

/** That it was done, once, in this transaction. */
export const requestApplications = pgTable('request_applications', {
  requestId: reference('request_id').primaryKey(),
  transactionId: transactionId(),
  ...stamped(),
});

/** What an act itself says a partner gets. */
export const eventLegs = pgTable(
  'event_legs',
  {
    eventId: reference('event_id').notNull(),
    leg: smallint('leg').notNull(),
    partnerId: reference('partner_id').notNull(),
    amountMinor: money('amount_minor').notNull(),
    baseMinor: money('base_minor').notNull().default(0n),
    ruleVersionId: reference('rule_version_id'),
    ratePpm: integer('rate_ppm'),
    payableOn: civilDate('payable_on'),
  },
  (table) => [primaryKey({ columns: [table.eventId, table.leg] })],
);
