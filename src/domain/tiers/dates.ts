import { addDays, addMonthsClamped, monthStart } from '../dates.ts';
import type { Days } from '../date-ranges.ts';

/** The last day of a date's month. */
export function monthEnd(date: string): string {
  return addDays(addMonthsClamped(monthStart(date), 1), -1);
}

/** The latest month-end that is no later than a day. */
export function lastMonthEnd(day: string): string {
  return monthEnd(day) === day ? day : addDays(monthStart(day), -1);
}

/** The months that an evaluation of a month-end looks at, `[from, to)`. */
export function tierWindow(monthEnd: string, months: number): Days & { readonly from: string; readonly to: string } {
  return { from: addMonthsClamped(monthStart(monthEnd), 1 - months), to: addDays(monthEnd, 1) };
}

/** The day a move counts from: the next one, or the first that is after all that may be decided and not before `since`. */
export function effectiveFrom(monthEnd: string, lastAccrued: string | null, since: string | null): string {
  return [lastAccrued === null ? '' : addDays(lastAccrued, 1), since ?? ''].reduce(
    (latest, day) => (day > latest ? day : latest),
    addDays(monthEnd, 1),
  );
}
