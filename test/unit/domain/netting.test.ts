import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../src/domain/money.ts';
import { netWallets, type DueWallet, type PayoutTerms } from '../../../src/domain/netting.ts';

const money = (text: string): bigint => parseDecimal(text, 'EUR');
const FREE: PayoutTerms = { minimum: 0n, withholdingPpm: 0n, fee: 0n, obstacle: null };

function wallet(walletId: number, positive: string, negative = '0'): DueWallet {
  return { walletId, partnerId: 1, currency: 'EUR', net: money(positive) + money(negative) };
}

function netted(wallets: readonly DueWallet[], terms: Partial<PayoutTerms> = {}) {
  const { payouts, skips } = netWallets(wallets, () => ({ ...FREE, ...terms }));
  return {
    paid: payouts.map(({ gross, withheld, fee, sent }) => [gross, withheld, fee, sent]),
    left: skips.map(({ walletId, reason }) => [walletId, reason]),
  };
}

describe('goldens of SEMANTICS §7', () => {
  it('one instance: +80.00, −100.00, minimum 50: pays 0, carries −20.00; next month +75.00: pays 55.00', () => {
    const minimum = money('50');
    expect(netted([wallet(1, '80', '-100')], { minimum })).toEqual({ paid: [], left: [[1, 'negative_balance']] });
    expect(netted([wallet(1, '155', '-100')], { minimum }).paid).toEqual([[5500n, 0n, 0n, 5500n]]);
  });

  it('two instances, minimum 50: A +80 −100, B +60 → 60.00 from B, A carries; A +30, B +30 → 60.00', () => {
    const minimum = money('50');
    expect(netted([wallet(1, '80', '-100'), wallet(2, '60')], { minimum })).toEqual({
      paid: [[6000n, 0n, 0n, 6000n]],
      left: [[1, 'negative_balance']],
    });
    expect(netted([wallet(1, '30'), wallet(2, '30')], { minimum }).paid).toEqual([[6000n, 0n, 0n, 6000n]]);
  });

  it('100.00 at 24 %, fee 1.50: withheld 24.00, fee 1.50, sent 74.50', () => {
    expect(netted([wallet(1, '100')], { withholdingPpm: 240_000n, fee: money('1.50') }).paid).toEqual([
      [10_000n, 2_400n, 150n, 7_450n],
    ]);
  });
});

describe('a payout', () => {
  it('is left out whole below its minimum, or when the fee takes all of it', () => {
    expect(netted([wallet(1, '30'), wallet(2, '19.99')], { minimum: money('50') }).left).toEqual([
      [1, 'below_minimum'],
      [2, 'below_minimum'],
    ]);
    expect(netted([wallet(1, '50')], { minimum: money('50') }).paid).toHaveLength(1);
    expect(netted([wallet(1, '1.50')], { fee: money('1.50') }).left).toEqual([[1, 'fee_exceeds']]);
  });

  it('spreads what is deducted over its wallets to the last cent', () => {
    const { payouts } = netWallets([wallet(1, '10'), wallet(2, '10'), wallet(3, '10')], () => ({
      ...FREE,
      withholdingPpm: 100_000n,
      fee: money('0.01'),
    }));
    const [payout] = payouts;
    expect(payout!.wallets.map(({ withheld, fee, sent }) => [withheld, fee, sent])).toEqual([
      [100n, 1n, 899n],
      [100n, 0n, 900n],
      [100n, 0n, 900n],
    ]);
  });
});
