import { integer, jsonb, pgTable, smallint, text } from 'drizzle-orm/pg-core';
import { FILE_RAILS } from '../../domain/rail-names.ts';
import { identity, money, reference, stamped, transactionId } from './column-types.ts';

/** Who we are to whom a rail's files go; each change is a version. */
export const railProfiles = pgTable('rail_profiles', {
  id: identity(),
  rail: text('rail', { enum: FILE_RAILS }).notNull(),
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
