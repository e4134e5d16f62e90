import type { PeriodChangeRow, PeriodRow, PeriodStatus } from '../../db/queries/periods.ts';
import type { AccountType } from '../../domain/chart.ts';
import { addDays, addMonthsClamped } from '../../domain/dates.ts';
import { formatMinor } from '../../domain/money.ts';
import type { PeriodControl } from '../../domain/period-control.ts';

/** A period as people read it. */
export interface PeriodView {
  /** 'YYYY-MM'. */
  readonly month: string;
  readonly from: string;
  readonly last: string;
  readonly status: PeriodStatus;
  readonly transfers: number;
  readonly changedBy: string | null;
  readonly changedAt: string | null;
  readonly reason: string | null;
  /** Of what the ledger said when it closed; null for one that is not closed. */
  readonly controlHash: string | null;
}

/** A period with what the ledger says of it, amounts as decimal strings, and what became of it. */
export interface PeriodDetails extends PeriodView {
  readonly accounts: readonly {
    readonly account: AccountType;
    readonly currency: string;
    readonly transfers: number;
    readonly debit: string;
    readonly credit: string;
    readonly balance: string;
  }[];
  readonly entries: readonly { readonly currency: string; readonly entries: number; readonly amount: string }[];
  readonly history: readonly PeriodChangeRow[];
}

export function periodView(row: PeriodRow): PeriodView {
  const { startsOn, status, transfers, changedBy, changedAt, reason, controlHash } = row;
  return {
    month: startsOn.slice(0, 7),
    from: startsOn,
    last: addDays(addMonthsClamped(startsOn, 1), -1),
    ...{ status, transfers, changedBy, changedAt, reason, controlHash },
  };
}

/** The figures of a period in the currencies' own decimals. */
export function controlView({ accounts, entries }: PeriodControl): Pick<PeriodDetails, 'accounts' | 'entries'> {
  const money = (minor: string, currency: string) => formatMinor(BigInt(minor), currency);
  return {
    accounts: accounts.map(({ account, currency, transfers, debit, credit, balance }) => ({
      ...{ account, currency, transfers },
      debit: money(debit, currency),
      credit: money(credit, currency),
      balance: money(balance, currency),
    })),
    entries: entries.map(({ currency, entries: count, amount }) => ({
      ...{ currency, entries: count },
      amount: money(amount, currency),
    })),
  };
}
