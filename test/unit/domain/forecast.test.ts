import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestOf, forecast } from '../../../src/domain/forecast.ts';

const big = (values: readonly number[]) => values.map(BigInt);
const line = (months: number, start = 1000, step = 50) => Array.from({ length: months }, (_, at) => start + at * step);

describe('what comes next', () => {
  it('of a straight line is the line, and nothing is off it', () => {
    const [told] = forecast(big(line(6)), 3);
    expect(told).toMatchObject({ model: 'trend', errorPpm: 0 });
    expect(told!.months).toEqual([1300n, 1350n, 1400n].map((value) => ({ value, low: value, high: value })));
  });

  it('of a year that repeats itself is that year', () => {
    const year = [5, 9, 2, 7, 1, 8, 3, 6, 4, 10, 12, 11].map((month) => month * 100);
    const told = forecast(big([...year, ...year]), 13);
    const [seasonal] = told;
    expect(seasonal).toMatchObject({ model: 'seasonal', errorPpm: 0 });
    expect(seasonal!.months.map(({ value }) => Number(value))).toEqual([...year, year[0]]);
    expect(bestOf(told)).toBe(seasonal);
  });

  it('of three months nobody knows, of four by the line alone', () => {
    expect(forecast(big([1, 2, 3]), 1)).toEqual([]);
    expect(bestOf([])).toBeNull();
    expect(forecast(big([1, 2, 3, 4]), 1).map(({ model, errorPpm }) => [model, errorPpm])).toEqual([['trend', null]]);
  });

  it('is as in a book of statistics', () => {
    // y = 10, 12, 15, 19 at x = 0..3: slope 3, intercept 9.5; residuals 0.5, -0.5, -0.5, 0.5, so s² = 1/2.
    // At x = 4: 21.5 → 22, ± 1.2816 × sqrt(1/2 × (1 + 1/4 + (4 - 1.5)²/5)) = 1.43 → 1 in whole units.
    expect(forecast(big([10, 12, 15, 19]), 1)[0]!.months).toEqual([{ value: 22n, low: 21n, high: 23n }]);
    // In hundredths the interval is told finer: ± 143.
    expect(forecast(big([1000, 1200, 1500, 1900]), 1)[0]!.months).toEqual([{ value: 2150n, low: 2007n, high: 2293n }]);
  });

  it('lies within its interval, which grows with how far ahead it is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -10_000, max: 1_000_000 }), { minLength: 4, maxLength: 40 }), (series) => {
        for (const { months } of forecast(big(series), 6)) {
          months.forEach(({ value, low, high }, at) => {
            expect(low <= value && value <= high).toBe(true);
            if (at > 0) expect(high - low >= months[at - 1]!.high - months[at - 1]!.low).toBe(true);
          });
        }
      }),
    );
  });
});
