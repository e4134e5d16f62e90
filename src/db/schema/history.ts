import { bigint, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { identity, instant, stamped, transactionId } from './column-types.ts';

/** What changed, by whom: written by the trigger `audit` and by nobody else. */
export const auditLog = pgTable('audit_log', {
  id: identity(),
  recordedAt: instant('recorded_at').notNull().defaultNow(),
  actor: text('actor').notNull(),
  action: text('action', { enum: ['insert', 'update', 'delete'] }).notNull(),
  tableName: text('table_name').notNull(),
  rowKey: text('row_key').notNull(),
  before: jsonb('before').$type<Record<string, unknown>>(),
  after: jsonb('after').$type<Record<string, unknown>>(),
  transactionId: transactionId(),
});

/** The one sequence of changes to what rating may read; a number is drawn with draw_known_seq(summary). */
export const knownChanges = pgTable('known_changes', {
  knownSeq: bigint('known_seq', { mode: 'number' }).primaryKey(),
  summary: text('summary').notNull(),
  ...stamped(),
  transactionId: transactionId(),
});

/** Which migrations made this schema. Written by the migrator. */
export const migrations = pgTable('migrations', {
  position: integer('position').primaryKey(),
  name: text('name').notNull(),
  sha256: text('sha256').notNull(),
  createdBy: text('created_by').notNull(),
  recordedAt: instant('recorded_at').notNull(),
});
