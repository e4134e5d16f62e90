import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  debitedBy,
  journalEntries,
  parseJournalNumber,
  type JournalMovement,
  type JournalPlan,
} from '../../../src/domain/accounting.ts';
import type { AccountType } from '../../../src/domain/chart.ts';

const plan: JournalPlan = { number: 'J000001', grouping: 'day', partners: true, last: '2026-10-31', reversal: null };

/** Both sides of a transfer, as the ledger tells them. */
const transfer = (date: string, kind: string, currency: string, partner: string, amount: bigint): JournalMovement[] => {
  const side = (account: AccountType, whose: string | null, debit: bigint, credit: bigint) => ({
    ...{ date, kind, currency, account, debit, credit },
    partner: whose,
  });
  return [side('wallet', partner, 0n, amount), side('commission_expense', null, amount, 0n)];
};

const movements = fc
  .array(
    fc.tuple(
      fc.integer({ min: 1, max: 31 }),
      fc.constantFrom('earning', 'refund', 'bonus'),
      fc.constantFrom('EUR', 'JPY', 'KWD'),
      fc.constantFrom('acme', 'zenith'),
      fc.bigInt(1n, 10n ** 15n),
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((rows) =>
    rows.flatMap(([day, kind, currency, partner, amount]) =>
      transfer(`2026-10-${String(day).padStart(2, '0')}`, kind, currency, partner, amount),
    ),
  );

describe('journal entries', () => {
  it('balance, one by one and per currency, and move what was moved, however they are grouped', () => {
    fc.assert(
      fc.property(movements, fc.constantFrom('day', 'period'), fc.boolean(), (moved, grouping, partners) => {
        const entries = journalEntries(moved, { ...plan, grouping, partners });
        for (const { lines } of entries) {
          expect(lines.reduce((sum, { debit, credit }) => sum + debit - credit, 0n)).toBe(0n);
          expect(lines.every(({ debit, credit }) => (debit === 0n) !== (credit === 0n))).toBe(true);
        }
        const sums: Record<string, bigint> = {};
        for (const { currency, debit } of moved) sums[currency] = (sums[currency] ?? 0n) + debit;
        expect(debitedBy(entries)).toEqual(
          Object.fromEntries(Object.entries(sums).map(([code, sum]) => [code, String(sum)])),
        );
        const reversed = journalEntries(moved, {
          ...plan,
          grouping,
          partners,
          reversal: { of: 'J000001', dated: null },
        });
        expect(debitedBy(reversed)).toEqual(debitedBy(entries));
      }),
    );
  });

  it('tell days, kinds and currencies apart, and partners where they are asked for', () => {
    const moved = [
      ...transfer('2026-10-01', 'earning', 'EUR', 'acme', 500n),
      ...transfer('2026-10-01', 'earning', 'EUR', 'zenith', 700n),
      ...transfer('2026-10-02', 'earning', 'EUR', 'acme', 100n),
    ];
    const told = (made: ReturnType<typeof journalEntries>) =>
      made.map(({ number, date, memo, lines }) => [
        number,
        date,
        memo,
        lines.map(({ debit, credit }) => debit - credit),
      ]);
    expect(told(journalEntries(moved, plan))).toEqual([
      ['J000001-001', '2026-10-01', 'earning EUR', [1200n, -500n, -700n]],
      ['J000001-002', '2026-10-02', 'earning EUR', [100n, -100n]],
    ]);
    expect(told(journalEntries(moved, { ...plan, grouping: 'period', partners: false }))).toEqual([
      ['J000001-001', '2026-10-31', 'earning EUR', [1300n, -1300n]],
    ]);
    const reversal = { of: 'J000001', dated: '2026-11-02' };
    expect(told(journalEntries(moved, { ...plan, number: 'J000002', partners: false, reversal }))).toEqual([
      ['J000002-001', '2026-11-02', 'reversal of J000001: earning EUR', [1200n, -1200n]],
      ['J000002-002', '2026-11-02', 'reversal of J000001: earning EUR', [100n, -100n]],
    ]);
  });

  it('are refused where a side is missing', () => {
    expect(() => journalEntries(transfer('2026-10-01', 'earning', 'EUR', 'acme', 5n).slice(1), plan)).toThrow(
      'the earning of 2026-10-01 does not balance in EUR',
    );
  });
});

it('reads a journal’s number', () => {
  expect(['J000042', 'j42', ' 42 '].map(parseJournalNumber)).toEqual([42, 42, 42]);
  for (const text of ['', 'J0', 'J-1', 'ST000042'])
    expect(() => parseJournalNumber(text)).toThrow('is no number of a journal');
});
