import { expect, it } from 'vitest';
import { comparePayout } from '../../../src/domain/payout-comparison.ts';
import { parsePayoutNumber, parsePayoutSelection, parseRunNumber } from '../../../src/domain/payout-number.ts';
import { PAYOUT_STATUSES, PAYOUT_TRANSITIONS, statusesBefore } from '../../../src/domain/payout-status.ts';

it.each([
  [15_000n, 10_000n, 500_000, 500_000, null],
  [15_001n, 10_000n, 500_000, 500_100, 'above_band'],
  [5_000n, 10_000n, 500_000, -500_000, null],
  [4_999n, 10_000n, 500_000, -500_100, 'below_band'],
  [10_000n, 10_000n, 0, 0, null],
  [10_001n, 10_000n, 0, 100, 'above_band'],
  [1n, null, 500_000, null, 'new_payee'],
  [null, 10_000n, 500_000, null, 'not_in_run'],
] as const)('%s after %s with a band of %s ppm: %s, %s', (gross, last, band, changePpm, finding) => {
  expect(comparePayout(gross, last, band)).toEqual({ changePpm, finding });
});

it('reads payouts and runs as they are typed, and says what is neither', () => {
  expect(parsePayoutNumber(' p00000012a ')).toBe('P00000012A');
  expect(parsePayoutSelection('P00000012B')).toEqual({ numbers: ['P00000012B'] });
  expect(parsePayoutSelection('12')).toEqual({ run: 12 });
  for (const wrong of ['P12A', 'P00000012', '', '00000012A', 'P00000012A;']) {
    expect(() => parsePayoutNumber(wrong)).toThrow(/no number of a payout/);
  }
  for (const wrong of ['0', '-1', '1.5', '1e3', '', 'all']) expect(() => parseRunNumber(wrong)).toThrow(/of a run/);
});

it('knows from where a payout comes to a state', () => {
  expect(statusesBefore('cancelled')).toEqual(['pending', 'ready', 'unclaimed']);
  expect(statusesBefore('pending')).toEqual([]);
  for (const to of PAYOUT_STATUSES) {
    for (const from of statusesBefore(to)) expect(PAYOUT_TRANSITIONS[from]).toContain(to);
  }
});
