import { boolean, pgTable, pgView, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { identity, instant, reference, stamped } from './column-types.ts';

/** What partners are told of their payouts by e-mail: one notice a change of status. */
export const notices = pgTable('notices', {
  id: identity(),
  changeId: reference('change_id').notNull(),
  key: uuid('key').notNull(),
  ...stamped(),
});

/** What was tried; committed before the mail server is spoken to. */
export const noticeAttempts = pgTable('notice_attempts', {
  id: identity(),
  noticeId: reference('notice_id').notNull(),
  nth: smallint('nth').notNull(),
  recipient: text('recipient').notNull(),
  asked: boolean('asked').notNull(),
  ...stamped(),
});

/** What the mail server said. */
export const noticeOutcomes = pgTable('notice_outcomes', {
  attemptId: reference('attempt_id').primaryKey(),
  outcome: text('outcome').notNull(),
  message: text('message'),
  ...stamped(),
});

/** Notices with their last attempt. */
export const noticeStandings = pgView('notice_standings', {
  id: reference('id').notNull(),
  key: text('key').notNull(),
  changeId: reference('change_id').notNull(),
  payoutId: reference('payout_id').notNull(),
  kind: text('kind').notNull(),
  recordedAt: instant('recorded_at').notNull(),
  attempts: smallint('attempts').notNull(),
  attemptId: reference('attempt_id'),
  recipient: text('recipient'),
  attemptedAt: instant('attempted_at'),
  message: text('message'),
  status: text('status').notNull(),
}).existing();
