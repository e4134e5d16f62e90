import { onOrAfter, type Calendar, type OwnHolidays } from './business-days.ts';
import { addDays, addMonthsClamped, daysBetween, monthStart } from './dates.ts';

/** How often partners are paid; drizzle/0028_schedules.sql says the same. Source: SEMANTICS §7. */
export const FREQUENCIES = ['weekly', 'biweekly', 'semimonthly', 'monthly', 'quarterly'] as const;
export type Frequency = (typeof FREQUENCIES)[number];

export interface PayoutSchedule {
  readonly frequency: Frequency;
  /** A cut-off of a biweekly schedule, from which every fourteenth day is one; null for the others. */
  readonly anchor: string | null;
  /** Days from the cut-off until which a run is reviewed, and until it is submitted (NET-n). */
  readonly reviewDays: number;
  readonly netDays: number;
  readonly calendar: Calendar;
}

/** The dates of one payout: what has happened before the cut-off is in it. */
export interface PayoutDates {
  readonly cutoff: string;
  /** The last day to look at the run, and the day on which it is submitted: business days. */
  readonly reviewUntil: string;
  readonly submitOn: string;
}

/** The first cut-off on or behind a date. A weekly one is a Monday; the others are firsts of months, and sixteenths. */
export function cutoffFrom({ frequency, anchor }: Pick<PayoutSchedule, 'frequency' | 'anchor'>, date: string): string {
  switch (frequency) {
    case 'weekly':
      return addDays(date, remainder(daysBetween(date, A_MONDAY), 7));
    case 'biweekly':
      return addDays(date, remainder(daysBetween(date, anchor!), 14));
    case 'semimonthly': {
      const day = Number(date.slice(8));
      return day === 1 ? date : day <= 16 ? `${date.slice(0, 8)}16` : nextMonth(date, 1);
    }
    case 'monthly':
      return date.endsWith('-01') ? date : nextMonth(date, 1);
    case 'quarterly': {
      const first = date.endsWith('-01') ? date : nextMonth(date, 1);
      return nextMonth(first, remainder(1 - Number(first.slice(5, 7)), 3));
    }
  }
}

/** Whether something closes on this very date. */
export function closesOn(schedule: Pick<PayoutSchedule, 'frequency' | 'anchor'>, date: string): boolean {
  return cutoffFrom(schedule, date) === date;
}

/** When a run with this cut-off is reviewed and submitted: rolled forward to business days, the review never behind the other. */
export function payoutDates(schedule: PayoutSchedule, cutoff: string, own: OwnHolidays): PayoutDates {
  const rolled = (days: number) => onOrAfter(addDays(cutoff, days), schedule.calendar, own);
  return { cutoff, reviewUntil: rolled(schedule.reviewDays), submitOn: rolled(schedule.netDays) };
}

const A_MONDAY = '2024-01-01';
const remainder = (days: number, of: number) => ((days % of) + of) % of;
const nextMonth = (date: string, months: number) => addMonthsClamped(monthStart(date), months);
