import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMonthsClamped,
  businessDate,
  compareDates,
  createTimestampParser,
  daysBetween,
  isDate,
  parseDate,
  parsePeriod,
  parseZone,
} from '../../../src/domain/dates.ts';
import { originPeriod, payableOn, postingDate } from '../../../src/domain/decision-dates.ts';

describe('civil dates', () => {
  it.each(['2026-10-31', '2024-02-29', '2000-02-29', '1900-01-01', '9999-12-31'])('%s is a date', (text) => {
    expect(isDate(text)).toBe(true);
  });
  it.each([
    '2026-02-31',
    '2025-02-29',
    '1900-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-1-1',
    '0026-10-01',
    '2026-10-01T00:00',
    '',
  ])('%j is none', (text) => {
    expect(isDate(text)).toBe(false);
    expect(() => parseDate(text)).toThrow(expect.objectContaining({ code: 'date_invalid' }));
  });

  it.each([
    ['1.10.2026', 'write 2026-10-01'],
    ['31.10.2026', 'write 2026-10-31'],
    ['2026/10/1', 'write 2026-10-01'],
    ['20261001', 'write 2026-10-01'],
    ['10/31/2026', 'write 2026-10-31'],
    ['31/10/2026', 'write 2026-10-31'],
    ['10/10/2026', 'write 2026-10-10'],
    ['1/10/2026', 'write it as YYYY-MM-DD, like 2026-10-31'],
    ['30.2.2026', 'write it as YYYY-MM-DD, like 2026-10-31'],
    ['tomorrow', 'write it as YYYY-MM-DD, like 2026-10-31'],
  ])('of %s says: %s', (text, hint) => {
    expect(() => parseDate(text)).toThrow(expect.objectContaining({ hint }));
  });

  it('adds days over leap years and year ends, both ways', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2025-02-28', 1)).toBe('2025-03-01');
    expect(addDays('2025-12-31', 1)).toBe('2026-01-01');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(addDays('2000-01-01', 9_999)).toBe('2027-05-18');
    expect(daysBetween('2025-01-01', '2026-01-01')).toBe(365);
    expect(compareDates('2025-01-01', '2025-01-02')).toBe(-1);
  });

  // SEMANTICS §5: twelve months from a first sale on 31 Jan 2025: 30 Jan 2026 earns, 31 Jan 2026 does not; one month:
  // 27 Feb earns, 28 Feb does not. The date given back is the first that no longer earns.
  it.each([
    ['2025-01-31', 12, '2026-01-31'],
    ['2025-01-31', 1, '2025-02-28'],
    ['2024-01-31', 1, '2024-02-29'],
    ['2024-02-29', 12, '2025-02-28'],
    ['2025-03-31', -1, '2025-02-28'],
    ['2025-12-15', 1, '2026-01-15'],
    ['2025-01-15', -13, '2023-12-15'],
  ])('%s and %i months is %s', (date, months, expected) => {
    expect(addMonthsClamped(date, months)).toBe(expected);
  });
});

describe('decision dates', () => {
  // SEMANTICS §5: hold 30, event 1 Oct 23:30 programme time: payable 31 Oct.
  it('makes an event of 1 October payable on 31 October', () => {
    const zone = 'America/New_York';
    const occurredOn = businessDate('2026-10-02T03:30:00Z', zone);
    expect(occurredOn).toBe('2026-10-01');
    expect(payableOn(occurredOn, 30)).toBe('2026-10-31');
    expect(payableOn(occurredOn, 0)).toBe('2026-10-01');
  });

  it('posts into the next open month when the own one is closed', () => {
    expect(postingDate('2026-10-17', '2026-10-01')).toBe('2026-10-17');
    expect(postingDate('2026-08-17', '2026-10-01')).toBe('2026-10-01');
    expect(postingDate('2026-12-31', '2027-01-01')).toBe('2027-01-01');
    expect(postingDate('2026-08-17', null)).toBe('2026-08-17');
    expect(originPeriod('2026-08-17')).toBe('2026-08');
  });
});

describe('business dates', () => {
  it.each([
    ['2026-10-01T23:30:00Z', 'UTC', '2026-10-01'],
    ['2026-10-01T23:30:00Z', 'Europe/Berlin', '2026-10-02'],
    ['2026-10-01T23:30:00+02:00', 'UTC', '2026-10-01'],
    ['2026-10-01T00:30:00+02:00', 'UTC', '2026-09-30'],
    ['1969-12-31T23:59:59.999Z', 'UTC', '1969-12-31'],
    ['2026-03-29T00:59:59Z', 'Europe/Berlin', '2026-03-29'],
    ['2011-12-30T09:59:59Z', 'Pacific/Apia', '2011-12-29'],
    ['2011-12-30T10:00:00Z', 'Pacific/Apia', '2011-12-31'], // Samoa had no 30 December 2011
  ])('%s in %s is %s', (instant, zone, date) => {
    expect(businessDate(instant, zone)).toBe(date);
    expect(businessDate(Date.parse(instant), zone)).toBe(date);
  });

  it('refuses zones and instants it cannot be sure of', () => {
    for (const zone of ['Mars/Base', '+02:00', '']) {
      expect(() => parseZone(zone)).toThrow(expect.objectContaining({ code: 'zone_unknown' }));
    }
    const meant = (zone: string) => {
      try {
        return parseZone(zone);
      } catch (error) {
        return (error as { hint?: string }).hint;
      }
    };
    expect(meant('Europe/Belrin')).toMatch(/^did you mean 'Europe\/Berlin'/);
    expect(meant('berlin')).toBe("did you mean 'Europe/Berlin'?");
    expect(meant('New York')).toContain("'America/New_York'");
    expect(() => businessDate('2026-10-01T23:30:00', 'UTC')).toThrow(
      expect.objectContaining({ code: 'instant_invalid' }),
    );
    expect(() => businessDate('yesterday Z', 'UTC')).toThrow(expect.objectContaining({ code: 'instant_invalid' }));
  });
});

describe('timestamps of an import', () => {
  it.each([
    ['iso', 'UTC', '2010-12-01T08:26:00Z', '2010-12-01T08:26:00.000Z'],
    ['iso', 'Europe/Berlin', '2026-07-01T08:26:00', '2026-07-01T06:26:00.000Z'],
    ['iso', 'Europe/Berlin', '2026-07-01T08:26:00+05:30', '2026-07-01T02:56:00.000Z'],
    ['iso', 'Europe/Berlin', '2026-07-01 08:26', '2026-07-01T06:26:00.000Z'],
    ['iso', 'Europe/Berlin', '2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['iso', 'UTC', '2026-07-01T08:26:00.1239Z', '2026-07-01T08:26:00.123Z'],
    ['iso', 'UTC', '2026-07-01T08:26:00-0330', '2026-07-01T11:56:00.000Z'],
    ['MM/dd/yyyy HH:mm', 'America/New_York', '12/01/2010 08:26', '2010-12-01T13:26:00.000Z'],
    ['M/d/yyyy H:mm', 'UTC', '1/2/2011 8:05', '2011-01-02T08:05:00.000Z'],
    ['dd.MM.yyyy', 'UTC', '31.12.2025', '2025-12-31T00:00:00.000Z'],
    ['yyyy-MM-dd HH:mm:ss', 'UTC', '2026-10-01 23:30:59', '2026-10-01T23:30:59.000Z'],
    ['yyyyMMddTHHmmssXXX', 'UTC', '20261001T233059+02:00', '2026-10-01T21:30:59.000Z'],
    ['MMM d, yyyy h:mm a', 'UTC', 'Oct 1, 2026 12:05 AM', '2026-10-01T00:05:00.000Z'],
    ['MMM d, yyyy h:mm a', 'UTC', 'Oct 1, 2026 12:05 PM', '2026-10-01T12:05:00.000Z'],
    ['unix', 'Europe/Berlin', '1700000000', '2023-11-14T22:13:20.000Z'],
    ['unix', 'UTC', '1700000000.5', '2023-11-14T22:13:20.500Z'],
    ['unix_ms', 'UTC', '1700000000500', '2023-11-14T22:13:20.500Z'],
  ])('%s in %s reads %s', (format, zone, text, expected) => {
    const parsed = createTimestampParser(format, zone)(text);
    expect(parsed).toEqual({ instant: Date.parse(expected) });
  });

  it('decides what summer time leaves open as RFC 5545 does', () => {
    const parse = createTimestampParser('iso', 'Europe/Berlin');
    // 02:30 does not exist on 29 March 2026: it is read with winter's offset and lands at 03:30.
    expect(parse('2026-03-29T02:30')).toEqual({ instant: Date.parse('2026-03-29T01:30:00Z') });
    // 02:30 comes twice on 25 October 2026: the first is meant.
    expect(parse('2026-10-25T02:30')).toEqual({ instant: Date.parse('2026-10-25T00:30:00Z') });
  });

  it.each([
    ['iso', '2026-02-31', 'there is no day 2026-2-31'],
    ['iso', '2026-02-01T24:00:00', 'there is no hour 24'],
    ['iso', '2016-12-31T23:59:60Z', 'there is no second 60'],
    ['iso', '2026-10-01T10:00+19:00', "'+19:00' is not an offset from UTC"],
    ['iso', '01/02/2026', "'01/02/2026' is not like an ISO 8601 date or time"],
    ['iso', '  ', 'it is blank'],
    ['iso', '0026-10-01', 'there is no day 26-10-1'],
    ['MM/dd/yyyy', '13/01/2026', 'there is no day 2026-13-1'],
    ['MM/dd/yyyy', '2026-01-13', "'2026-01-13' is not like 'MM/dd/yyyy'"],
    ['MMM d yyyy', 'Okt 1 2026', "there is no month 'Okt'"],
    ['h:mm a dd.MM.yyyy', '13:00 PM 01.01.2026', 'there is no hour 13 PM'],
    ['unix', '1700000000000', "'1700000000000' seconds is past the year 9999: are these milliseconds?"],
    ['unix', '1e9', "'1e9' is not like a number of seconds since 1970"],
    ['unix_ms', '12.5', "'12.5' is not like a number of milliseconds since 1970"],
  ])('%s refuses %j: %s', (format, text, error) => {
    expect(createTimestampParser(format, 'UTC')(text)).toEqual({ error });
  });

  it.each([
    'HH:mm',
    'yyyy-MM',
    'yyyy-MM-dd hh:mm',
    'yyyy-MM-dd MM',
    'dd.MM.yy',
    'yyyy-MM-dd QQ',
    'yyyy-MM-dd HH:hh a',
    '',
  ])('refuses the format %j', (format) => {
    expect(() => createTimestampParser(format, 'UTC')).toThrow(expect.objectContaining({ code: 'timestamp_format' }));
  });
});

describe('periods', () => {
  it.each([
    ['2026-10', '2026-10-01', '2026-11-01', '2026-10'],
    ['2026-12', '2026-12-01', '2027-01-01', '2026-12'],
    ['2026-Q4', '2026-10-01', '2027-01-01', '2026-Q4'],
    ['2026-q1', '2026-01-01', '2026-04-01', '2026-Q1'],
    ['2026', '2026-01-01', '2027-01-01', '2026'],
    ['this-month', '2026-03-01', '2026-04-01', '2026-03'],
    ['last-month', '2026-02-01', '2026-03-01', '2026-02'],
    ['2026-10-01..2026-10-31', '2026-10-01', '2026-11-01', '2026-10-01..2026-10-31'],
    ['2026-10-05..2026-10-05', '2026-10-05', '2026-10-06', '2026-10-05..2026-10-05'],
  ])('%s runs from %s to %s', (text, from, to, label) => {
    expect(parsePeriod(text, '2026-03-31')).toEqual({ from, to, label });
  });

  it.each([
    '2026-13',
    '2026-Q5',
    '26',
    'next-month',
    '2026-10-31..2026-10-01',
    '2026-10-01..',
    '2026-10-01',
    '2026-02-01..2026-02-30',
    '',
  ])('refuses %j', (text) => {
    expect(() => parsePeriod(text, '2026-03-31')).toThrow(expect.objectContaining({ code: 'period_invalid' }));
  });
});
