import { boolean, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { StatementContent } from '../../domain/statement.ts';
import { civilDate, identity, instant, money, pgSnapshot, reference, stamped } from './column-types.ts';

/** What a partner was told of a period, in one currency; drizzle/0032_statements.sql says what each figure is. */
export const statements = pgTable('statements', {
  id: identity(),
  number: reference('number').notNull(),
  partnerId: reference('partner_id').notNull(),
  currency: text('currency').notNull(),
  periodFrom: civilDate('period_from').notNull(),
  periodTo: civilDate('period_to').notNull(),
  correctsId: reference('corrects_id'),
  takenAt: instant('taken_at').notNull(),
  seen: pgSnapshot('seen').notNull(),
  openingMinor: money('opening_minor').notNull(),
  entriesMinor: money('entries_minor').notNull(),
  rejectedMinor: money('rejected_minor').notNull(),
  paidMinor: money('paid_minor').notNull(),
  withheldMinor: money('withheld_minor').notNull(),
  feesMinor: money('fees_minor').notNull(),
  returnedMinor: money('returned_minor').notNull(),
  closingMinor: money('closing_minor').notNull(),
  walletMinor: money('wallet_minor').notNull(),
  inTransitMinor: money('in_transit_minor').notNull(),
  content: jsonb('content').$type<StatementContent>().notNull(),
  contentHash: text('content_hash').notNull(),
  voided: boolean('voided').notNull().default(false),
  ...stamped(),
});

/** Why a statement counts no more. */
export const statementVoids = pgTable('statement_voids', {
  statementId: reference('statement_id').primaryKey(),
  reason: text('reason').notNull(),
  ...stamped(),
});
