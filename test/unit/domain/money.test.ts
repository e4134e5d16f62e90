import { describe, expect, it } from 'vitest';
import { RevshareError } from '../../../src/domain/errors.ts';
import { divRoundHalfAwayFromZero, formatMinor, largestRemainder, parseDecimal } from '../../../src/domain/money.ts';

const EURO_STYLE = { decimal: ',', group: '.' } as const;

function codeOf(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof RevshareError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('parseDecimal', () => {
  it.each([
    ['12.30', 'EUR', 1230n],
    ['-12.3', 'EUR', -1230n],
    ['+7', 'EUR', 700n],
    [' 0.05 ', 'EUR', 5n],
    ['.5', 'EUR', 50n],
    ['-0.00', 'EUR', 0n],
    ['999', 'JPY', 999n],
    ['999.00', 'JPY', 999n],
    ['10.005', 'KWD', 10005n],
    ['10.0050000', 'KWD', 10005n],
    ['92233720368547758.07', 'EUR', 2n ** 63n - 1n],
  ])('reads %s %s', (text, currency, minor) => {
    expect(parseDecimal(text, currency)).toBe(minor);
  });

  it.each([
    ['1.234,56', 123456n],
    ['-1.234.567,8', -123456780n],
    ['12,5', 1250n],
    ['1234,5', 123450n],
  ])('reads %s with a decimal comma', (text, minor) => {
    expect(parseDecimal(text, 'EUR', EURO_STYLE)).toBe(minor);
  });

  it('says of an exponent what to do, once', () => {
    expect(() => parseDecimal('1e3', 'EUR')).toThrow(
      expect.objectContaining({ message: "'1e3' is written with an exponent", hint: 'write all its digits' }),
    );
  });

  it.each([
    ['', 'EUR', 'amount_blank'],
    ['   ', 'EUR', 'amount_blank'],
    ['12.345', 'EUR', 'amount_decimals'],
    ['999.5', 'JPY', 'amount_decimals'],
    ['1e3', 'EUR', 'amount_exponent'],
    ['1.5E-2', 'EUR', 'amount_exponent'],
    ['NaN', 'EUR', 'amount_not_a_number'],
    ['Infinity', 'EUR', 'amount_not_a_number'],
    ['0x10', 'EUR', 'amount_not_a_number'],
    ['1,234.50', 'EUR', 'amount_not_a_number'],
    ['12.', 'EUR', 'amount_not_a_number'],
    ['.', 'EUR', 'amount_not_a_number'],
    ['-', 'EUR', 'amount_not_a_number'],
    ['1 2', 'EUR', 'amount_not_a_number'],
    ['(5.00)', 'EUR', 'amount_not_a_number'],
    ['--5', 'EUR', 'amount_not_a_number'],
    ['٣', 'EUR', 'amount_not_a_number'],
    ['92233720368547758.08', 'EUR', 'amount_out_of_range'],
    ['1.00', 'XXQ', 'currency_unknown'],
  ])('refuses %j %s as %s', (text, currency, code) => {
    expect(codeOf(() => parseDecimal(text, currency))).toBe(code);
  });

  it.each([
    ['1.23,45', 'amount_grouping'],
    ['12345.678,00', 'amount_grouping'],
    ['1.234.56', 'amount_grouping'],
    ['1,2,3', 'amount_not_a_number'],
    ['1,234.5', 'amount_not_a_number'],
  ])('refuses %s with a decimal comma as %s', (text, code) => {
    expect(codeOf(() => parseDecimal(text, 'EUR', EURO_STYLE))).toBe(code);
  });

  it('refuses a lone point where the decimal sign is a comma and nothing groups', () => {
    expect(codeOf(() => parseDecimal('1.234', 'EUR', { decimal: ',' }))).toBe('amount_not_a_number');
  });

  it('keeps a megabyte of digits out of its message', () => {
    expect(() => parseDecimal('9'.repeat(1_000_000), 'EUR')).toThrow(/^.{0,80}$/);
  });
});

describe('formatMinor', () => {
  it.each([
    [-42n, 'EUR', '-0.42'],
    [0n, 'EUR', '0.00'],
    [-0n, 'JPY', '0'],
    [-999n, 'JPY', '-999'],
    [1501n, 'KWD', '1.501'],
    [5n, 'KWD', '0.005'],
  ])('writes %s %s as %s', (minor, currency, text) => {
    expect(formatMinor(minor, currency)).toBe(text);
  });
});

describe('the one rounding', () => {
  it.each([
    [-25n, 10n, -3n], // SEMANTICS §5: −2.5 minor → −3
    [25n, 10n, 3n],
    [24n, 10n, 2n],
    [-24n, 10n, -2n],
    [5n, 10n, 1n],
    [1n, 3n, 0n],
    [2n, 3n, 1n],
    [-2n, 3n, -1n],
    [0n, 7n, 0n],
  ])('%s / %s is %s', (numerator, denominator, rounded) => {
    expect(divRoundHalfAwayFromZero(numerator, denominator)).toBe(rounded);
  });

  it('refuses a denominator that is not positive', () => {
    expect(() => divRoundHalfAwayFromZero(1n, 0n)).toThrow(RangeError);
    expect(() => divRoundHalfAwayFromZero(1n, -2n)).toThrow(RangeError);
  });
});

describe('largestRemainder', () => {
  it.each([
    [100n, [1n, 1n, 1n], [34n, 33n, 33n]],
    [-100n, [1n, 1n, 1n], [-34n, -33n, -33n]],
    [5n, [0n, 3n, 3n], [0n, 3n, 2n]],
    [10n, [1n, 2n, 3n], [2n, 3n, 5n]],
    [0n, [0n, 0n], [0n, 0n]],
  ])('splits %s over %s', (total, weights, parts) => {
    expect(largestRemainder(total, weights)).toEqual(parts);
  });

  it('refuses what cannot be split', () => {
    expect(() => largestRemainder(1n, [])).toThrow(RangeError);
    expect(() => largestRemainder(1n, [0n])).toThrow(RangeError);
    expect(() => largestRemainder(1n, [2n, -1n])).toThrow(RangeError);
  });
});
