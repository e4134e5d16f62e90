import { boolean, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { civilDate, money, reference, stamped } from './column-types.ts';

/** What partners had been paid and withheld in the year in which the books began, and where they stood. */
export const openingPartners = pgTable(
  'opening_partners',
  {
    partnerId: reference('partner_id').notNull(),
    currency: text('currency').notNull(),
    requestId: reference('request_id').notNull(),
    paidMinor: money('paid_minor').notNull(),
    withheldMinor: money('withheld_minor').notNull(),
    tier: text('tier'),
    missedEvaluations: smallint('missed_evaluations'),
    ...stamped(),
  },
  (table) => [primaryKey({ columns: [table.partnerId, table.currency] })],
);

/** Since when accounts had been customers when the books began, and on which terms they were won. */
export const openingAccounts = pgTable('opening_accounts', {
  accountId: reference('account_id').primaryKey(),
  requestId: reference('request_id').notNull(),
  firstSaleOn: civilDate('first_sale_on').notNull(),
  firstSaleOnly: boolean('first_sale_only').notNull(),
  earningMonths: smallint('earning_months'),
  ...stamped(),
});
