import { addDays, dateOfDayNumber, dayNumber, dayNumberOf } from './dates.ts';

/**
 * Days on which money moves: of the euro's TARGET system, of the Federal Reserve, or simply the days of the week. By rule,
 * so that no table has to be kept: TARGET closes on six days of each year (ECB, since 2002), the Federal Reserve on eleven
 * (Federal Reserve Banks, holiday schedules), and one of those on a Saturday is not made up for.
 */
export const CALENDARS = ['target', 'fed', 'weekdays'] as const;
export type Calendar = (typeof CALENDARS)[number];

/** What the programme itself says of days: true is closed, false is open whatever a calendar says. */
export type OwnHolidays = ReadonlyMap<string, boolean>;
const NONE: OwnHolidays = new Map();

export function isBusinessDay(date: string, calendar: Calendar, own: OwnHolidays = NONE): boolean {
  const closed = own.get(date);
  if (closed !== undefined) return !closed;
  if ([0, 6].includes(weekday(date))) return false;
  const year = Number(date.slice(0, 4));
  return !holidaysOf(year, calendar).has(date);
}

/** The date itself, or the first business day behind it. */
export function onOrAfter(date: string, calendar: Calendar, own: OwnHolidays = NONE): string {
  let day = date;
  while (!isBusinessDay(day, calendar, own)) day = addDays(day, 1);
  return day;
}

/** So many business days behind a date; 0: the date itself, or the first one behind it. */
export function businessDaysLater(date: string, days: number, calendar: Calendar, own: OwnHolidays = NONE): string {
  let day = onOrAfter(date, calendar, own);
  for (let left = days; left > 0; left -= 1) day = onOrAfter(addDays(day, 1), calendar, own);
  return day;
}

/** 0: Sunday. The first of January 1970 was a Thursday. */
function weekday(date: string): number {
  return (((dayNumber(date) + 4) % 7) + 7) % 7;
}

function holidaysOf(year: number, calendar: Calendar): ReadonlySet<string> {
  if (calendar === 'target') {
    const easter = easterSunday(year);
    return new Set([
      ...['01-01', '05-01', '12-25', '12-26'].map((day) => `${year}-${day}`),
      ...[addDays(easter, -2), addDays(easter, 1)],
    ]);
  }
  if (calendar === 'weekdays') return new Set();
  return new Set([
    // A fixed day that falls on a Sunday is kept on the Monday.
    ...['01-01', '06-19', '07-04', '11-11', '12-25'].map((day) => orMonday(`${year}-${day}`)),
    ...[nth(year, 1, 1, 3), nth(year, 2, 1, 3), nth(year, 9, 1, 1), nth(year, 10, 1, 2), nth(year, 11, 4, 4)],
    lastMondayOfMay(year),
  ]);
}

const orMonday = (date: string) => (weekday(date) === 0 ? addDays(date, 1) : date);

/** The n-th of a weekday in a month. */
function nth(year: number, month: number, day: number, n: number): string {
  const first = dateOfDayNumber(dayNumberOf(year, month, 1));
  return addDays(first, ((day - weekday(first) + 7) % 7) + 7 * (n - 1));
}

function lastMondayOfMay(year: number): string {
  const last = `${year}-05-31`;
  return addDays(last, -((weekday(last) + 6) % 7));
}

/** The Gregorian computus, as Meeus, Jones and Butcher have it. */
function easterSunday(year: number): string {
  const [a, b, c] = [year % 19, Math.floor(year / 100), year % 100];
  const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const m = Math.floor((a + 11 * d + 22 * e) / 451);
  const index = d + e - 7 * m + 114;
  return dateOfDayNumber(dayNumberOf(year, Math.floor(index / 31), (index % 31) + 1));
}
