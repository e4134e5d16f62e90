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
  kind: text('kind', { enum: ['percentage', 'flat', 'tiered', 'hybrid', 'exclude'] }).notNull(),
  includes: boolean('includes').notNull().default(false),
  base: text('base', { enum: ['net', 'gross', 'margin'] })
    .notNull()
    .default('net'),
  onRest: boolean('on_rest').notNull().default(false),
  ratePpm: integer('rate_ppm'),
  flatMinor: money('flat_minor'),
  bracketFrom: money('bracket_from').array(),
  bracketPpm: integer('bracket_ppm').array(),
  bracketMode: text('bracket_mode', { enum: ['marginal', 'whole'] }),
  windowKind: text('window_kind', { enum: ['month', 'quarter', 'year', 'lifetime'] }),
  windowPer: text('window_per', { enum: ['partner', 'instance', 'account'] }),
  limitProducts: reference('limit_products').array(),
  minSaleMinor: money('min_sale_minor'),
  capSaleMinor: money('cap_sale_minor'),
  capWindowMinor: money('cap_window_minor'),
  firstSaleOnly: boolean('first_sale_only').notNull().default(false),
  earningMonths: smallint('earning_months'),
  territory: text('territory').array(),
  currency: text('currency'),
  paysIn: text('pays_in'),
  note: text('note'),
});
