import { UsageError } from './errors.ts';

/**
 * A civil date is a 'YYYY-MM-DD' string: it has no zone, sorts as text and is what the database stores. Arithmetic
 * goes through day numbers (days since 1970-01-01), because decisions ask for it millions of times.
 */

/** Years outside are typing errors of a billing export (0026, 20226), not business dates. */
const FIRST_YEAR = 1900;
const LAST_YEAR = 9999;

/** Whether the text is a real day of the calendar, written 'YYYY-MM-DD'. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  return isCalendarDay(Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8)));
}

/** Whether year, month and day name a day between 1900 and 9999. */
export function isCalendarDay(year: number, month: number, day: number): boolean {
  if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12) return false;
  return day >= 1 && day <= daysInMonth(year, month);
}

/**
 * The text itself, trimmed, once it is proved to be a date.
 * @throws UsageError `date_invalid`, saying which part is wrong
 */
export function parseDate(text: string): string {
  const trimmed = text.trim();
  if (isDate(trimmed)) return trimmed;
  const why = /^\d{4}-\d{2}-\d{2}$/.test(trimmed) ? 'there is no such day' : 'it is not written YYYY-MM-DD';
  const meant = meantDate(trimmed);
  throw new UsageError('date_invalid', `'${trimmed.slice(0, 40)}' is not a date: ${why}`, {
    hint: meant === null ? 'write it as YYYY-MM-DD, like 2026-10-31' : `write ${meant}`,
  });
}

/**
 * The day that a date in another writing can only mean: the year first, or day and month with dots, or with slashes
 * where only one of the two can be the month. Null where it may be two days, or none.
 */
function meantDate(text: string): string | null {
  const yearFirst = /^(\d{4})[-./ ]?(\d{1,2})[-./ ]?(\d{1,2})$/.exec(text);
  const yearLast = /^(\d{1,2})([-./ ])(\d{1,2})\2(\d{4})$/.exec(text);
  const readings: string[][] = [];
  if (yearFirst !== null && (text.length === 8 || /\D/.test(text))) readings.push(yearFirst.slice(1));
  if (yearLast !== null) {
    const [, first = '', mark, second = '', year = ''] = yearLast;
    readings.push([year, second, first]);
    if (mark !== '.') readings.push([year, first, second]);
  }
  const days = readings
    .map(([year = '', month = '', day = '']) => `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`)
    .filter(isDate);
  return new Set(days).size === 1 ? days[0]! : null;
}

/**
 * What happened, or will be invoiced soon: an event dated further ahead is a slip of the year, and would keep every rule
 * of its scope from changing until then.
 */
export const MOST_DAYS_AHEAD = 400;

/** -1, 0 or 1, for sorting; dates may as well be compared by `<`. */
export function compareDates(a: string, b: string): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The date `days` later, or earlier for a negative number; exact over leap years. */
export function addDays(date: string, days: number): string {
  return days === 0 ? date : dateOfDayNumber(dayNumber(date) + days);
}

/** How many days lie from one date to another; negative when `to` is the earlier one. */
export function daysBetween(from: string, to: string): number {
  return dayNumber(to) - dayNumber(from);
}

/**
 * The same day of a month `months` later or earlier; where that month is too short, its last day. So twelve months
 * from 29 Feb is 28 Feb, and one month from 31 Jan is 28 or 29 Feb. Source: SEMANTICS §3, the earning clock.
 */
export function addMonthsClamped(date: string, months: number): string {
  const index = yearOf(date) * 12 + (monthOf(date) - 1) + months;
  const year = Math.floor(index / 12);
  const month = index - year * 12 + 1;
  return writeDate(year, month, Math.min(dayOf(date), daysInMonth(year, month)));
}

/** The first day of the date's month. */
export function monthStart(date: string): string {
  return `${date.slice(0, 7)}-01`;
}

/** Days since 1970-01-01 of a valid date. */
export function dayNumber(date: string): number {
  return dayNumberOf(yearOf(date), monthOf(date), dayOf(date));
}

/** Days since 1970-01-01 of a day given by its parts (Howard Hinnant's days_from_civil). */
export function dayNumberOf(year: number, month: number, day: number): number {
  // The year begins in March here, so that the leap day is its last and needs no case of its own.
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_TO_1970;
}

const DAYS_PER_ERA = 146_097;
const DAYS_TO_1970 = 719_468;

/** Dates already written, by day number: a batch asks for the same few hundred over and over. */
const written = new Map<number, string>();
const WRITTEN_LIMIT = 100_000;

/** The date of a day number; the inverse of `dayNumber`. */
export function dateOfDayNumber(days: number): string {
  const known = written.get(days);
  if (known !== undefined) return known;
  if (written.size >= WRITTEN_LIMIT) written.clear();
  const date = computeDate(days);
  written.set(days, date);
  return date;
}

function computeDate(days: number): string {
  const shifted = days + DAYS_TO_1970;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return writeDate(year, month, day);
}

const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function daysInMonth(year: number, month: number): number {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return leap ? 29 : MONTH_LENGTHS[month - 1]!;
}

function writeDate(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

// Character codes instead of Number(slice): no string is made on the way, and this is where addDays spends its time.
function yearOf(date: string): number {
  return digit(date, 0) * 1000 + digit(date, 1) * 100 + digit(date, 2) * 10 + digit(date, 3);
}
function monthOf(date: string): number {
  return digit(date, 5) * 10 + digit(date, 6);
}
function dayOf(date: string): number {
  return digit(date, 8) * 10 + digit(date, 9);
}
function digit(date: string, at: number): number {
  return date.charCodeAt(at) - 48;
}
