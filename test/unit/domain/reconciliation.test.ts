import { describe, expect, it } from 'vitest';
import { reconcile, type KeyedPayment, type ReconciledPayout } from '../../../src/domain/reconciliation.ts';

let keys = 0;
const record = (told: Partial<KeyedPayment> = {}): KeyedPayment => ({
  key: `k${(keys += 1)}`,
  kind: 'debited',
  amount: 1000n,
  currency: 'EUR',
  date: '2026-11-20',
  ids: ['P00000001A'],
  orders: [],
  bankReference: null,
  payments: 1,
  reason: null,
  corrected: null,
  name: null,
  line: 1,
  column: 1,
  path: null,
  ...told,
});
const payout = (id: number, told: Partial<ReconciledPayout> = {}): ReconciledPayout => ({
  id,
  number: `P0000000${id}A`,
  partner: `partner-${id}`,
  name: `Partner ${id}`,
  currency: 'EUR',
  sent: 1000n,
  status: 'processing',
  earliestValueDate: '2026-11-18',
  submission: 1,
  expected: true,
  changes: [],
  ...told,
});
const findings = (
  records: readonly KeyedPayment[],
  payouts: readonly ReconciledPayout[],
  more: { readonly [name in 'references' | 'orders' | 'known']?: Record<string, string[]> } = {},
) =>
  reconcile({
    ...{ records, payouts, format: 'camt.053', today: '2026-11-21' },
    known: new Map(Object.entries(more.known ?? {})),
    references: new Map(Object.entries(more.references ?? {})),
    orders: new Map(Object.entries(more.orders ?? {})),
  });
const told = (...asked: Parameters<typeof findings>) =>
  findings(...asked).map(({ outcome, payout: of, consequence }) =>
    [outcome, of?.number.slice(-2), consequence === null ? null : 'to' in consequence ? consequence.to : 'confirms']
      .filter((word) => word != null)
      .join(' '),
  );

describe('a report beside the books', () => {
  it('completes, fails, leaves unclaimed and returns what it names', () => {
    expect(told([record()], [payout(1)])).toEqual(['matched 1A completed']);
    expect(told([record({ kind: 'rejected', amount: null })], [payout(1)])).toEqual(['matched 1A failed']);
    expect(told([record({ kind: 'unclaimed' })], [payout(1)])).toEqual(['matched 1A unclaimed']);
    expect(told([record({ kind: 'returned' })], [payout(1, { status: 'completed' })])).toEqual(['matched 1A returned']);
    expect(told([record({ kind: 'returned' })], [payout(1)])).toEqual(['matched 1A failed']);
    expect(told([record({ ids: ['p00000001a'] })], [payout(1)])).toEqual(['matched 1A completed']);
  });

  it('lets a payout go out and come back in one report, in whatever order it tells', () => {
    const back = record({ kind: 'returned', reason: { code: 'AC04', text: 'closed' } });
    const both = findings([back, record()], [payout(1)]);
    expect(both.map(({ consequence }) => consequence)).toMatchObject([
      { to: 'returned', reason: 'AC04 closed', valueDate: '2026-11-20' },
      { to: 'completed', reason: null },
    ]);
  });

  it('takes money that comes in by our number for a return', () => {
    expect(findings([record({ kind: 'credited' })], [payout(1, { status: 'completed' })])[0]).toMatchObject({
      outcome: 'matched',
      consequence: { to: 'returned', reason: 'came back without a reason' },
    });
  });

  it('is of several payouts, or a payout of several records, to the cent', () => {
    const sum = record({ ids: ['P00000001A', 'P00000002A'], amount: 2000n, payments: 2 });
    expect(told([sum], [payout(1), payout(2)])).toEqual(['matched 1A completed', 'matched 2A completed']);
    expect(findings([sum], [payout(1), payout(2)]).map(({ amount }) => amount)).toEqual([1000n, 1000n]);
    expect(told([{ ...sum, amount: 1999n }], [payout(1), payout(2)])).toEqual([
      'amount_differs 1A',
      'amount_differs 2A',
    ]);
    const parts = [record({ amount: 400n }), record({ amount: 600n })];
    expect(told(parts, [payout(1)])).toEqual(['matched 1A completed', 'matched 1A completed']);
    expect(told([parts[0]!], [payout(1)])).toEqual(['amount_differs 1A']);
  });

  it('moves none of several where one of them cannot be', () => {
    const sum = record({ ids: ['P00000001A', 'P00000002A'], amount: 2000n, payments: 2 });
    expect(told([sum], [payout(1), payout(2, { status: 'cancelled' })])).toEqual([
      'status_differs 1A',
      'status_differs 2A',
    ]);
  });

  it('names what differs and closes nothing', () => {
    expect(findings([record({ amount: 999n })], [payout(1)])[0]).toMatchObject({
      ...{ outcome: 'amount_differs', consequence: null, note: 'the books have 10.00 EUR' },
    });
    expect(told([record({ currency: 'USD' })], [payout(1)])).toEqual(['amount_differs 1A']);
    for (const status of ['pending', 'ready', 'cancelled', 'failed'] as const) {
      expect(told([record()], [payout(1, { status })])).toEqual(['status_differs 1A']);
    }
    expect(findings([record({ date: '2026-11-17' })], [payout(1)])[0]!.note).toContain('it moved on 2026-11-17');
    expect(findings([record({ date: '2026-11-22' })], [payout(1)])[0]!.note).toContain(
      'read the report again on that day',
    );
    expect(told([record({ ids: ['P00000009A'] })], [payout(1)])).toEqual(['missing_here', 'missing_there 1A']);
  });

  it('proves what a person has said before, once', () => {
    const change = { id: 7, status: 'completed', valueDate: '2026-11-20', proofs: [] } as const;
    const completed = payout(1, { status: 'completed', changes: [change] });
    expect(told([record()], [completed])).toEqual(['matched 1A confirms']);
    const proven = (format: string) =>
      payout(1, { status: 'completed', changes: [{ ...change, proofs: [{ reference: 'x', format }] }] });
    expect(told([record()], [proven('camt.053')])).toEqual(['duplicate 1A']);
    expect(told([record()], [proven('bank-csv')])).toEqual(['known 1A']);
    expect(told([record({ date: '2026-11-21' })], [proven('bank-csv')])).toEqual(['duplicate 1A']);
  });

  it('takes the first of what a report tells twice, and calls the other a duplicate', () => {
    expect(told([record(), record()], [payout(1)])).toEqual(['matched 1A completed', 'duplicate 1A']);
  });

  it('knows a fact again, and a payout by what the bank called it', () => {
    expect(
      told([record({ key: 'seen' })], [payout(1, { status: 'completed' })], { known: { seen: ['P00000001A'] } }),
    ).toEqual(['known 1A']);
    const back = record({ kind: 'returned', ids: [], bankReference: 'TX1' });
    const references = { TX1: ['P00000001A'] };
    expect(told([back], [payout(1, { status: 'completed' })], { references })).toEqual(['matched 1A returned']);
    expect(told([{ ...back, ids: ['P00000009A'] }], [payout(1, { status: 'completed' })], { references })).toEqual([
      'missing_here',
    ]);
    expect(told([back], [payout(1), payout(2)], { references: { TX1: ['P00000001A', 'P00000002A'] } })[0]).toBe(
      'missing_here',
    );
  });

  it('goes by amount and day only where one record and one payout fit', () => {
    const nameless = (more: Partial<KeyedPayment> = {}) => record({ ids: ['rent'], ...more });
    expect(told([nameless()], [payout(1), payout(2, { sent: 5n, earliestValueDate: '2026-11-21' })])).toEqual([
      'matched 1A completed',
    ]);
    expect(findings([nameless()], [payout(1)])[0]!.by).toBe('amount_and_date');
    expect(told([nameless()], [payout(1), payout(2)])[0]).toBe('missing_here');
    expect(findings([nameless()], [payout(1), payout(2)])[0]!.note).toContain('P00000001A, P00000002A');
    expect(told([nameless(), nameless()], [payout(1)]).slice(0, 2)).toEqual(['missing_here', 'missing_here']);
    expect(told([nameless()], [payout(1, { expected: false })])).toEqual(['unrelated']);
    expect(told([nameless({ date: '2026-11-23' })], [payout(1)])[0]).toBe('status_differs 1A');
    expect(told([nameless({ date: '2026-11-24' })], [payout(1)])[0]).toBe('unrelated');
    expect(told([nameless({ date: '2026-11-17' })], [payout(1)])[0]).toBe('unrelated');
    expect(told([nameless({ kind: 'credited' })], [payout(1)])[0]).toBe('unrelated');
    expect(told([nameless({ name: 'Landlord Ltd' })], [payout(1)])[0]).toBe('unrelated');
    expect(told([nameless({ name: 'PÄRTNER GmbH' })], [payout(1)])[0]).toBe('matched 1A completed');
  });

  it('takes a sum without details for all that left together', () => {
    const sum = record({ ids: [], amount: 1500n, payments: 2 });
    const left = [payout(1), payout(2, { sent: 500n })];
    expect(told([sum], left)).toEqual(['matched 1A completed', 'matched 2A completed']);
    expect(told([{ ...sum, payments: null }], left)).toEqual(['matched 1A completed', 'matched 2A completed']);
    expect(told([{ ...sum, payments: 3 }], left)[0]).toBe('unrelated');
    expect(told([sum], [left[0]!, { ...left[1]!, submission: 2 }])[0]).toBe('unrelated');
  });

  it('knows a whole order by its name: its sum, or that it was refused', () => {
    const orders = { 'RUN-1': ['P00000001A', 'P00000002A', 'P00000003A'] };
    const left = [payout(1), payout(2, { sent: 500n, submission: 2 }), payout(3, { status: 'failed' })];
    const sum = record({ ids: [], orders: ['RUN-1'], amount: 1500n, payments: 3 });
    expect(told([sum], left, { orders })).toEqual(['matched 1A completed', 'matched 2A completed']);
    expect(told([{ ...sum, amount: 1501n }], left, { orders })).toEqual(['amount_differs 1A', 'amount_differs 2A']);
    const refused = record({ kind: 'rejected', ids: [], orders: ['RUN-1'], amount: null, currency: null, payments: 3 });
    const failed = findings([refused], left, { orders });
    expect(failed.map(({ outcome, amount }) => [outcome, amount])).toEqual([
      ['matched', null],
      ['matched', null],
    ]);
    expect(told([{ ...refused, payments: 1 }], left, { orders })[0]).toBe('missing_here');
    expect(
      told([record({ kind: 'accepted', ids: [], orders: ['RUN-1'], payments: 3 })], left, { orders }),
    ).toHaveLength(2);
  });

  it('tells what is with the bank and not in the report, where the report would tell it', () => {
    expect(told([record()], [payout(1), payout(2), payout(3, { earliestValueDate: '2026-11-21' })])).toEqual([
      'matched 1A completed',
      'missing_there 2A',
    ]);
    expect(told([record()], [payout(1), payout(2, { expected: false }), payout(3, { currency: 'USD' })])).toHaveLength(
      1,
    );
    expect(told([], [payout(1)])).toEqual([]);
  });

  it('notes what moves nothing', () => {
    expect(told([record({ kind: 'accepted' }), record({ kind: 'accepted', ids: [] })], [payout(1)])).toEqual([
      'accepted 1A',
      'accepted',
    ]);
    expect(told([record({ kind: 'corrected', amount: null })], [payout(1, { status: 'completed' })])).toEqual([
      'correction 1A',
    ]);
    expect(told([record({ kind: 'corrected', amount: null, ids: ['x'] })], [])).toEqual(['missing_here']);
  });
});
