import { boolean, pgTable, smallint, text } from 'drizzle-orm/pg-core';
import { CALENDARS } from '../../domain/business-days.ts';
import { FREQUENCIES } from '../../domain/payout-schedule.ts';
import { civilDate, identity, reference, stamped, versioned } from './column-types.ts';

/** When partners are paid: one of them, or whoever has no schedule of its own. */
export const payoutSchedules = pgTable('payout_schedules', {
  id: identity(),
  partnerId: reference('partner_id'),
  frequency: text('frequency', { enum: FREQUENCIES }).notNull(),
  anchor: civilDate('anchor'),
  reviewDays: smallint('review_days').notNull(),
  netDays: smallint('net_days').notNull(),
  calendar: text('calendar', { enum: CALENDARS }).notNull(),
  ...versioned(),
});

/** Days that the programme calls closed, or open again; what was said last counts. */
export const holidays = pgTable('holidays', {
  id: identity(),
  day: civilDate('day').notNull(),
  closed: boolean('closed').notNull(),
  name: text('name').notNull(),
  ...stamped(),
});
