import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { addDays, businessDate, dateOfDayNumber, dayNumber, parsePeriod } from '../../src/domain/dates.ts';
import { datesDue, dueAt, isScheduled, nextDue, type CatchUp, type Schedule } from '../../src/domain/schedules.ts';
import { patience, soak, tell } from '../soak.ts';
import { choices } from '../support/accrual.ts';
import { baseSeed, runs } from './runs.ts';

/** Ten years with three 29ths of February, and the day in 2011 that two zones left out. */
const FIRST = '2011-06-01';
const LAST = '2021-05-31';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Samoa and Tokelau went over the date line, and had no 2011-12-30. */
const WITHOUT_A_DAY = new Set(['Pacific/Apia', 'Pacific/Fakaofo']);

const ALL_ZONES = Intl.supportedValuesOf('timeZone');
const AWKWARD = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo', // its gap was at midnight
  'America/St_Johns', // half an hour off, and until 2011 its clocks moved at 00:01
  'Australia/Lord_Howe', // moves by half an hour
  'Africa/Casablanca', // four changes a year, with Ramadan
  'Asia/Kathmandu', // a quarter of an hour
  'Asia/Tehran',
  ...WITHOUT_A_DAY,
  'Pacific/Kiritimati', // UTC+14
  'Etc/GMT-14',
  'Etc/GMT+12', // the last where it is still yesterday
];
const next = choices(baseSeed);
const SAMPLED = Array.from({ length: 4 }, () => ALL_ZONES[Math.floor(next() * ALL_ZONES.length)]!);
const zones = [...new Set([...AWKWARD, ...(soak ? ALL_ZONES : SAMPLED)])];

const at = fc
  .integer({ min: 0, max: 24 * 60 - 1 })
  .map((minutes) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`)
  .map((text) => text as Schedule['at']);
const weekday = fc.constantFrom('monday' as const, 'thursday' as const, 'sunday' as const);
const whenOver = fc.boolean();
const schedule: fc.Arbitrary<Schedule> = fc.oneof(
  fc.record({ every: fc.constant('day' as const), at, whenOver }),
  fc.record({ every: fc.constant('week' as const), on: weekday, at, whenOver }),
  fc.record({ every: fc.constant('month' as const), on: fc.integer({ min: 1, max: 31 }), at, whenOver }),
);
const date = fc.integer({ min: dayNumber(FIRST), max: dayNumber(LAST) }).map(dateOfDayNumber);
const zone = fc.constantFrom(...zones);

const scheduled = (one: Schedule, from: string, to: string): string[] => {
  const dates: string[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) if (isScheduled(one, day)) dates.push(day);
  return dates;
};

describe('a schedule', () => {
  it('comes due when the clock of the zone shows its time, as Temporal reads it in gaps and repeats', () => {
    fc.assert(
      fc.property(schedule, date, zone, (one, day, name) => {
        const shown = Temporal.PlainDateTime.from(`${day}T${one.at}`).add({ days: one.whenOver === true ? 1 : 0 });
        const expected = shown.toZonedDateTime(name).epochMilliseconds;
        expect(dueAt(one, day, name)).toBe(expected);
      }),
      runs(1000),
    );
  });

  it('has each month once, on its last day where it has no such day, and each week once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 31 }), weekday, fc.integer({ min: 1990, max: 2100 }), (on, day, year) => {
        const days = scheduled({ every: 'month', on, at: '02:15' }, `${year}-01-01`, `${year}-12-31`);
        expect(days.map((one) => one.slice(0, 7))).toEqual(
          Array.from({ length: 12 }, (_, month) => `${year}-${String(month + 1).padStart(2, '0')}`),
        );
        for (const one of days) {
          const { daysInMonth } = Temporal.PlainDate.from(one);
          expect(Number(one.slice(8))).toBe(Math.min(on, daysInMonth));
        }
        const weeks = scheduled({ every: 'week', on: day, at: '02:15' }, `${year}-01-01`, `${year}-12-31`);
        expect(new Set(weeks.map((one) => Temporal.PlainDate.from(one).dayOfWeek)).size).toBe(1);
        expect(weeks.length).toBeGreaterThanOrEqual(52);
      }),
      runs(50),
    );
  });

  it('says when it is due next, and not a moment earlier', () => {
    fc.assert(
      fc.property(schedule, date, zone, fc.integer({ min: 0, max: DAY - 1 }), (one, day, name, ms) => {
        const now = dayNumber(day) * DAY + ms;
        const coming = nextDue(one, { now, zone: name });
        expect(coming.at).toBeGreaterThan(now);
        const job = { schedule: one, catchUp: 'each' as const };
        const from = addDays(businessDate(now, name), -40);
        const before = datesDue(job, from, { now, zone: name });
        expect(datesDue(job, from, { now: coming.at - 1, zone: name })).toEqual(before);
        expect(datesDue(job, from, { now: coming.at, zone: name })).toContain(coming.date);
      }),
      runs(300),
    );
  });
});

/**
 * Ten years of a scheduler that is woken by a clock of ups and downs: every few hours, after weeks of silence, and with
 * the clock set back by days.
 */
function* wakes(seed: number): Generator<number> {
  const dice = choices(seed);
  let now = dayNumber(FIRST) * DAY - 14 * HOUR;
  const end = (dayNumber(LAST) + 1) * DAY;
  while (now < end) {
    yield now;
    const kind = dice();
    if (kind < 0.01) now -= dice() * 3 * DAY;
    else if (kind < 0.02) now += dice() * 100 * DAY;
    else now += dice() * 2 * DAY;
  }
  yield end + 3 * DAY;
}

/** What such a scheduler runs: at each wake what is due, then it remembers the last date. */
function simulate(one: Schedule, catchUp: CatchUp, name: string, seed: number) {
  const ran: { readonly date: string; readonly now: number }[] = [];
  let from = FIRST;
  for (const now of wakes(seed)) {
    for (const due of datesDue({ schedule: one, catchUp }, from, { now, zone: name })) {
      ran.push({ date: due, now });
      from = addDays(due, 1);
    }
  }
  return ran;
}

describe.each(zones)('ten years in %s', (name) => {
  const time = choices(baseSeed ^ zones.indexOf(name));
  const minute = Math.floor(time() * 1440);
  const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  const daily: Schedule = { every: 'day', at: clock as Schedule['at'] };
  const over: Schedule = { ...daily, whenOver: true };
  const monthly: Schedule = { every: 'month', on: 31, at: '02:15' };

  it('every business date runs once, in order, never before it is due', patience(20_000), () => {
    tell('zones', zones.indexOf(name), zones.length);
    for (const one of [daily, over, monthly]) {
      const ran = simulate(one, 'each', name, baseSeed);
      const through = ran.filter(({ date: day }) => day <= LAST).map(({ date: day }) => day);
      expect(through, `FC_SEED=${baseSeed} at ${one.at}`).toEqual(scheduled(one, FIRST, LAST));
      expect(ran.filter(({ date: day, now }) => now < dueAt(one, day, name))).toEqual([]);
    }
  });

  it('the latest of several, or none that is over: each once at most, in order', patience(20_000), () => {
    const latest = simulate(daily, 'latest', name, baseSeed);
    const none = simulate(daily, 'none', name, baseSeed);
    for (const ran of [latest, none]) {
      expect(ran.filter(({ date: day }, index) => day <= (ran[index - 1]?.date ?? ''))).toEqual([]);
    }
    // Nothing later was due by then, but for a midnight that a clock showed twice.
    const isLatest = ({ date: day, now }: (typeof latest)[number]) =>
      dueAt(daily, addDays(day, 1), name) > now || businessDate(now, name) <= day;
    expect(latest.filter((ran) => !isLatest(ran))).toEqual([]);
    expect(none.filter(({ date: day, now }) => businessDate(now, name) !== day)).toEqual([]);
    // An early time most days have behind them when they are seen at all; a late one few.
    expect(simulate({ every: 'day', at: '01:15' }, 'none', name, baseSeed).length).toBeGreaterThan(300);
    expect(none.length).toBeLessThanOrEqual(latest.length);
  });

  it('dates, months and quarters tile: each instant is in one, and none is left out', patience(20_000), () => {
    const shown = new Set<string>();
    for (let now = dayNumber(FIRST) * DAY; now < dayNumber(LAST) * DAY; now += 5 * HOUR) {
      shown.add(businessDate(now, name));
    }
    const days = [...shown];
    const follows = (day: string, index: number) => index === 0 || addDays(days[index - 1]!, 1) === day;
    const jumps = days.filter((day, index) => !follows(day, index));
    expect(jumps).toEqual(WITHOUT_A_DAY.has(name) ? ['2011-12-31'] : []);
    for (const [first, months] of [
      ['2011-01', 1],
      ['2011-Q1', 3],
    ] as const) {
      let period = parsePeriod(first, LAST);
      for (let count = 0; count < 120 / months; count += 1) {
        const [year, month] = period.to.split('-').map(Number) as [number, number];
        const label = months === 1 ? period.to.slice(0, 7) : `${year}-Q${(month + 2) / 3}`;
        const following = parsePeriod(label, LAST);
        expect(following.from).toBe(period.to);
        period = following;
      }
      expect(period.from).toBe('2021-01-01');
    }
  });
});
