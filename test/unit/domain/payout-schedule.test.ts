import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../../src/domain/dates.ts';
import {
  closesOn,
  cutoffFrom,
  FREQUENCIES,
  payoutDates,
  type Frequency,
  type PayoutSchedule,
} from '../../../src/domain/payout-schedule.ts';

const schedule = (frequency: Frequency, over: Partial<PayoutSchedule> = {}): PayoutSchedule => ({
  ...{ frequency, anchor: frequency === 'biweekly' ? '2026-11-03' : null },
  ...{ reviewDays: 0, netDays: 0, calendar: 'weekdays' },
  ...over,
});

/** The cut-offs from a day on. */
function cutoffs(frequency: Frequency, from: string, count: number): string[] {
  const found: string[] = [];
  for (let day = from; found.length < count; day = addDays(found.at(-1)!, 1)) {
    found.push(cutoffFrom(schedule(frequency), day));
  }
  return found;
}

describe('cut-offs (SEMANTICS §7)', () => {
  it.each([
    ['weekly', ['2026-11-23', '2026-11-30', '2026-12-07', '2026-12-14']],
    ['biweekly', ['2026-12-01', '2026-12-15', '2026-12-29', '2027-01-12']],
    ['semimonthly', ['2026-12-01', '2026-12-16', '2027-01-01', '2027-01-16']],
    ['monthly', ['2026-12-01', '2027-01-01', '2027-02-01', '2027-03-01']],
    ['quarterly', ['2027-01-01', '2027-04-01', '2027-07-01', '2027-10-01']],
  ] as const)('of %s', (frequency, days) => expect(cutoffs(frequency, '2026-11-21', 4)).toEqual(days));

  it('lie before the anchor as well as behind it', () => {
    expect(closesOn(schedule('biweekly'), '2026-10-20')).toBe(true);
    expect(closesOn(schedule('biweekly'), '2026-10-27')).toBe(false);
  });

  it('are the first on or behind any day, and close on themselves', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FREQUENCIES), fc.integer({ min: 0, max: 20_000 }), (frequency, days) => {
        const day = addDays('2000-01-01', days);
        const cutoff = cutoffFrom(schedule(frequency), day);
        expect(cutoff >= day).toBe(true);
        expect(closesOn(schedule(frequency), cutoff)).toBe(true);
        for (let between = day; between < cutoff; between = addDays(between, 1)) {
          expect(closesOn(schedule(frequency), between)).toBe(false);
        }
      }),
    );
  });
});

describe('review and submission', () => {
  const none = new Map<string, boolean>();
  it('are rolled forward to business days', () => {
    const target = schedule('monthly', { reviewDays: 4, netDays: 23, calendar: 'target' });
    // 5 December 2026 is a Saturday; the 24th a Thursday
    expect(payoutDates(target, '2026-12-01', none)).toEqual({
      cutoff: '2026-12-01',
      reviewUntil: '2026-12-07',
      submitOn: '2026-12-24',
    });
    expect(payoutDates({ ...target, netDays: 24 }, '2026-12-01', none).submitOn).toBe('2026-12-28');
  });

  it('go by what the programme says of a day before what a calendar says', () => {
    const own = new Map([
      ['2026-12-24', true],
      ['2026-12-25', false],
    ]);
    const target = schedule('monthly', { netDays: 23, calendar: 'target' });
    expect(payoutDates(target, '2026-12-01', own).submitOn).toBe('2026-12-25');
  });
});
