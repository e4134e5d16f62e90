import { integer, pgTable, smallint, text } from 'drizzle-orm/pg-core';
import { civilDate, identity, reference, stamped, versioned } from './column-types.ts';

export const accounts = pgTable('accounts', {
  id: identity(),
  instanceId: reference('instance_id').notNull(),
  code: text('code').notNull(),
  name: text('name'),
  country: text('country'),
  startsOn: civilDate('starts_on'),
  endsOn: civilDate('ends_on'),
  ...stamped(),
});

/** Who shares an account's commission; without rows the agreement's partner has all of it. */
export const accountSlots = pgTable('account_slots', {
  id: identity(),
  accountId: reference('account_id').notNull(),
  slot: smallint('slot').notNull(),
  partnerId: reference('partner_id').notNull(),
  sharePpm: integer('share_ppm').notNull(),
  ...versioned(),
});

export const products = pgTable('products', {
  id: identity(),
  code: text('code').notNull(),
  ...stamped(),
});
