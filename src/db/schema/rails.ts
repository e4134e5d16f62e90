import { boolean, integer, jsonb, pgTable, pgView, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { ATTEMPT_OUTCOMES } from '../../domain/attempts.ts';
import { PROVIDERS, RAILS } from '../../domain/rail-names.ts';
import { identity, instant, money, reference, stamped, transactionId } from './column-types.ts';

/** Who we are to whom a rail pays by; each change is a version. */
export const railProfiles = pgTable('rail_profiles', {
  id: identity(),
  rail: text('rail', { enum: RAILS }).notNull(),
  version: integer('version').notNull(),
  profile: jsonb('profile').$type<Readonly<Record<string, string>>>().notNull(),
  ...stamped(),
});

/** A file of a submission, and what it was made of. */
export const payoutFiles = pgTable('payout_files', {
  id: identity(),
  postingId: reference('posting_id').notNull(),
  railProfileId: reference('rail_profile_id').notNull(),
  currency: text('currency').notNull(),
  part: smallint('part').notNull(),
  name: text('name').notNull(),
  payouts: integer('payouts').notNull(),
  totalMinor: money('total_minor').notNull(),
  sha256: text('sha256').notNull(),
  facts: jsonb('facts').$type<Readonly<Record<string, string>>>().notNull(),
  transactionId: transactionId(),
  ...stamped(),
});

/** A payout is in one file at most. */
export const payoutFileLines = pgTable('payout_file_lines', {
  payoutId: reference('payout_id').primaryKey(),
  fileId: reference('file_id').notNull(),
});

/** What was asked of a provider, by the key that it knows a repetition by; committed before the call. */
export const payoutAttempts = pgTable('payout_attempts', {
  id: identity(),
  payoutId: reference('payout_id').notNull(),
  nth: smallint('nth').notNull(),
  railProfileId: reference('rail_profile_id').notNull(),
  key: uuid('key').notNull(),
  transactionId: transactionId(),
  ...stamped(),
});

/** What it answered, in order. */
export const payoutAttemptOutcomes = pgTable('payout_attempt_outcomes', {
  id: identity(),
  attemptId: reference('attempt_id').notNull(),
  outcome: text('outcome', { enum: ATTEMPT_OUTCOMES }).notNull(),
  providerId: text('provider_id'),
  code: text('code'),
  message: text('message'),
  transactionId: transactionId(),
  ...stamped(),
});

/** Attempts with their last answer. */
export const payoutAttemptStandings = pgView('payout_attempt_standings', {
  id: reference('id').notNull(),
  payoutId: reference('payout_id').notNull(),
  nth: smallint('nth').notNull(),
  railProfileId: reference('rail_profile_id').notNull(),
  rail: text('rail').notNull(),
  key: text('key').notNull(),
  recordedAt: instant('recorded_at').notNull(),
  createdBy: text('created_by').notNull(),
  sendUntil: instant('send_until').notNull(),
  outcome: text('outcome'),
  code: text('code'),
  message: text('message'),
  answeredAt: instant('answered_at'),
  ended: boolean('ended').notNull(),
  providerId: text('provider_id'),
}).existing();

/** What providers told by webhooks, each event once. */
export const webhookEvents = pgTable('webhook_events', {
  id: identity(),
  provider: text('provider', { enum: PROVIDERS }).notNull(),
  eventId: text('event_id').notNull(),
  type: text('type').notNull(),
  sha256: text('sha256').notNull(),
  payoutId: reference('payout_id'),
  outcome: text('outcome').notNull(),
  ...stamped(),
});
