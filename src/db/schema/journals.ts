import { boolean, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { AccountingProfile } from '../../domain/accounting.ts';
import { civilDate, identity, instant, pgSnapshot, reference, stamped } from './column-types.ts';

/** What of a closed period was handed to whose books; drizzle/0035_periods.sql says how. */
export const journals = pgTable('journals', {
  id: identity(),
  number: reference('number').notNull(),
  startsOn: civilDate('starts_on').notNull(),
  format: text('format', {
    enum: ['generic', 'quickbooks', 'xero', 'netsuite', 'hledger', 'beancount'],
  }).notNull(),
  currency: text('currency'),
  grouping: text('grouping', { enum: ['day', 'period'] }).notNull(),
  profile: jsonb('profile').$type<AccountingProfile>(),
  reversesId: reference('reverses_id'),
  dated: civilDate('dated'),
  reason: text('reason'),
  totals: jsonb('totals').$type<Readonly<Record<string, string>>>().notNull(),
  entries: integer('entries').notNull(),
  contentHash: text('content_hash').notNull(),
  fileName: text('file_name').notNull(),
  reversed: boolean('reversed').notNull().default(false),
  takenAt: instant('taken_at').notNull(),
  seen: pgSnapshot('seen').notNull(),
  ...stamped(),
});
