import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RevshareError } from '../../../src/domain/errors.ts';
import { runs } from '../../property/runs.ts';
import { describeTerms } from '../../../src/domain/rule-terms.ts';
import {
  asFlag,
  asKey,
  readTerms,
  writeTerms,
  type TermsPlace,
  type WrittenTerms,
} from '../../../src/domain/written-terms.ts';

const place: TermsPlace = { scope: 'programme', level: 0, firstDay: '2026-01-01', call: asFlag };
const override: TermsPlace = { ...place, level: 1 };
const read = (written: WrittenTerms, where: Partial<TermsPlace> = {}) => readTerms(written, { ...place, ...where });

const tiered = { tiered: '0:4%,200:6%,400:8%', brackets: 'marginal', window: 'month', currency: 'EUR' } as const;
const whole = { ...tiered, brackets: 'whole' } as const;

describe('terms are read', () => {
  test('a percentage with a flat amount is a hybrid', () => {
    expect(read({ percentage: '10%', flat: '2.00', currency: 'EUR' })).toMatchObject({
      kind: 'hybrid',
      ratePpm: 100_000,
      flatMinor: 200n,
      currency: 'EUR',
      base: 'net',
    });
  });

  test('brackets become bounds and rates, in minor units of the currency', () => {
    expect(read(tiered)).toMatchObject({
      kind: 'tiered',
      bracketFrom: [0n, 20_000n, 40_000n],
      bracketPpm: [40_000, 60_000, 80_000],
      bracketMode: 'marginal',
      windowKind: 'month',
      windowPer: 'partner',
    });
    expect(read({ ...tiered, tiered: ' 0 : 4 % , 200.5:6.25%', currency: 'KWD' })).toMatchObject({
      bracketFrom: [0n, 200_500n],
      bracketPpm: [40_000, 62_500],
    });
  });

  test.each([
    ['programme', 'partner'],
    ['tier', 'partner'],
    ['partner', 'partner'],
    ['instance', 'instance'],
    ['account', 'account'],
  ] as const)('a window of a rule of %s is per %s where nobody says', (scope, per) => {
    expect(read(tiered, { scope }).windowPer).toBe(per);
    expect(read({ ...tiered, per: 'account' }, { scope }).windowPer).toBe('account');
  });

  test('countries and products come in one order, each once', () => {
    expect(read({ percentage: '1%', territory: ['de', 'AT', 'DE'], onlyProducts: ['b', 'a', 'b'] })).toMatchObject({
      territory: ['AT', 'DE'],
      limitProducts: ['a', 'b'],
    });
  });
});

describe('what cannot be meant is refused, and the word that is wrong is named', () => {
  test.each<[WrittenTerms, string, string | undefined, Partial<TermsPlace>?]>([
    [{}, 'terms_missing', undefined],
    [{ percentage: '10%', exclude: true }, 'terms_twice', 'exclude'],
    [{ ...tiered, percentage: '10%' }, 'terms_twice', 'tiered'],
    [{ percentage: '10' }, 'rate_without_percent', 'percentage'],
    [{ percentage: '110%' }, 'rate_over_100', 'percentage'],
    [{ ...tiered, tiered: '0:4%,200:600%' }, 'rate_over_100', 'tiered'],
    [{ ...tiered, tiered: '0:4%,200:6' }, 'rate_without_percent', 'tiered'],
    [{ ...tiered, tiered: '100:4%,200:6%' }, 'brackets_first', 'tiered'],
    [{ ...tiered, tiered: '0:4%,200:6%,200:8%' }, 'brackets_rise', 'tiered'],
    [{ ...tiered, tiered: '0:4%,400:8%,200:6%' }, 'brackets_rise', 'tiered'],
    [{ ...tiered, tiered: '4%' }, 'brackets_syntax', 'tiered'],
    [{ ...tiered, tiered: '0:4%,' }, 'brackets_syntax', 'tiered'],
    [{ ...tiered, tiered: '0-200:4%' }, 'amount_not_a_number', 'tiered'],
    [{ ...tiered, tiered: '0:4%,-1:5%' }, 'amount_negative', 'tiered'],
    [{ ...tiered, brackets: undefined }, 'brackets_mode_missing', 'tiered'],
    [{ ...tiered, window: undefined }, 'window_missing', 'tiered'],
    [{ ...tiered, currency: undefined }, 'currency_missing', 'tiered'],
    [{ percentage: '1%', brackets: 'whole' }, 'terms_mixed', 'brackets'],
    [{ percentage: '1%', window: 'month' }, 'terms_mixed', 'window'],
    [{ percentage: '1%', per: 'account' }, 'terms_mixed', 'per'],
    [{ percentage: '1%', capWindow: '5', currency: 'EUR' }, 'window_missing', 'capWindow'],
    [{ ...whole, window: 'lifetime' }, 'terms_mixed', 'window'],
    [{ ...whole, capSale: '5' }, 'terms_mixed', 'capSale'],
    [{ ...whole, capWindow: '5' }, 'terms_mixed', 'capWindow'],
    [{ ...whole, paysIn: 'USD' }, 'terms_mixed', 'paysIn'],
    [{ ...tiered, capWindow: '5', paysIn: 'USD' }, 'terms_mixed', 'paysIn'],
    [{ percentage: '1%', minSale: '5' }, 'currency_missing', 'minSale'],
    [{ percentage: '1%', minSale: '0', currency: 'EUR' }, 'amount_zero', 'minSale'],
    [{ percentage: '1%', capSale: '-5', currency: 'EUR' }, 'amount_negative', 'capSale'],
    [{ percentage: '1%', currency: 'EUR' }, 'terms_mixed', 'currency'],
    [{ percentage: '1%', paysIn: 'XYZ' }, 'currency_unknown', 'paysIn'],
    [{ percentage: '1%', paysIn: 'HRK' }, 'currency_withdrawn', 'paysIn'],
    [{ flat: '5', currency: 'HRK' }, 'currency_withdrawn', 'currency'],
    [{ flat: '5', currency: 'EUR', base: 'margin' }, 'terms_mixed', 'base'],
    [{ exclude: true, include: true }, 'terms_mixed', 'include'],
    [{ exclude: true, territory: ['DE'] }, 'terms_mixed', 'territory'],
    [{ exclude: true, firstSaleOnly: true }, 'terms_mixed', 'firstSaleOnly'],
    [{ percentage: '1%', territory: ['Germany'] }, 'country_invalid', 'territory'],
    [{ percentage: '1%', territory: ['UK'] }, 'country_invalid', 'territory'],
    [{ percentage: '1%', territory: ['DE', 'XX'] }, 'country_invalid', 'territory'],
    [{ percentage: '1%', onRest: true }, 'terms_mixed', 'onRest'],
    [{ percentage: '1%', firstSaleOnly: true }, 'terms_mixed', 'firstSaleOnly', override],
    [{ percentage: '1%', earningMonths: 12 }, 'terms_mixed', 'earningMonths', override],
    [{ percentage: '1%', onlyProducts: ['a'] }, 'terms_mixed', 'onlyProducts', { product: 'b' }],
  ])('%j: %s', (written, code, term, where = {}) => {
    let error: unknown;
    try {
      read(written, where);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect((error as RevshareError).details?.['term']).toBe(term);
  });

  test('a rate above 100 % passes where it is meant, and the hint says how', () => {
    expect(read({ percentage: '150%', allowOver100: true }).ratePpm).toBe(1_500_000);
    expect(() => read({ percentage: '150%' })).toThrow(
      expect.objectContaining({ hint: 'say --allow-over-100 if that is meant' }),
    );
    expect(() => read({ percentage: '150%' }, { call: asKey })).toThrow(
      expect.objectContaining({ hint: 'say allow_over_100 if that is meant' }),
    );
  });
});

const amounts = fc
  .integer({ min: 1, max: 10 ** 9 })
  .map((minor) => `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`);
const rates = fc.integer({ min: 0, max: 2_000_000 }).map((ppm) => `${ppm / 10_000}%`);
const brackets = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 10 ** 6 }), { maxLength: 5 }),
    fc.array(rates, { minLength: 6, maxLength: 6 }),
  )
  .map(([bounds, each]) => [0, ...bounds.sort((a, b) => a - b)].map((from, n) => `${from}:${each[n]!}`).join(','));
// Mostly unsaid: of terms that say everything none can be read.
const maybe = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const anyTerms = fc.record({
  percentage: maybe(rates),
  flat: maybe(amounts),
  tiered: maybe(brackets),
  brackets: maybe(fc.constantFrom('marginal' as const, 'whole' as const)),
  exclude: maybe(fc.constant(true)),
  include: maybe(fc.constant(true)),
  base: maybe(fc.constantFrom('net' as const, 'gross' as const, 'margin' as const)),
  window: maybe(fc.constantFrom('month' as const, 'quarter' as const, 'year' as const, 'lifetime' as const)),
  per: maybe(fc.constantFrom('partner' as const, 'instance' as const, 'account' as const)),
  onlyProducts: maybe(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 })),
  territory: maybe(fc.array(fc.constantFrom('DE', 'AT', 'CH'), { minLength: 1 })),
  minSale: maybe(amounts),
  capSale: maybe(amounts),
  capWindow: maybe(amounts),
  firstSaleOnly: maybe(fc.constant(true)),
  earningMonths: maybe(fc.integer({ min: 1, max: 600 })),
  currency: maybe(fc.constantFrom('EUR', 'USD')),
  paysIn: maybe(fc.constantFrom('EUR', 'GBP')),
  note: maybe(fc.string({ minLength: 1 })),
});

test('what is written is read back as it was, for all terms that can be read at all', () => {
  let readable = 0;
  fc.assert(
    fc.property(anyTerms, (written) => {
      let terms;
      try {
        terms = read({ ...written, allowOver100: true });
      } catch (error) {
        expect(error).toMatchObject({ exitCode: 2 });
        return;
      }
      readable += 1;
      expect(read(writeTerms(terms))).toEqual(terms);
      expect(describeTerms(terms)).not.toMatch(/null|undefined|NaN/);
    }),
    runs(5_000),
  );
  expect(readable).toBeGreaterThan(100);
});

describe('terms as a sentence', () => {
  test.each<[WrittenTerms, string, Partial<TermsPlace>?]>([
    [{ percentage: '12.5%' }, '12.5%'],
    [{ percentage: '10%', flat: '2', currency: 'EUR', base: 'gross' }, '10% of gross + 2.00 EUR a sale'],
    [{ flat: '5', currency: 'JPY' }, '5 JPY a sale'],
    [{ exclude: true }, 'nothing'],
    [tiered, '4%, from 200.00 EUR 6%, from 400.00 EUR 8%, marginal, per month and partner'],
    [{ percentage: '5%', onRest: true }, '5% of the rest', override],
    [
      { percentage: '8%', minSale: '50', capWindow: '1000', window: 'lifetime', currency: 'EUR', include: true },
      '8%; in spite of exclusions; sales of 50.00 EUR or more; at most 1000.00 EUR over a lifetime per partner',
    ],
    [
      {
        percentage: '30%',
        base: 'margin',
        territory: ['DE', 'AT'],
        onlyProducts: ['goods'],
        earningMonths: 12,
        paysIn: 'USD',
      },
      '30% of margin; only goods; in AT, DE; for 12 months; paid in USD',
    ],
    [{ percentage: '30%', earningMonths: 1 }, '30%; for 1 month'],
  ])('%j', (written, sentence, where = {}) => {
    expect(describeTerms(read(written, where))).toBe(sentence);
  });
});
