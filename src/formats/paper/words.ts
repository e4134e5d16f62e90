import { addDays } from '../../domain/dates.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Column } from './table.ts';

/** How papers write amounts and dates, and name the columns of their tables. */

export const text = (title: string): Column => ({ title, kind: 'text' });
export const word = (title: string): Column => ({ title, kind: 'word' });
export const amount = (title: string): Column => ({ title, kind: 'amount' });
export const count = (title: string): Column => ({ title, kind: 'count' });
export const growing = (title: string): Column => ({ title, kind: 'text', grows: true });
/** 'missing_details' as it is read. */
export const inWords = (name: string) => name.replaceAll('_', ' ');

/** '1,234.56', with a minus that is as wide as a figure. */
export function amountText(minor: bigint, currency: string): string {
  const [whole, fraction] = formatMinor(minor < 0n ? -minor : minor, currency).split('.');
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${minor < 0n ? '−' : ''}${fraction === undefined ? grouped : `${grouped}.${fraction}`}`;
}

/** '1–31 October 2026', or from day to day. */
export function periodText({ from, to }: { readonly from: string; readonly to: string }): string {
  const last = addDays(to, -1);
  const [a, b] = [partsOf(from), partsOf(last)];
  if (a.year !== b.year) return `${a.day} ${a.month} ${a.year} – ${b.day} ${b.month} ${b.year}`;
  if (a.month !== b.month) return `${a.day} ${a.month} – ${b.day} ${b.month} ${b.year}`;
  return a.day === b.day ? dayText(last) : `${a.day}–${b.day} ${b.month} ${b.year}`;
}

export function dayText(date: string): string {
  const { day, month, year } = partsOf(date);
  return `${day} ${month} ${year}`;
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
function partsOf(date: string) {
  const [year, month, day] = date.split('-');
  return { year: year!, month: MONTHS[Number(month) - 1]!, day: String(Number(day)) };
}
/** 'Oct' */
export const monthText = (month: string) => MONTHS[Number(month.slice(5)) - 1]!.slice(0, 3);

/** '2026-11-21 10:00 UTC' */
export const momentText = (instant: string) => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
