import { boolean, integer, jsonb, pgTable, pgView, smallint, text } from 'drizzle-orm/pg-core';
import { TIER_MODES, TIER_VERDICTS } from '../../domain/tiers/evaluate.ts';
import { civilDate, identity, money, reference, stamped, transactionId, versioned } from './column-types.ts';

/** What a tier asks for a month, and gives; what it pays stands in its rules. */
export const tierTerms = pgTable('tier_terms', {
  id: identity(),
  tier: text('tier').notNull(),
  minRevenueMinor: money('min_revenue_minor').notNull(),
  minCustomers: integer('min_customers').notNull(),
  support: text('support'),
  accountManager: boolean('account_manager').notNull(),
  apiCallsHour: integer('api_calls_hour'),
  /** Whatever else it gives, by name. */
  benefits: jsonb('benefits').$type<Readonly<Record<string, string>>>().notNull().default({}),
  ...versioned(),
});

const pinColumns = () => ({
  partnerId: reference('partner_id').notNull(),
  tier: text('tier').notNull(),
  startsOn: civilDate('starts_on').notNull(),
  /** Its last day. */
  until: civilDate('until').notNull(),
  reason: text('reason').notNull(),
  transactionId: transactionId(),
  ...stamped(),
});

/** A tier that a person keeps a partner in. */
export const tierPins = pgTable('tier_pins', { id: identity(), ...pinColumns() });

/** Those that nobody has released. */
export const openTierPins = pgView('open_tier_pins', { id: reference('id').notNull(), ...pinColumns() }).existing();

export const tierPinReleases = pgTable('tier_pin_releases', {
  pinId: reference('pin_id').primaryKey(),
  reason: text('reason').notNull(),
  transactionId: transactionId(),
  ...stamped(),
});

/** What a partner was found to have at a month-end, and what follows. */
export const tierEvaluations = pgTable('tier_evaluations', {
  id: identity(),
  runId: reference('run_id').notNull(),
  partnerId: reference('partner_id').notNull(),
  evaluatedOn: civilDate('evaluated_on').notNull(),
  knownSeq: reference('known_seq').notNull(),
  windowMonths: smallint('window_months').notNull(),
  amounts: jsonb('amounts').notNull(),
  revenueMinor: money('revenue_minor').notNull(),
  customers: integer('customers').notNull(),
  tierFrom: text('tier_from'),
  since: civilDate('since'),
  missesBefore: smallint('misses_before').notNull(),
  pinId: reference('pin_id'),
  effectiveOn: civilDate('effective_on').notNull(),
  mode: text('mode', { enum: TIER_MODES }).notNull(),
  grace: smallint('grace').notNull(),
  tenureMonths: smallint('tenure_months').notNull(),
  qualifiesFor: text('qualifies_for').notNull(),
  verdict: text('verdict', { enum: TIER_VERDICTS }).notNull(),
  tierTo: text('tier_to').notNull(),
  misses: smallint('misses').notNull(),
  transactionId: transactionId(),
  ...stamped(),
});

export const tierApprovals = pgTable('tier_approvals', {
  evaluationId: reference('evaluation_id').primaryKey(),
  effectiveOn: civilDate('effective_on').notNull(),
  transactionId: transactionId(),
  ...stamped(),
});
