import { jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { PeriodControl } from '../../domain/period-control.ts';
import { civilDate, identity, pgSnapshot, reference, stamped, transactionId } from './column-types.ts';

/** What became of a period, and what the ledger said when it closed; drizzle/0035_periods.sql says how. */
export const periodChanges = pgTable('period_changes', {
  id: identity(),
  startsOn: civilDate('starts_on').notNull(),
  fromStatus: text('from_status').notNull(),
  status: text('status').notNull(),
  reason: text('reason'),
  requestId: reference('request_id'),
  control: jsonb('control').$type<PeriodControl>(),
  controlHash: text('control_hash'),
  seen: pgSnapshot('seen'),
  transactionId: transactionId(),
  ...stamped(),
});
