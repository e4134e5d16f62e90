import { describe, expect, it, test } from 'vitest';
import { convertMinor, FxRates, parseFxRate, type RecordedRate } from '../../../src/domain/fx.ts';

let rows = 0;
const said = (pair: string, date: string, rate: string): RecordedRate => {
  const [base, quote] = pair.split('/') as [string, string];
  rows += 1;
  return { id: rows, base, quote, date, rate, source: 'ECB' };
};

const rates = new FxRates(
  [
    said('EUR/USD', '2026-10-26', '1.08'),
    said('EUR/USD', '2026-10-30', '1.0853'),
    said('EUR/GBP', '2026-10-30', '0.8391'),
    said('USD/CAD', '2026-10-30', '1.4'),
    said('CAD/USD', '2026-10-31', '0.7'),
    said('KWD/EUR', '2026-10-30', '3'),
  ],
  { pivot: 'EUR', maxAgeOn: (date) => (date < '2026-11-10' ? 4 : 10) },
);
const found = (from: string, to: string, on: string) => {
  const one = rates.find(from, to, on);
  return one === null
    ? null
    : `${one.how} ${one.rate} ${one.from.map(({ base, quote, date }) => `${base}/${quote} ${date}`).join(', ')}`;
};

describe('the rate of a pair on a date', () => {
  test.each([
    ['of the day', 'EUR', 'USD', '2026-10-30', 'direct 1.0853 EUR/USD 2026-10-30'],
    ['the latest before', 'EUR', 'USD', '2026-10-29', 'direct 1.08 EUR/USD 2026-10-26'],
    ['four days old', 'EUR', 'USD', '2026-11-03', 'direct 1.0853 EUR/USD 2026-10-30'],
    ['five days old', 'EUR', 'USD', '2026-11-04', null],
    ['eleven days old, where ten are allowed', 'EUR', 'USD', '2026-11-10', null],
    ['before the first', 'EUR', 'USD', '2026-10-25', null],
    ['turned around', 'USD', 'EUR', '2026-10-30', 'inverse 0.921404220031327743 EUR/USD 2026-10-30'],
    [
      'as recorded rather than turned around, were that newer',
      'USD',
      'CAD',
      '2026-11-01',
      'direct 1.4 USD/CAD 2026-10-30',
    ],
    [
      'crossed over the programme’s currency',
      'USD',
      'GBP',
      '2026-10-31',
      'cross 0.77315028102828711 EUR/USD 2026-10-30, EUR/GBP 2026-10-30',
    ],
    [
      'crossed, both ways as recorded',
      'KWD',
      'USD',
      '2026-10-30',
      'cross 3.2559 KWD/EUR 2026-10-30, EUR/USD 2026-10-30',
    ],
    ['crossed twice: never', 'CAD', 'GBP', '2026-10-30', null],
    ['unknown', 'EUR', 'JPY', '2026-10-30', null],
  ])('%s', (_, from, to, on, expected) => {
    expect(found(from, to, on)).toBe(expected);
  });

  it('serves for as long as the date’s own setting says', () => {
    const longer = new FxRates([said('EUR/USD', '2026-11-01', '1.1')], {
      pivot: 'EUR',
      maxAgeOn: (date) => (date < '2026-11-10' ? 4 : 10),
    });
    expect(longer.find('EUR', 'USD', '2026-11-09')).toBeNull();
    expect(longer.find('EUR', 'USD', '2026-11-11')).toMatchObject({ rate: '1.1' });
    expect(longer.find('EUR', 'USD', '2026-11-12')).toBeNull();
  });
});

describe('a rate as it is written', () => {
  test.each([
    ['1.0853', '1.0853'],
    [' 007.500 ', '7.5'],
    ['165', '165'],
    ['0.000000000001', '0.000000000001'],
  ])('%s', (text, rate) => expect(parseFxRate(text)).toBe(rate));

  test.each(['', '-1', '+1', '1,08', '1.', '.5', '1e3', 'N/A', '1234567890123', '0.0000000000001'])('not %s', (text) =>
    expect(() => parseFxRate(text)).toThrow(expect.objectContaining({ code: 'fx_rate_not_a_number' })),
  );
  test.each(['0', '0.000'])('not %s', (text) =>
    expect(() => parseFxRate(text)).toThrow(expect.objectContaining({ code: 'fx_rate_not_positive' })),
  );
});

test('an amount is converted between currencies of different decimals and rounded once', () => {
  expect(convertMinor(8000n, 'EUR', 'USD', '1.0795')).toBe(8636n);
  expect(convertMinor(1000n, 'JPY', 'EUR', '0.0061')).toBe(610n);
  expect(convertMinor(1250n, 'EUR', 'JPY', '163.5')).toBe(2044n);
  expect(convertMinor(-1250n, 'EUR', 'JPY', '163.5')).toBe(-2044n);
  expect(convertMinor(999n, 'EUR', 'EUR', '1')).toBe(999n);
});
