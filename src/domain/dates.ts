/** The one door to dates: civil dates, business dates of instants, timestamps of imports, periods. */
export {
  addDays,
  addMonthsClamped,
  compareDates,
  dateOfDayNumber,
  dayNumber,
  dayNumberOf,
  daysBetween,
  isDate,
  monthStart,
  MOST_DAYS_AHEAD,
  parseDate,
} from './civil-dates.ts';
export { businessDate, localTime, parseZone } from './time-zones.ts';
export { createTimestampParser, type TimestampParser } from './timestamps.ts';
export { parsePeriod, type Period } from './periods.ts';
