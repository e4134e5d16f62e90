import { pgEnum, pgTable, smallint, text } from 'drizzle-orm/pg-core';
import { identity, reference, stamped, transactionId } from './column-types.ts';

export const reviewVerdict = pgEnum('review_verdict', ['approved', 'rejected', 'cancelled']);

/** One act of review; entries and hash are filled in by the database at commit. */
export const reviewBatches = pgTable('review_batches', {
  id: identity(),
  verdict: reviewVerdict('verdict').notNull(),
  reason: text('reason'),
  jobRunId: reference('job_run_id'),
  entries: reference('entries'),
  contentHash: text('content_hash'),
  transactionId: transactionId(),
  ...stamped(),
});

/** An entry is approved at most once, and rejected or cancelled at most once. */
export const entryReviews = pgTable('entry_reviews', {
  eventId: reference('event_id').notNull(),
  leg: smallint('leg').notNull(),
  batchId: reference('batch_id').notNull(),
  verdict: reviewVerdict('verdict').notNull(),
});
