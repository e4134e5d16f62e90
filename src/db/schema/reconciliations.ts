import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { civilDate, identity, money, reference, stamped, transactionId } from './column-types.ts';

/** Reports of banks that proved something of payouts. */
export const reconciliations = pgTable('reconciliations', {
  id: identity(),
  sha256: text('sha256').notNull(),
  format: text('format').notNull(),
  reference: text('reference'),
  account: text('account'),
  records: integer('records').notNull(),
  transactionId: transactionId(),
  ...stamped(),
});

/** A record of a report and the change of a payout that it proves; of several payouts it has a row for each. */
export const bankRecords = pgTable(
  'bank_records',
  {
    reconciliationId: reference('reconciliation_id').notNull(),
    payoutId: reference('payout_id').notNull(),
    fingerprint: text('fingerprint').notNull(),
    place: text('place').notNull(),
    kind: text('kind').notNull(),
    matchedBy: text('matched_by').notNull(),
    amountMinor: money('amount_minor'),
    bookedMinor: money('booked_minor'),
    currency: text('currency'),
    valueDate: civilDate('value_date'),
    bankReference: text('bank_reference'),
    changeId: reference('change_id').notNull(),
    ...stamped(),
  },
  (table) => [primaryKey({ columns: [table.fingerprint, table.payoutId] })],
);
