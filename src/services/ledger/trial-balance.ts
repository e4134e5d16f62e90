import { trialBalanceRows } from '../../db/queries/ledger.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { readLedgerAsOf } from './ledger-until.ts';

export interface TrialBalance {
  readonly accounts: readonly {
    readonly account: string;
    readonly currency: string;
    readonly debit: string;
    readonly credit: string;
    readonly balance: string;
  }[];
  /** Debits less credits per currency: zero, or the books are broken. */
  readonly differences: readonly { readonly currency: string; readonly difference: string }[];
}

/**
 * Every kind of account per currency, as of a date (by posting dates, inclusive) or an instant (what was posted by then).
 * Reads only. Throws UsageError for an instant that cannot be.
 */
export async function trialBalance(ctx: Context, asOf: string | null = null): Promise<TrialBalance> {
  const rows = await readLedgerAsOf(ctx, asOf, trialBalanceRows);
  const sums = new Map<string, bigint>();
  for (const { currency, debit, credit } of rows) {
    sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(debit) - BigInt(credit));
  }
  return {
    accounts: rows.map(({ account, currency, debit, credit }) => ({
      account,
      currency,
      debit: formatMinor(BigInt(debit), currency),
      credit: formatMinor(BigInt(credit), currency),
      balance: formatMinor(BigInt(debit) - BigInt(credit), currency),
    })),
    differences: [...sums].map(([currency, difference]) => ({
      currency,
      difference: formatMinor(difference, currency),
    })),
  };
}
