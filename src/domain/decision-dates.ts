import { addDays } from './civil-dates.ts';

/**
 * The first date on which an entry may be paid: the business date of its event plus the programme's hold.
 * Source: SEMANTICS §4; golden §5: hold 30, event on 1 Oct, payable on 31 Oct.
 */
export function payableOn(occurredOn: string, holdDays: number): string {
  return addDays(occurredOn, holdDays);
}

/** The period, a calendar month 'YYYY-MM', in which something happened. Source: SEMANTICS §5, `origin_period`. */
export function originPeriod(occurredOn: string): string {
  return occurredOn.slice(0, 7);
}

/**
 * The date by which statements, exports and journals see an event: its business date, or the first day of the earliest
 * open month when its own is closed or soft-closed. Source: SEMANTICS §5; `posting_day` of drizzle/0004 says the same.
 * @param openFrom the first day that is open; null: every day is
 */
export function postingDate(occurredOn: string, openFrom: string | null): string {
  return openFrom !== null && occurredOn < openFrom ? openFrom : occurredOn;
}
