import { integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { civilDate, identity, instant, reference, stamped, transactionId } from './column-types.ts';

export const jobRuns = pgTable('job_runs', {
  id: identity(),
  job: text('job').notNull(),
  scope: text('scope').notNull().default(''),
  businessDate: civilDate('business_date').notNull(),
  /** Of the schedule, each date is done once; by hand as often as somebody wants. */
  origin: text('origin', { enum: ['hand', 'schedule'] })
    .notNull()
    .default('hand'),
  /** The fence: the worker of an earlier attempt can write nothing once a later one exists. */
  attempt: integer('attempt').notNull(),
  status: text('status', { enum: ['running', 'succeeded', 'partly', 'failed', 'lost'] }).notNull(),
  knownSeq: reference('known_seq'),
  leaseUntil: instant('lease_until').notNull(),
  worker: text('worker').notNull(),
  summary: jsonb('summary').$type<Record<string, unknown>>(),
  error: text('error'),
  finishedAt: instant('finished_at'),
  ...stamped(),
});

/** Since when a job has a schedule in this programme. */
export const jobSchedules = pgTable('job_schedules', {
  job: text('job').primaryKey(),
  startsOn: civilDate('starts_on').notNull(),
  ...stamped(),
});

/** What one guarded statement decided: entries and cursors together. */
export const decisionChunks = pgTable('decision_chunks', {
  id: identity(),
  runId: reference('run_id'),
  knownSeq: reference('known_seq').notNull(),
  transactionId: transactionId(),
  ...stamped(),
});

export const decisionRanges = pgTable(
  'decision_ranges',
  {
    chunkId: reference('chunk_id').notNull(),
    batchId: reference('batch_id').notNull(),
    firstId: reference('first_id').notNull(),
    lastId: reference('last_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.batchId, table.firstId] })],
);

/** Events that had to wait for an exchange rate when their turn came, and which chunk decided them since. */
export const waitingEvents = pgTable('waiting_events', {
  eventId: reference('event_id').primaryKey(),
  chunkId: reference('chunk_id').notNull(),
  base: text('base').notNull(),
  quote: text('quote').notNull(),
  rateDate: civilDate('rate_date').notNull(),
  /** Null while it waits. */
  decidedChunkId: reference('decided_chunk_id'),
});
