import { dateOfDayNumber, dayNumberOf } from './civil-dates.ts';
import { UsageError } from './errors.ts';
import { didYouMean } from './near-names.ts';

/**
 * From instants to business dates and back. An instant is an integer of milliseconds since 1970-01-01T00:00Z.
 * `Intl` knows every zone's history but takes microseconds per question, so each zone remembers its offset per UTC day;
 * a day on which the offset changes remembers when. Two changes within one UTC day that cancel out would be missed;
 * the tz database has none since 1900.
 */
const DAY = 86_400_000;

interface OffsetDay {
  /** Milliseconds to add to UTC before `changesAt`, and from it on. */
  readonly before: number;
  readonly changesAt: number;
  readonly after: number;
}

class ZoneOffsets {
  readonly #format: Intl.DateTimeFormat;
  readonly #days = new Map<number, OffsetDay>();

  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  at(instant: number): number {
    const dayIndex = Math.floor(instant / DAY);
    let day = this.#days.get(dayIndex);
    if (day === undefined) {
      day = this.#look(dayIndex);
      this.#days.set(dayIndex, day);
    }
    return instant < day.changesAt ? day.before : day.after;
  }

  #look(dayIndex: number): OffsetDay {
    const start = dayIndex * DAY;
    const end = start + DAY;
    const before = this.#days.get(dayIndex - 1)?.after ?? this.#ask(start);
    const after = this.#ask(end - 1);
    if (before === after) return { before, changesAt: end, after };

    // The first instant with the new offset: `low` still has the old one, `high` has the new one.
    let low = start - 1;
    let high = end - 1;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ask(middle) === after) high = middle;
      else low = middle;
    }
    return { before, changesAt: high, after };
  }

  #ask(instant: number): number {
    const parts: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(instant)) parts[type] = Number(value);
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
    const wholeSecond = Math.floor(instant / 1000) * 1000;
    return localMilliseconds(year, month, day, hour, minute, second, 0) - wholeSecond;
  }
}

const zones = new Map<string, ZoneOffsets>();

function offsetsOf(zone: string): ZoneOffsets {
  let offsets = zones.get(zone);
  if (offsets === undefined) {
    offsets = new ZoneOffsets(parseZone(zone));
    zones.set(zone, offsets);
  }
  return offsets;
}

/**
 * The zone as given, once it is proved to be one that this Node knows: 'UTC' or a name like 'Europe/Berlin'. Bare
 * offsets such as '+02:00' are refused, since a business date must follow the place's own summer time.
 * @throws UsageError `zone_unknown`
 */
export function parseZone(zone: string): string {
  try {
    if (!/^[A-Za-z]/.test(zone)) throw new RangeError('not a name');
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return zone;
  } catch (cause) {
    throw new UsageError('zone_unknown', `there is no time zone '${zone.slice(0, 40)}'`, {
      hint: meantZone(zone) ?? 'use UTC or a name of the tz database, for instance Europe/Berlin',
      cause,
    });
  }
}

/** A place is typed without its continent, or with a slip. */
function meantZone(zone: string): string | undefined {
  const zones = Intl.supportedValuesOf('timeZone');
  const typed = zone.trim().toLowerCase().replaceAll(/\s+/g, '_');
  const places = zones.filter((name) => name.toLowerCase().endsWith(`/${typed}`));
  return places.length > 0 ? didYouMean(places[0]!, places) : didYouMean(zone, zones);
}

/**
 * The civil date of an instant in a zone: the business date of what happened then. Source: SEMANTICS §5.
 * @param instant epoch milliseconds, or an ISO 8601 string with an offset
 * @throws UsageError `zone_unknown`, `instant_invalid`
 */
export function businessDate(instant: number | string, zone: string): string {
  const milliseconds = typeof instant === 'number' ? instant : parseInstant(instant);
  const local = zone === 'UTC' ? milliseconds : milliseconds + offsetsOf(zone).at(milliseconds);
  return dateOfDayNumber(Math.floor(local / DAY));
}

/**
 * What a clock on the wall of the zone shows at an instant, to the second: 2026-10-31T09:30:00.
 * @throws UsageError `zone_unknown`
 */
export function localTime(instant: number, zone: string): string {
  const local = zone === 'UTC' ? instant : instant + offsetsOf(zone).at(instant);
  return new Date(local).toISOString().slice(0, 19);
}

/**
 * The instant at which a clock on the wall of the zone shows these digits (`local` counts them as if they were UTC).
 * Summer time makes two readings awkward, and both are decided as RFC 5545 and Temporal's 'compatible' do: a time that
 * happens twice means its first occurrence, a time that is skipped is read with the offset from before the gap, which
 * moves it forward by the gap's length.
 * @throws UsageError `zone_unknown`
 */
export function instantOfLocal(local: number, zone: string): number {
  if (zone === 'UTC') return local;
  const offsets = offsetsOf(zone);
  // No zone is a day away from UTC, so these two lie on either side of any change near the local time.
  const earlier = offsets.at(local - DAY);
  const later = offsets.at(local + DAY);
  if (earlier === later || offsets.at(local - earlier) === earlier) return local - earlier;
  return offsets.at(local - later) === later ? local - later : local - earlier;
}

/** The digits of a local date and time, counted as milliseconds as if they were UTC; parts are taken as valid. */
export function localMilliseconds(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  millisecond: number,
): number {
  return dayNumberOf(year, month, day) * DAY + hour * 3_600_000 + minute * 60_000 + second * 1000 + millisecond;
}

function parseInstant(text: string): number {
  const milliseconds = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    throw new UsageError('instant_invalid', `'${text.slice(0, 40)}' is not an instant`, {
      hint: 'write it as 2026-10-01T23:30:00Z',
    });
  }
  return milliseconds;
}
