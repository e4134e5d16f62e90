import { describe, expect, it } from 'vitest';
import { formatMinor, parseDecimal } from '../../../../src/domain/money.ts';
import { trueUp, type WindowPiece } from '../../../../src/domain/rating/true-up.ts';

const eur = (amount: string): bigint => parseDecimal(amount, 'EUR');
const BRACKETS = [
  { from: 0n, ratePpm: 40_000 },
  { from: eur('200'), ratePpm: 60_000 },
  { from: eur('400'), ratePpm: 80_000 },
];
const piece = (base: string, posted: string, partnerId = 1, instanceId = 1): WindowPiece => ({
  partnerId,
  instanceId,
  base: eur(base),
  posted: eur(posted),
});
const amounts = (...pieces: WindowPiece[]): string[] =>
  trueUp(BRACKETS, pieces).pieces.map(({ amount }) => formatMinor(amount, 'EUR'));

/** The golden of SEMANTICS §5: brackets 4 %, ≥ 200 6 %, ≥ 400 8 %. */
describe('a true-up of whole brackets', () => {
  it('whole on 500.00 is 40.00', () => {
    expect(trueUp(BRACKETS, [piece('500', '0')]).pieces[0]).toMatchObject({ target: eur('40'), amount: eur('40') });
  });

  it('on 300 + 200, posted 12.00 and 8.00, is 20.00; after a refund of 150 it is −13.00, in all 21.00', () => {
    expect(amounts(piece('500', '20'))).toEqual(['20.00']);
    expect(amounts(piece('350', '34'))).toEqual(['-13.00']);
  });

  it('goes by the bracket that holds the base: from its bound on', () => {
    const rateOf = (base: string): number => trueUp(BRACKETS, [piece(base, '0')]).ratePpm;
    expect(['0', '199.99', '200', '399.99', '400', '1000000'].map(rateOf)).toEqual([
      40_000, 40_000, 60_000, 60_000, 80_000, 80_000,
    ]); // prettier-ignore
  });

  it('takes everything back when nothing is left', () => {
    expect(amounts(piece('0', '4'), piece('0', '2', 1, 2))).toEqual(['-4.00', '-2.00']);
  });

  it('rounds the window once, and splits it by largest remainder of the bases, ties by partner and instance', () => {
    // 8 % of 400.03 is 32.0024: 32.00 over three equal parts and a fourth of one cent less
    const pieces = [piece('100.01', '0', 2, 1), piece('100.01', '0', 1, 2), piece('100.01', '0', 1, 1), piece('100', '0', 3, 9)]; // prettier-ignore
    const { pieces: split } = trueUp(BRACKETS, pieces);
    expect(split.map(({ partnerId, instanceId }) => `${partnerId}/${instanceId}`)).toEqual([
      '1/1',
      '1/2',
      '2/1',
      '3/9',
    ]);
    expect(split.map(({ target }) => formatMinor(target, 'EUR'))).toEqual(['8.00', '8.00', '8.00', '8.00']);
    const uneven = trueUp(BRACKETS, [piece('133.34', '0'), piece('133.34', '0', 1, 2), piece('133.34', '0', 1, 3)]);
    expect(uneven.pieces.map(({ target }) => formatMinor(target, 'EUR'))).toEqual(['10.67', '10.67', '10.66']);
  });
});
