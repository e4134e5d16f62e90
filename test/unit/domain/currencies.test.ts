import { describe, expect, it } from 'vitest';
import { currencies, currency, isCurrencyUsedOn, minorUnits } from '../../../src/domain/currencies.ts';
import { UsageError } from '../../../src/domain/errors.ts';

/** Where CLDR's customary decimals are not the standard's; everywhere else Intl is a second witness. */
const INTL_DIFFERS = new Set(
  'AFN ALL COP HUF IDR IQD IRR KPW LAK LBP MGA MMK MRO PKR SLL SOS STD SYP UYW YER ZMK'.split(' '),
);

describe('the ISO 4217 table', () => {
  it('agrees with Intl except where Intl follows custom', () => {
    const different = currencies().filter(({ code, minorUnits: ours }) => {
      const options = new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions();
      return options.maximumFractionDigits !== ours;
    });
    expect(different.map(({ code }) => code).filter((code) => !INTL_DIFFERS.has(code))).toEqual([]);
  });

  it('knows every currency that Intl knows, except accounting units', () => {
    const known = new Set(currencies().map(({ code }) => code));
    expect(Intl.supportedValuesOf('currency').filter((code) => !known.has(code) && !code.startsWith('X'))).toEqual([]);
  });

  it('has each code once, in capitals, with sane dates', () => {
    const codes = currencies().map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { code, validFrom, validTo } of currencies()) {
      expect(code).toMatch(/^[A-Z]{3}$/);
      for (const date of [validFrom, validTo]) if (date !== null) expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    }
  });

  it.each([
    ['JPY', 0],
    ['EUR', 2],
    ['KWD', 3],
    ['CLF', 4],
    ['HRK', 2],
  ])('%s has %i decimals', (code, decimals) => {
    expect(minorUnits(code)).toBe(decimals);
  });

  it('knows when a currency was withdrawn or introduced', () => {
    expect(isCurrencyUsedOn('HRK', '2022-12-31')).toBe(true);
    expect(isCurrencyUsedOn('HRK', '2023-01-01')).toBe(false);
    expect(isCurrencyUsedOn('BGN', '2025-12-31')).toBe(true);
    expect(isCurrencyUsedOn('BGN', '2026-01-01')).toBe(false);
    expect(isCurrencyUsedOn('XCG', '2025-03-30')).toBe(false);
    expect(isCurrencyUsedOn('GBP', '1999-01-01')).toBe(true);
    expect(currency('ZWL').validTo).toBe('2024-08-31');
  });

  it('says how to mend an unknown code', () => {
    expect(() => currency('XYZ')).toThrow(UsageError);
    expect(() => currency('eur')).toThrow(
      expect.objectContaining({ code: 'currency_unknown', hint: 'write it as EUR' }),
    );
  });
});
