import { expect, test } from 'vitest';
import { controlRevenue, type ExpectedGroup, type RecordedGroup } from '../../../src/domain/revenue-control.ts';

const keys = { source: null, instance: 'acme-shop', kind: 'payment', currency: 'EUR' };
const told = (change: Partial<ExpectedGroup> = {}): ExpectedGroup => ({
  ...keys,
  count: 2,
  sums: { net: 300n, gross: null, tax: null },
  ...change,
});
const found = (change: Partial<RecordedGroup> = {}): RecordedGroup => ({
  ...keys,
  imported: 2,
  decided: 2,
  sums: { net: 300n, gross: 357n, tax: 57n },
  decidedNet: 300n,
  ...change,
});
const verdict = (expected: readonly ExpectedGroup[], recorded: readonly RecordedGroup[]) =>
  controlRevenue(expected, recorded).map((group) => group.verdict);

test.each([
  ['as billing says', told(), found(), 'equal'],
  ['without a count', told({ count: null }), found({ imported: 3, decided: 3 }), 'equal'],
  ['another count, the same sum', told({ count: 3 }), found(), 'differs'],
  ['another sum', told({ sums: { net: 301n, gross: null, tax: null } }), found(), 'differs'],
  ['another gross', told({ sums: { net: 300n, gross: 300n, tax: null } }), found(), 'differs'],
  ['imported, not decided', told(), found({ decided: 1, decidedNet: 100n }), 'undecided'],
])('%s', (_, expected, recorded, verdictThen) => {
  expect(verdict([expected], [recorded])).toEqual([verdictThen]);
});

test('what only one side knows; nothing, told as nothing, is no difference', () => {
  expect(verdict([told()], [])).toEqual(['not_imported']);
  expect(verdict([], [found()])).toEqual(['unexpected']);
  expect(verdict([told({ count: 0, sums: { net: 0n, gross: null, tax: null } })], [])).toEqual(['equal']);
});

test('a payment and a refund that cancel out are two groups, and what differs comes first', () => {
  const refund = { kind: 'refund', sums: { net: -300n, gross: null, tax: null } };
  const compared = controlRevenue([told(), told(refund)], [found()]);
  expect(compared.map(({ kind, verdict: said }) => [kind, said])).toEqual([
    ['refund', 'not_imported'],
    ['payment', 'equal'],
  ]);
});
