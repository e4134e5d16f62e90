import { boolean, jsonb, pgTable, smallint, text } from 'drizzle-orm/pg-core';
import { civilDate, identity, reference, stamped, versioned } from './column-types.ts';

export const currencies = pgTable('currencies', {
  code: text('code').primaryKey(),
  minorUnits: smallint('minor_units').notNull(),
  name: text('name').notNull(),
});

/** One row: the programme this schema is. */
export const programme = pgTable('programme', {
  onlyRow: boolean('only_row').primaryKey().default(true),
  name: text('name').notNull(),
  title: text('title').notNull(),
  zone: text('zone').notNull(),
  currency: text('currency').notNull(),
  ...stamped(),
});

/** Dated, versioned settings; without an instance they are the programme's. */
export const settings = pgTable('settings', {
  id: identity(),
  name: text('name').notNull(),
  instanceId: reference('instance_id'),
  value: jsonb('value').notNull(),
  ...versioned(),
});

/** Calendar months that are not simply open, or were not once. */
export const periods = pgTable('periods', {
  startsOn: civilDate('starts_on').primaryKey(),
  status: text('status', { enum: ['open', 'soft_closed', 'closed'] }).notNull(),
  ...stamped(),
});
