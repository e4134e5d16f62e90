import { boolean, pgTable, smallint, text } from 'drizzle-orm/pg-core';
import { PARTNER_STATUSES } from '../../domain/partner-status.ts';
import { civilDate, identity, reference, stamped, versioned } from './column-types.ts';

export const tiers = pgTable('tiers', {
  code: text('code').primaryKey(),
  rank: smallint('rank').notNull(),
  name: text('name').notNull(),
});

export const partners = pgTable('partners', {
  id: identity(),
  code: text('code').notNull(),
  name: text('name').notNull(),
  type: text('type', { enum: ['reseller', 'affiliate', 'referral', 'white_label'] }).notNull(),
  status: text('status', { enum: PARTNER_STATUSES }).notNull(),
  currency: text('currency').notNull(),
  house: boolean('house').notNull().default(false),
  company: text('company'),
  contact: text('contact'),
  email: text('email'),
  contractFrom: civilDate('contract_from'),
  contractTo: civilDate('contract_to'),
  ...stamped(),
});

/** Every status a partner ever had; follows from partners.status by trigger. */
export const partnerStatusChanges = pgTable('partner_status_changes', {
  id: identity(),
  partnerId: reference('partner_id').notNull(),
  status: text('status', { enum: PARTNER_STATUSES }).notNull(),
  ...stamped(),
});

export const partnerTiers = pgTable('partner_tiers', {
  id: identity(),
  partnerId: reference('partner_id').notNull(),
  tier: text('tier').notNull(),
  ...versioned(),
  /** What made it so; neither: the partner's beginning. */
  evaluationId: reference('evaluation_id'),
  pinId: reference('pin_id'),
});

export const partnerParents = pgTable('partner_parents', {
  id: identity(),
  partnerId: reference('partner_id').notNull(),
  parentId: reference('parent_id').notNull(),
  ...versioned(),
});
