import { boolean, integer, pgTable, pgView, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { civilDate, money, reference, stamped } from './column-types.ts';

/** What each decided leg under a tiered or window-capped rule did to its window; the latest move is where it stands. */
export const windowMoves = pgTable(
  'window_moves',
  {
    ruleId: reference('rule_id').notNull(),
    ownerId: reference('owner_id').notNull(),
    eventId: reference('event_id').notNull(),
    chunkId: reference('chunk_id').notNull(),
    baseMinor: money('base_minor').notNull(),
    fullMinor: money('full_minor').notNull(),
    baseAfterMinor: money('base_after_minor').notNull(),
    fullAfterMinor: money('full_after_minor').notNull(),
    startsOn: civilDate('starts_on').notNull(),
    ordinal: integer('ordinal').notNull(),
    leg: smallint('leg').notNull(),
    currency: text('currency').notNull(),
  },
  (table) => [primaryKey({ columns: [table.ruleId, table.ownerId, table.currency, table.startsOn, table.ordinal] })],
);

const wonBy = () => ({
  eventId: reference('event_id').notNull(),
  saleId: reference('sale_id'),
  ruleVersionId: reference('rule_version_id'),
  chunkId: reference('chunk_id'),
  firstSaleOn: civilDate('first_sale_on').notNull(),
});

/** The clock of an account, frozen by its first paid sale. */
export const accountTerms = pgTable('account_terms', {
  accountId: reference('account_id').primaryKey(),
  ...wonBy(),
  firstSaleOnly: boolean('first_sale_only').notNull(),
  earningMonths: smallint('earning_months'),
  ...stamped(),
});

/** The first paid sale of each account in the order of decisions. */
export const firstPaidSales = pgView('first_paid_sales', {
  accountId: reference('account_id').notNull(),
  ...wonBy(),
}).existing();
