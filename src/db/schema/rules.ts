import { boolean, integer, pgTable, smallint, text } from 'drizzle-orm/pg-core';
import { identity, money, reference, stamped, versioned } from './column-types.ts';

/** The identity of a rule: slot, level, scope and product. What it says is in its versions. */
export const rules = pgTable('rules', {
  id: identity(),
  slot: text('slot', { enum: ['own', 'override'] }).notNull(),
  level: smallint('level').notNull(),
  scope: text('scope', { enum: ['account', 'instance', 'partner', 'tier', 'programme'] }).notNull(),
  accountId: reference('account_id'),
  instanceId: reference('instance_id'),
  partnerId: reference('partner_id'),
  tier: text('tier'),
  productId: reference('product_id'),
  ...stamped(),
});

export const ruleVersions = pgTable('rule_versions', {
  id: identity(),
  ruleId: reference('rule_id').notNull(),
  ...versioned(),
  /** The version whose remainder this one is. */
  continuesId: reference('continues_id'),
  kind: text('kind', { enum: ['percentage', 'flat', 'exclude'] }).notNull(),
  includes: boolean('includes').notNull().default(false),
  base: text('base', { enum: ['net', 'gross'] })
    .notNull()
    .default('net'),
  ratePpm: integer('rate_ppm'),
  flatMinor: money('flat_minor'),
  currency: text('currency'),
  note: text('note'),
});
