import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BILLING_CYCLES, cycleOn, nthCycle } from '../../../src/domain/billing-cycles.ts';
import { addDays, dateOfDayNumber, dayNumber } from '../../../src/domain/dates.ts';

const starts = (anchor: string, cycle: (typeof BILLING_CYCLES)[number], count: number) =>
  Array.from({ length: count }, (_, index) => nthCycle(anchor, cycle, index).from);

describe('cycles', () => {
  it('begin on the day of the anchor, or on the last of a month that has no such day', () => {
    expect(starts('2026-01-31', 'monthly', 4)).toEqual(['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30']);
    expect(starts('2028-01-31', 'monthly', 2)).toEqual(['2028-01-31', '2028-02-29']);
    expect(starts('2026-11-30', 'quarterly', 3)).toEqual(['2026-11-30', '2027-02-28', '2027-05-30']);
    expect(starts('2028-02-29', 'annual', 5)).toEqual([
      '2028-02-29',
      '2029-02-28',
      '2030-02-28',
      '2031-02-28',
      '2032-02-29',
    ]);
  });

  it('hold each day from the anchor on once', () => {
    const day = fc.integer({ min: dayNumber('2020-01-01'), max: dayNumber('2040-01-01') }).map(dateOfDayNumber);
    fc.assert(
      fc.property(day, fc.nat(4000), fc.constantFrom(...BILLING_CYCLES), (anchor, later, cycle) => {
        const on = addDays(anchor, later);
        const found = cycleOn(anchor, cycle, on)!;
        expect(found.from <= on && on < found.to).toBe(true);
        expect(found).toEqual(nthCycle(anchor, cycle, found.index));
        expect(nthCycle(anchor, cycle, found.index + 1).from).toBe(found.to);
      }),
    );
    expect(cycleOn('2026-01-31', 'monthly', '2026-01-30')).toBeNull();
  });
});
