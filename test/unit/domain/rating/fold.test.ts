import { expect, it } from 'vitest';
import { foldSale, type DecidedOfSale } from '../../../../src/domain/rating/fold.ts';
import type { Sale } from '../../../../src/domain/rating/model.ts';

const leg = (changes: Partial<DecidedOfSale>): DecidedOfSale => ({
  saleId: 1,
  eventId: 1,
  kind: 'payment',
  net: 0n,
  voided: null,
  leg: 0,
  entryKind: 'earning',
  amount: 0n,
  base: 0n,
  full: 0n,
  uncapped: null,
  position: null,
  fxRate: null,
  currency: 'EUR',
  ruleVersionId: 7,
  rule: { ruleId: 6, window: null, bracketMode: null, clockTerms: { firstSaleOnly: false, earningMonths: null } },
  knownSeq: 3,
  ratePpm: 100_000,
  tier: null,
  reason: null,
  partnerId: 5,
  ...changes,
});

const sale = (saleNet: bigint): Sale => ({
  id: 1,
  instanceId: 2,
  accountId: 3,
  productId: null,
  currency: 'EUR',
  saleNet,
  saleGross: saleNet,
  wholesaleNet: null,
  saleDate: '2026-10-05',
});

it('folds a sale from its decided legs as the engine left it', () => {
  const state = foldSale(sale(1000n), [
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
  const state = foldSale(sale(0n), [leg({ net: 300n, reason: 'over_collected' })]);
  expect(state.shares[0]?.frozen.reason).toBe('zero_sale');
});

it('keeps any other reason for nothing', () => {
  const state = foldSale(sale(10n), [
    leg({ net: 10n, base: 10n, reason: 'zero_rate', ratePpm: 0 }),
    leg({ eventId: 2, kind: 'refund', net: -10n, base: 10n, reason: 'zero_rate', ratePpm: 0 }),
  ]);
  expect(state.shares[0]?.frozen.reason).toBe('zero_rate');
});

it('finds the window of a share again, and the clock its rule would start', () => {
  const clockTerms = { firstSaleOnly: false, earningMonths: 12 };
  const rule = { ruleId: 6, window: { kind: 'quarter', per: 'account' }, bracketMode: 'whole', clockTerms } as const;
  const position = { base: 300n, full: 12n };
  const state = foldSale(sale(10n), [leg({ net: 10n, base: 10n, full: 1n, amount: 1n, rule, position })]);
  expect(state.shares[0]?.frozen).toMatchObject({
    position,
    clockTerms,
    window: { key: { ruleId: 6, ownerId: 3, currency: 'EUR', startsOn: '2026-10-01' }, counts: 'collected' },
  });
});

it('counts a voided event as nothing', () => {
  const state = foldSale(sale(1000n), [
    leg({ net: 500n, base: 1000n, full: 100n, amount: 50n }),
    leg({ eventId: 2, kind: 'void', entryKind: 'void', voided: { kind: 'payment', net: 500n }, base: 1000n, full: 100n, amount: -50n }),
  ]); // prettier-ignore
  expect(state).toMatchObject({ received: 0n, shares: [{ posted: 0n }] });
});

it('takes the terms of a sale that was rated again from there', () => {
  const state = foldSale(sale(1000n), [
    leg({ net: 1000n, base: 1000n, full: 100n, amount: 100n }),
    leg({ eventId: 2, kind: 'rerate', entryKind: 'rerate', base: 1000n, full: 150n, amount: 50n, ruleVersionId: 8 }),
  ]);
  expect(state).toMatchObject({
    received: 1000n,
    shares: [{ posted: 150n, frozen: { full: 150n, ruleVersionId: 8 } }],
  });
});
