import { addDays, dayNumber } from './civil-dates.ts';
import { businessDate, instantOfLocal } from './time-zones.ts';

/**
 * When a job is due, as data: on which business dates, and from which time of the programme's clock on. A date becomes due
 * at one instant, whatever summer time does to that night: a time that the clock skips comes when the clock is past it, one
 * that it shows twice comes once. Source: SEMANTICS §5.
 */
export type Schedule = OnDates & {
  /** HH:MM on the clock of the programme's zone. */
  readonly at: `${number}:${number}`;
  /** The date has to be over: it is due at that time of the next day. */
  readonly whenOver?: boolean;
};

type OnDates =
  | { readonly every: 'day' }
  | { readonly every: 'week'; readonly on: Weekday }
  /** A month without that day has it on its last. */
  | { readonly every: 'month'; readonly on: number };

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/**
 * What becomes of dates that were missed: `each` is caught up in order, of several only the `latest`, or `none` that is
 * over.
 */
export type CatchUp = 'each' | 'latest' | 'none';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Whether the schedule has this date. */
export function isScheduled(schedule: Schedule, date: string): boolean {
  switch (schedule.every) {
    case 'day':
      return true;
    case 'week':
      // 1970-01-01, day 0, was a Thursday.
      return WEEKDAYS[(((dayNumber(date) + 3) % 7) + 7) % 7] === schedule.on;
    case 'month': {
      const day = Number(date.slice(8));
      return day === schedule.on || (day < schedule.on && addDays(date, 1).endsWith('-01'));
    }
  }
}

/** The day on which a date is due: that date, or the next one. */
export function dueOn({ whenOver = false }: Schedule, date: string): string {
  return whenOver ? addDays(date, 1) : date;
}

/** The instant, in epoch milliseconds, from which on the date is due. */
export function dueAt(schedule: Schedule, date: string, zone: string): number {
  const [hours = 0, minutes = 0] = schedule.at.split(':').map(Number);
  return instantOfLocal(dayNumber(dueOn(schedule, date)) * DAY + (hours * 60 + minutes) * MINUTE, zone);
}

/** What the clock says, and where. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly zone: string;
}

/**
 * The dates from `from` on that have become due and are still to be run, in order. Where the clock went back there are none:
 * a later date has been run, and `from` lies behind it.
 */
export function datesDue(
  { schedule, catchUp }: { readonly schedule: Schedule; readonly catchUp: CatchUp },
  from: string,
  { now, zone }: Moment,
): string[] {
  const today = businessDate(now, zone);
  const dates: string[] = [];
  for (let date = from; date <= today; date = addDays(date, 1)) {
    if (isScheduled(schedule, date) && dueAt(schedule, date, zone) <= now) dates.push(date);
  }
  switch (catchUp) {
    case 'each':
      return dates;
    case 'latest':
      return dates.slice(-1);
    case 'none':
      return dates.filter((date) => dueOn(schedule, date) === today);
  }
}

/** The first date after now that the schedule has, and the instant at which it becomes due. */
export function nextDue(schedule: Schedule, { now, zone }: Moment): { readonly date: string; readonly at: number } {
  let date = addDays(businessDate(now, zone), -1);
  while (!isScheduled(schedule, date) || dueAt(schedule, date, zone) <= now) date = addDays(date, 1);
  return { date, at: dueAt(schedule, date, zone) };
}

/** The date that a schedule begins with when a scheduler first sees it on this day. */
export function firstDate(schedule: Schedule, day: string): string {
  return schedule.whenOver === true ? addDays(day, -1) : day;
}

/** When a date becomes due, as the clock of the zone shows it: '2026-11-22 01:15'. */
export function dueText(schedule: Schedule, date: string): string {
  return `${dueOn(schedule, date)} ${schedule.at}`;
}

/** 'daily 01:15', 'monthly on 1 02:15'. */
export function scheduleText(schedule: Schedule): string {
  switch (schedule.every) {
    case 'day':
      return `daily ${schedule.at}`;
    case 'week':
      return `${schedule.on}s ${schedule.at}`;
    case 'month':
      return `monthly on ${schedule.on} ${schedule.at}`;
  }
}
