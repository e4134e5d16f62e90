import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMonthsClamped,
  businessDate,
  createTimestampParser,
  dateOfDayNumber,
  dayNumber,
  daysBetween,
} from '../../src/domain/dates.ts';
import { runs } from './runs.ts';

/** Temporal is the second witness: slower by orders, and written by others. */
const date = fc.integer({ min: dayNumber('1900-01-01'), max: dayNumber('2199-12-31') }).map(dateOfDayNumber);
const zone = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'Australia/Lord_Howe', // moves by half an hour
  'Pacific/Apia', // skipped a day in 2011
  'Pacific/Chatham',
);
const FIRST = Date.UTC(1975, 0, 1);
const LAST = Date.UTC(2036, 0, 1);
/** Instants anywhere, and instants within two hours of a change of the zone's offset, where mistakes live. */
const zoned = fc
  .record({
    zone,
    instant: fc.integer({ min: FIRST, max: LAST }),
    nearChange: fc.boolean(),
    by: fc.integer({ min: -7_200_000, max: 7_200_000 }),
  })
  .map(({ zone: name, instant, nearChange, by }) => {
    if (!nearChange) return { zone: name, instant };
    const change = Temporal.Instant.fromEpochMilliseconds(instant)
      .toZonedDateTimeISO(name)
      .getTimeZoneTransition('next');
    return { zone: name, instant: change === null ? instant : change.epochMilliseconds + by };
  });

describe('dates', () => {
  it('days are added as Temporal adds them, and taken back', () => {
    fc.assert(
      fc.property(date, fc.integer({ min: -20_000, max: 20_000 }), (from, days) => {
        const to = addDays(from, days);
        expect(to).toBe(Temporal.PlainDate.from(from).add({ days }).toString());
        expect(addDays(to, -days)).toBe(from);
        expect(daysBetween(from, to)).toBe(days);
      }),
      runs(500),
    );
  });

  it('months are added and clamped as Temporal does', () => {
    fc.assert(
      fc.property(date, fc.integer({ min: -600, max: 600 }), (from, months) => {
        expect(addMonthsClamped(from, months)).toBe(Temporal.PlainDate.from(from).add({ months }).toString());
      }),
      runs(500),
    );
  });

  it('a business date is the local date of the instant', () => {
    fc.assert(
      fc.property(zoned, ({ zone: name, instant }) => {
        const local = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(name);
        expect(businessDate(instant, name)).toBe(local.toPlainDate().toString());
      }),
      runs(500),
    );
  });

  it('a local time means what Temporal calls compatible, in gaps and overlaps too', () => {
    fc.assert(
      fc.property(zoned, ({ zone: name, instant }) => {
        const shown = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO('UTC').toPlainDateTime();
        const nearby = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(name).toPlainDateTime();
        const parse = createTimestampParser('iso', name);
        for (const local of [shown, nearby, nearby.add({ minutes: 60 }), nearby.subtract({ minutes: 60 })]) {
          const expected = local.toZonedDateTime(name, { disambiguation: 'compatible' }).epochMilliseconds;
          expect(parse(local.toString())).toEqual({ instant: expected });
        }
      }),
      runs(300),
    );
  });

  it('an instant written with its offset is read back', () => {
    fc.assert(
      fc.property(zoned, zone, ({ zone: name, instant }, readIn) => {
        const text = Temporal.Instant.fromEpochMilliseconds(instant)
          .toZonedDateTimeISO(name)
          .toString({ timeZoneName: 'never' });
        expect(createTimestampParser('iso', readIn)(text)).toEqual({ instant });
      }),
      runs(300),
    );
  });

  it('any text is an instant or a reason', () => {
    const parsers = ['iso', 'unix', 'unix_ms', 'MM/dd/yyyy HH:mm', 'dd.MM.yyyy'].map((format) =>
      createTimestampParser(format, 'Europe/Berlin'),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9TZ:./ +-]{0,20}$/)), (text) => {
        for (const parse of parsers) {
          const parsed = parse(text);
          if ('error' in parsed) expect(parsed.error.length).toBeLessThan(120);
          else expect(Number.isSafeInteger(parsed.instant)).toBe(true);
        }
      }),
      runs(500),
    );
  });
});
