import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  intersect,
  isEmptyRange,
  rangeText,
  remainders,
  subtract,
  type Days,
} from '../../../src/domain/date-ranges.ts';

const days = (from: string | null, to: string | null): Days => ({ from, to });
const ALWAYS = days(null, null);

describe('remainders', () => {
  test.each<[Days, Days, Days[]]>([
    [ALWAYS, days('2026-03-01', '2026-05-01'), [days(null, '2026-03-01'), days('2026-05-01', null)]],
    [days('2026-01-01', null), days('2026-03-01', null), [days('2026-01-01', '2026-03-01')]],
    [days('2026-01-01', null), ALWAYS, []],
    [days('2026-01-01', '2026-02-01'), days('2026-02-01', null), [days('2026-01-01', '2026-02-01')]],
    [days('2026-01-01', '2026-02-01'), days('2026-01-01', '2026-02-01'), []],
    [days('2026-01-01', '2026-02-01'), days('2025-01-01', '2026-01-15'), [days('2026-01-15', '2026-02-01')]],
  ])('of %j after cutting %j', (range, cut, left) => {
    expect(remainders(range, cut)).toEqual(left);
  });
});

test('an intersection is empty where ranges only touch', () => {
  expect(intersect(days(null, '2026-01-01'), days('2026-01-01', null))).toBeNull();
  expect(intersect(days(null, '2026-01-02'), days('2026-01-01', null))).toEqual(days('2026-01-01', '2026-01-02'));
});

test('ranges read as sentences', () => {
  expect(
    [ALWAYS, days(null, '2026-01-01'), days('2026-01-01', null), days('2026-01-01', '2026-02-01')].map(rangeText),
  ).toEqual(['always', 'until 2026-01-01', 'from 2026-01-01 on', 'from 2026-01-01 until 2026-02-01']);
});

test('what is left and what was cut share no day, and together are what was there', () => {
  const day = fc.integer({ min: 1, max: 28 }).map((n) => `2026-01-${String(n).padStart(2, '0')}`);
  const range = fc.record({ from: fc.option(day), to: fc.option(day) }).filter((one) => !isEmptyRange(one));
  const has = ({ from, to }: Days, date: string) => (from === null || from <= date) && (to === null || date < to);
  const dates = Array.from({ length: 30 }, (_, n) =>
    n === 29 ? '2026-02-01' : n === 0 ? '2025-12-31' : `2026-01-${String(n).padStart(2, '0')}`,
  );
  fc.assert(
    fc.property(range, fc.array(range, { maxLength: 4 }), (whole, cuts) => {
      const left = subtract(whole, cuts);
      for (const date of dates) {
        const kept = left.filter((one) => has(one, date)).length;
        const wanted = has(whole, date) && !cuts.some((cut) => has(cut, date)) ? 1 : 0;
        expect(kept).toBe(wanted);
      }
    }),
  );
});
