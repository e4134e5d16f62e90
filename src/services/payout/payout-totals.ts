import type { RunSumRow } from '../../db/queries/payout-runs.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import type { Payout } from './payout-view.ts';

/** A control total: what the payouts of one currency come to. Nothing is summed across currencies. */
export interface PayoutTotal {
  readonly currency: string;
  readonly payouts: number;
  readonly gross: string;
  readonly withheld: string;
  readonly fee: string;
  readonly sent: string;
}

type AmountName = 'gross' | 'withheld' | 'fee' | 'sent';
type Amounts = Readonly<Record<AmountName, bigint>>;

/** Control totals of payouts, by currency. Pure. */
export function totalsOf(payouts: readonly Payout[]): PayoutTotal[] {
  return sumUp(payouts.map((payout) => ({ ...amounts(payout, parseDecimal), currency: payout.currency, payouts: 1 })));
}

/** The same from sums by status. Pure. */
export function totalsOfSums(sums: readonly RunSumRow[]): PayoutTotal[] {
  return sumUp(sums.map((sum) => ({ ...amounts(sum, BigInt), currency: sum.currency, payouts: sum.payouts })));
}

function amounts(
  row: Readonly<Record<AmountName, string>> & { readonly currency: string },
  read: (text: string, currency: string) => bigint,
): Amounts {
  const { currency, gross, withheld, fee, sent } = row;
  return {
    gross: read(gross, currency),
    withheld: read(withheld, currency),
    fee: read(fee, currency),
    sent: read(sent, currency),
  };
}

function sumUp(rows: readonly (Amounts & { readonly currency: string; readonly payouts: number })[]): PayoutTotal[] {
  const sums = new Map<string, Amounts & { readonly payouts: number }>();
  for (const row of rows) {
    const { payouts, gross, withheld, fee, sent } = sums.get(row.currency) ?? NOTHING;
    sums.set(row.currency, {
      payouts: payouts + row.payouts,
      gross: gross + row.gross,
      withheld: withheld + row.withheld,
      fee: fee + row.fee,
      sent: sent + row.sent,
    });
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, { payouts, gross, withheld, fee, sent }]) => ({
      currency,
      payouts,
      gross: formatMinor(gross, currency),
      withheld: formatMinor(withheld, currency),
      fee: formatMinor(fee, currency),
      sent: formatMinor(sent, currency),
    }));
}

const NOTHING = { payouts: 0, gross: 0n, withheld: 0n, fee: 0n, sent: 0n };
