import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currencies } from '../../src/domain/currencies.ts';
import { divRoundHalfAwayFromZero, formatMinor, largestRemainder, parseDecimal } from '../../src/domain/money.ts';
import { formatRate, parseRate } from '../../src/domain/rates.ts';
import { runs } from './runs.ts';

const minor = fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n });
const code = fc.constantFrom(...currencies().map((currency) => currency.code));

describe('money', () => {
  it('what is written is read back, in every currency', () => {
    fc.assert(
      fc.property(minor, code, (amount, currency) => {
        const text = formatMinor(amount, currency);
        expect(parseDecimal(text, currency)).toBe(amount);
        expect(text).not.toMatch(/^-0*\.?0*$/);
      }),
      runs(),
    );
  });

  it('styles change the spelling only', () => {
    fc.assert(
      fc.property(minor, code, fc.constantFrom('.', ' ', "'", '\u00a0'), (amount, currency, group) => {
        const [whole = '', fraction] = formatMinor(amount, currency).split('.');
        const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
        const text = fraction === undefined ? grouped : `${grouped},${fraction}`;
        expect(parseDecimal(text, currency, { decimal: ',', group })).toBe(amount);
      }),
      runs(),
    );
  });

  it('any text is an amount or a typed refusal', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+0-9.,eE ']{0,12}$/)), (text) => {
        try {
          expect(typeof parseDecimal(text, 'EUR')).toBe('bigint');
        } catch (error) {
          expect(error).toHaveProperty('code', expect.stringMatching(/^amount_/));
        }
      }),
      runs(500),
    );
  });

  it('rounding is nearest, symmetric, and away from zero at the half', () => {
    fc.assert(
      fc.property(minor, fc.bigInt({ min: 1n, max: 10n ** 12n }), (numerator, denominator) => {
        const rounded = divRoundHalfAwayFromZero(numerator, denominator);
        const twiceError = (rounded * denominator - numerator) * 2n;
        const size = twiceError < 0n ? -twiceError : twiceError;
        expect(size <= denominator).toBe(true);
        if (size === denominator) expect(rounded > 0n === numerator > 0n).toBe(true);
        expect(divRoundHalfAwayFromZero(-numerator, denominator)).toBe(-rounded);
      }),
      runs(),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), (whole) => {
        const half = whole * 2n + (whole < 0n ? -1n : 1n);
        expect(divRoundHalfAwayFromZero(half, 2n)).toBe(whole + (whole < 0n ? -1n : 1n));
      }),
      runs(),
    );
  });

  it('a split adds up, is fair to one unit, and zero weight gets nothing', () => {
    const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(minor, weights, (total, given) => {
        const sum = given.reduce((a, b) => a + b, 0n);
        fc.pre(sum > 0n);
        const parts = largestRemainder(total, given);
        expect(parts.reduce((a, b) => a + b, 0n)).toBe(total);
        parts.forEach((part, index) => {
          const error = part * sum - total * given[index]!;
          expect((error < 0n ? -error : error) < sum).toBe(true);
        });
      }),
      runs(),
    );
  });

  it('a rate that is written is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (ppm) => {
        expect(parseRate(formatRate(ppm))).toBe(ppm);
      }),
      runs(),
    );
  });
});
