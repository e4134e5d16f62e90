import { expect, it } from 'vitest';
import type { DecidedOfSale } from '../../src/db/queries/decisions.ts';
import { foldSale } from '../../src/services/accrual/sale-states.ts';

const leg = (changes: Partial<DecidedOfSale>): DecidedOfSale => ({
  saleId: 1,
  eventId: 1,
  kind: 'payment',
  net: 0n,
  leg: 0,
  amount: 0n,
  base: 0n,
  full: 0n,
  ruleVersionId: 7,
  knownSeq: 3,
  ratePpm: 100_000,
  tier: null,
  reason: null,
  partnerId: 5,
  ...changes,
});

it('folds a sale from its decided legs as the engine left it', () => {
  const state = foldSale({ currency: 'EUR', saleNet: 1000n }, [
    leg({ eventId: 1, kind: 'refund', net: -50n, reason: 'sale_unknown', ruleVersionId: null, partnerId: null }),
    leg({ eventId: 2, net: 500n, amount: 45n, base: 1000n, full: 100n }),
    leg({ eventId: 3, kind: 'credit_note', net: -100n, amount: 0n, base: 1000n, full: 100n, reason: 'unchanged' }),
  ]);
  expect(state).toMatchObject({ received: 500n, returned: 50n, credited: 100n });
  expect(state.shares).toEqual([
    { posted: 45n, frozen: expect.objectContaining({ base: 1000n, full: 100n, reason: null, ruleVersionId: 7 }) as unknown },
  ]); // prettier-ignore
});

it('remembers that a sale was empty where its first decision said the cash was too much', () => {
  const state = foldSale({ currency: 'EUR', saleNet: 0n }, [leg({ net: 300n, reason: 'over_collected' })]);
  expect(state.shares[0]?.frozen.reason).toBe('zero_sale');
});

it('keeps any other reason for nothing', () => {
  const state = foldSale({ currency: 'EUR', saleNet: 10n }, [
    leg({ net: 10n, base: 10n, reason: 'zero_rate', ratePpm: 0 }),
    leg({ eventId: 2, kind: 'refund', net: -10n, base: 10n, reason: 'zero_rate', ratePpm: 0 }),
  ]);
  expect(state.shares[0]?.frozen.reason).toBe('zero_rate');
});
