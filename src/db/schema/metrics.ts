import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { civilDate, identity, instant, money, pgSnapshot, reference, stamped } from './column-types.ts';

/** When the figures of a period were taken, and from which moment of the books. */
export const metricSnapshots = pgTable('metric_snapshots', {
  id: identity(),
  periodFrom: civilDate('period_from').notNull(),
  periodTo: civilDate('period_to').notNull(),
  knownSeq: reference('known_seq').notNull(),
  takenAt: instant('taken_at').notNull(),
  seen: pgSnapshot('seen').notNull(),
  rows: integer('rows').notNull(),
  contentHash: text('content_hash').notNull(),
  ...stamped(),
});

/** What a partner did in one currency; drizzle/0026_metrics.sql says what each figure is. */
export const partnerMetrics = pgTable('partner_metrics', {
  snapshotId: reference('snapshot_id').notNull(),
  partnerId: reference('partner_id').notNull(),
  currency: text('currency').notNull(),
  tier: text('tier'),
  rank: integer('rank').notNull(),
  ranked: integer('ranked').notNull(),
  nextTier: text('next_tier'),
  nextTierPpm: integer('next_tier_ppm'),
  revenueMinor: money('revenue_minor').notNull(),
  paidMinor: money('paid_minor').notNull(),
  payments: integer('payments').notNull(),
  lifetimeMinor: money('lifetime_minor').notNull(),
  customers: integer('customers').notNull(),
  active: integer('active').notNull(),
  activeBefore: integer('active_before').notNull(),
  new: integer('new').notNull(),
  churned: integer('churned').notNull(),
  mrrMinor: money('mrr_minor').notNull(),
  subscriptions: integer('subscriptions').notNull(),
  earnedMinor: money('earned_minor').notNull(),
  entries: integer('entries').notNull(),
  paidOutMinor: money('paid_out_minor').notNull(),
  payouts: integer('payouts').notNull(),
  referrals: integer('referrals').notNull(),
  converted: integer('converted').notNull(),
});
