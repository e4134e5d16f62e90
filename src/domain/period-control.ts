import type { AccountType } from './chart.ts';

/**
 * What the ledger says of a period, frozen when it closes; amounts in minor units. `debit` and `credit` are of the period,
 * `balance` is debit less credit up to its last day: the trial balance of that day. Source: SEMANTICS §9.
 */
export interface PeriodControl {
  readonly accounts: readonly {
    readonly currency: string;
    readonly account: AccountType;
    readonly transfers: number;
    readonly debit: string;
    readonly credit: string;
    readonly balance: string;
  }[];
  /** What the entries that post in the period come to, per currency. */
  readonly entries: readonly { readonly currency: string; readonly entries: number; readonly amount: string }[];
}
