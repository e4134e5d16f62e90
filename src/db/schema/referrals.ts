import { boolean, integer, pgTable, smallint, text } from 'drizzle-orm/pg-core';
import { ATTRIBUTION_MODELS, REFERRAL_STATES } from '../../domain/referrals.ts';
import {
  bytes,
  civilDate,
  daterange,
  identity,
  instant,
  money,
  reference,
  stamped,
  transactionId,
} from './column-types.ts';

/** The key of the hashes of visitors; nobody but a function of the database reads it. */
export const referralKey = pgTable('referral_key', {
  onlyRow: boolean('only_row').primaryKey().default(true),
  innerPad: bytes('inner_pad').notNull(),
  outerPad: bytes('outer_pad').notNull(),
});

/** What a partner hands out. */
export const referralCodes = pgTable('referral_codes', {
  id: identity(),
  code: text('code').notNull(),
  partnerId: reference('partner_id').notNull(),
  campaign: text('campaign'),
  landingUrl: text('landing_url'),
  /** What a customer who came by it is worth, once. */
  signupMinor: money('signup_minor'),
  currency: text('currency'),
  valid: daterange('valid').notNull(),
  ...stamped(),
});

export const referrals = pgTable('referrals', {
  id: identity(),
  visitorHash: text('visitor_hash'),
  email: text('email'),
  name: text('name'),
  company: text('company'),
  transactionId: transactionId(),
  ...stamped(),
});

/** Clicks. */
export const referralTouches = pgTable('referral_touches', {
  id: identity(),
  referralId: reference('referral_id').notNull(),
  codeId: reference('code_id').notNull(),
  touchedAt: instant('touched_at').notNull(),
  touchedOn: civilDate('touched_on').notNull(),
  source: text('source').notNull(),
  campaign: text('campaign'),
  landingUrl: text('landing_url'),
  referrerUrl: text('referrer_url'),
  ipHash: text('ip_hash'),
  userAgent: text('user_agent'),
  ...stamped(),
  transactionId: transactionId(),
});

/** What became of a referral; before its first row it is new. */
export const referralStates = pgTable('referral_states', {
  referralId: reference('referral_id').notNull(),
  ordinal: smallint('ordinal').notNull(),
  status: text('status', { enum: REFERRAL_STATES }).notNull(),
  effectiveOn: civilDate('effective_on').notNull(),
  reason: text('reason'),
  transactionId: transactionId(),
  ...stamped(),
});

export const referralConversions = pgTable('referral_conversions', {
  referralId: reference('referral_id').primaryKey(),
  accountId: reference('account_id').notNull(),
  convertedOn: civilDate('converted_on').notNull(),
  model: text('model', { enum: ATTRIBUTION_MODELS }).notNull(),
  knownSeq: reference('known_seq').notNull(),
  /** What asks for the flat amount of the signup. */
  requestId: reference('request_id'),
  transactionId: transactionId(),
  ...stamped(),
});

export const referralShares = pgTable('referral_shares', {
  referralId: reference('referral_id').notNull(),
  partnerId: reference('partner_id').notNull(),
  touches: integer('touches').notNull(),
  sharePpm: integer('share_ppm').notNull(),
});
