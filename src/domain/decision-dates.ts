import { addDays, addMonthsClamped } from './civil-dates.ts';

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
 * The date by which statements, exports and journals see an event: its business date, or the first day of the next
 * open month when its own is closed. An earlier month that happens to be open (reopened, say) is never chosen: nothing
 * may be reported before it happened. Source: SEMANTICS §5.
 * @param closedMonths months as 'YYYY-MM'
 */
export function postingDate(occurredOn: string, closedMonths: ReadonlySet<string>): string {
  if (closedMonths.size === 0 || !closedMonths.has(originPeriod(occurredOn))) return occurredOn;
  let firstDay = `${originPeriod(occurredOn)}-01`;
  do firstDay = addMonthsClamped(firstDay, 1);
  while (closedMonths.has(originPeriod(firstDay)));
  return firstDay;
}
