import { dayNumberOf, isCalendarDay } from './civil-dates.ts';
import { UsageError } from './errors.ts';
import { instantOfLocal, localMilliseconds, parseZone } from './time-zones.ts';

/** What became of one text: an instant in epoch milliseconds, or a short reason for a report of rejected rows. */
export type ParsedTimestamp = { readonly instant: number } | { readonly error: string };
export type TimestampParser = (text: string) => ParsedTimestamp;

/**
 * Makes a parser for the timestamps of one column of an import. Formats:
 * - `iso`: ISO 8601, date and time with 'T' or a space between, with or without an offset, or a date alone;
 * - `unix`, `unix_ms`: seconds (decimals allowed) or milliseconds since 1970;
 * - a pattern of yyyy, MM or M, MMM (Jan), dd or d, HH or H, hh or h with a (AM, PM), mm, ss, SSS and XXX (Z, +02:00),
 *   every other character standing for itself: 'MM/dd/yyyy HH:mm', 'dd.MM.yyyy'.
 *
 * A time without an offset is read in `zone`, a date alone as its first instant there; what a clock shows twice or
 * never is read as `instantOfLocal` says. Digits finer than a millisecond are cut. Days that do not exist, hours past
 * 23, leap seconds and years before 1900 are errors, never moved to a neighbour.
 * @throws UsageError `zone_unknown`, `timestamp_format`
 */
export function createTimestampParser(format: string, zone: string): TimestampParser {
  parseZone(zone);
  if (format === 'iso') return (text) => readIso(text, zone);
  if (format === 'unix') return readUnixSeconds;
  if (format === 'unix_ms') return readUnixMilliseconds;
  return createPatternParser(format, zone);
}

/** The digits of a timestamp; what its format leaves out is zero. */
interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  /** Minutes ahead of UTC, or null when the text does not say. */
  readonly offset: number | null;
}

function instantOf(parts: Parts, zone: string): ParsedTimestamp {
  const { year, month, day, hour, minute, second, millisecond, offset } = parts;
  if (!isCalendarDay(year, month, day)) return { error: `there is no day ${year}-${month}-${day}` };
  if (hour > 23) return { error: `there is no hour ${hour}` };
  if (minute > 59) return { error: `there is no minute ${minute}` };
  if (second > 59) return { error: `there is no second ${second}` };
  const local = localMilliseconds(year, month, day, hour, minute, second, millisecond);
  return { instant: offset === null ? instantOfLocal(local, zone) : local - offset * 60_000 };
}

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?([Zz]|[+-]\d{2}(?::?\d{2})?)?)?$/;

function readIso(text: string, zone: string): ParsedTimestamp {
  const match = ISO.exec(text.trim());
  if (match === null) return notLike(text, 'an ISO 8601 date or time');
  const offset = readOffset(match[8]);
  if (offset === undefined) return { error: `'${match[8]}' is not an offset from UTC` };
  return instantOf(
    {
      year: Number(match[1]),
      month: Number(match[2]),
      day: Number(match[3]),
      hour: Number(match[4] ?? 0),
      minute: Number(match[5] ?? 0),
      second: Number(match[6] ?? 0),
      millisecond: Number((match[7] ?? '0').padEnd(3, '0').slice(0, 3)),
      offset,
    },
    zone,
  );
}

/** Minutes ahead of UTC of 'Z', '+02', '+0200' or '+02:00'; null for none, undefined when no place has it. */
function readOffset(text: string | undefined): number | null | undefined {
  if (text === undefined) return null;
  if (text === 'Z' || text === 'z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = text.length > 3 ? Number(text.slice(-2)) : 0;
  if (hours > 18 || minutes > 59) return undefined;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

const FIRST_INSTANT = dayNumberOf(1900, 1, 1) * 86_400_000;
const LAST_INSTANT = dayNumberOf(9999, 12, 31) * 86_400_000;

function readUnixSeconds(text: string): ParsedTimestamp {
  const match = /^(-?)(\d{1,15})(?:\.(\d{1,9}))?$/.exec(text.trim());
  if (match === null) return notLike(text, 'a number of seconds since 1970');
  const [, sign, whole = '0', fraction = ''] = match;
  const magnitude = Number(whole) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
  const instant = sign === '-' ? 0 - magnitude : magnitude;
  if (instant > LAST_INSTANT) return { error: `'${whole}' seconds is past the year 9999: are these milliseconds?` };
  return withinYears(instant, text);
}

function readUnixMilliseconds(text: string): ParsedTimestamp {
  if (!/^-?\d{1,15}$/.test(text.trim())) return notLike(text, 'a number of milliseconds since 1970');
  return withinYears(Number(text) + 0, text);
}

function withinYears(instant: number, text: string): ParsedTimestamp {
  if (instant < FIRST_INSTANT || instant > LAST_INSTANT) {
    return { error: `'${text.trim()}' is outside the years 1900 to 9999` };
  }
  return { instant };
}

type Field =
  'year' | 'month' | 'monthName' | 'day' | 'hour' | 'hour12' | 'half' | 'minute' | 'second' | 'fraction' | 'offset';

const TOKENS: readonly (readonly [token: string, field: Field, expression: string])[] = [
  ['yyyy', 'year', '\\d{4}'],
  ['MMM', 'monthName', '[A-Za-z]{3}'],
  ['MM', 'month', '\\d{2}'],
  ['M', 'month', '\\d{1,2}'],
  ['dd', 'day', '\\d{2}'],
  ['d', 'day', '\\d{1,2}'],
  ['HH', 'hour', '\\d{2}'],
  ['H', 'hour', '\\d{1,2}'],
  ['hh', 'hour12', '\\d{2}'],
  ['h', 'hour12', '\\d{1,2}'],
  ['mm', 'minute', '\\d{2}'],
  ['ss', 'second', '\\d{2}'],
  ['SSS', 'fraction', '\\d{3}'],
  ['a', 'half', '[AaPp][Mm]'],
  ['XXX', 'offset', '[Zz]|[+-]\\d{2}:?\\d{2}'],
];

const MONTH_NAMES = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

function createPatternParser(pattern: string, zone: string): TimestampParser {
  const { expression, groupOf } = compilePattern(pattern);
  const number = (match: RegExpExecArray, field: Field): number => {
    const group = groupOf.get(field);
    return group === undefined ? 0 : Number(match[group]);
  };
  const word = (match: RegExpExecArray, field: Field): string | undefined => {
    const group = groupOf.get(field);
    return group === undefined ? undefined : match[group];
  };

  return (text) => {
    const match = expression.exec(text.trim());
    if (match === null) return notLike(text, `'${pattern}'`);
    const monthName = word(match, 'monthName');
    const month = monthName === undefined ? number(match, 'month') : MONTH_NAMES.indexOf(monthName.toLowerCase()) + 1;
    if (month === 0) return { error: `there is no month '${monthName ?? '00'}'` };
    const half = word(match, 'half');
    const hour12 = number(match, 'hour12');
    if (half !== undefined && (hour12 < 1 || hour12 > 12)) return { error: `there is no hour ${hour12} ${half}` };
    const offset = readOffset(word(match, 'offset'));
    if (offset === undefined) return { error: `'${word(match, 'offset')}' is not an offset from UTC` };
    return instantOf(
      {
        year: number(match, 'year'),
        month,
        day: number(match, 'day'),
        // Midnight is 12 AM and noon 12 PM, hence the remainder.
        hour: half === undefined ? number(match, 'hour') : (hour12 % 12) + (/^p/i.test(half) ? 12 : 0),
        minute: number(match, 'minute'),
        second: number(match, 'second'),
        millisecond: number(match, 'fraction'),
        offset,
      },
      zone,
    );
  };
}

function compilePattern(pattern: string): { expression: RegExp; groupOf: ReadonlyMap<Field, number> } {
  const groupOf = new Map<Field, number>();
  let expression = '';
  let rest = pattern;
  while (rest !== '') {
    const token = TOKENS.find(([name]) => rest.startsWith(name));
    if (token === undefined) {
      const character = rest[0]!;
      if (/[A-Za-z]/.test(character) && character !== 'T')
        throw badPattern(pattern, `'${character}' means nothing in it`);
      expression += character.replace(/[.*+?^${}()|[\]\\/]/, '\\$&');
      rest = rest.slice(1);
      continue;
    }
    const [name, field, fieldExpression] = token;
    if (groupOf.has(field)) throw badPattern(pattern, `it says ${name} twice`);
    groupOf.set(field, groupOf.size + 1);
    expression += `(${fieldExpression})`;
    rest = rest.slice(name.length);
  }
  const has = (field: Field): boolean => groupOf.has(field);
  if (!has('year')) throw badPattern(pattern, 'it has no year (yyyy)');
  if (has('month') === has('monthName')) throw badPattern(pattern, 'it needs one month (MM, M or MMM)');
  if (!has('day')) throw badPattern(pattern, 'it has no day (dd or d)');
  if (has('hour12') !== has('half')) throw badPattern(pattern, 'hh and a (AM, PM) need each other');
  if (has('hour') && has('hour12')) throw badPattern(pattern, 'it has two hours');
  return { expression: new RegExp(`^${expression}$`), groupOf };
}

function badPattern(pattern: string, why: string): UsageError {
  return new UsageError('timestamp_format', `'${pattern}' is not a date format: ${why}`, {
    hint: "use iso, unix, unix_ms, or a pattern such as 'dd.MM.yyyy HH:mm'",
  });
}

function notLike(text: string, expected: string): ParsedTimestamp {
  const trimmed = text.trim();
  if (trimmed === '') return { error: 'it is blank' };
  const shown = trimmed.length <= 40 ? trimmed : `${trimmed.slice(0, 40)}…`;
  return { error: `'${shown}' is not like ${expected}` };
}
