import { ledgerAccountRows, transferRows, type LedgerAccountRow, type LedgerFilter } from '../../db/queries/ledger.ts';
import type { Page } from '../../db/queries/order.ts';
import { accountName } from '../../domain/chart.ts';
import { formatMinor } from '../../domain/money.ts';
import { readFilter } from '../commission/commission-filter.ts';
import type { Context } from '../context.ts';
import { readLedgerAsOf } from './ledger-until.ts';

/** Accounts that are meant, by kind and by whose they are. */
export interface AccountFilter extends LedgerFilter {
  /** A date (posting dates up to it) or an instant. */
  readonly asOf?: string | undefined;
}

/** An account with what was posted to it; amounts are decimal strings. */
export interface AccountBalance extends LedgerAccountRow {
  /** As a journal calls it. */
  readonly account: string;
  /** Debit less credit. */
  readonly balance: string;
}

/**
 * The accounts there are, as the chart orders them; their balances sum to zero per currency. Reads only.
 * Throws NotFoundError for codes that name nothing, UsageError for an as-of that cannot be.
 */
export async function listAccounts(ctx: Context, filter: AccountFilter, page: Page): Promise<AccountBalance[]> {
  const { asOf, ...accounts } = filter;
  await readFilter(ctx.db, accounts);
  const rows = await readLedgerAsOf(
    ctx,
    asOf ?? null,
    async (tx, until) => await ledgerAccountRows(tx, accounts, until, page),
  );
  return rows.map(({ debit, credit, ...row }) => ({
    ...row,
    account: accountName(row),
    debit: formatMinor(BigInt(debit), row.currency),
    credit: formatMinor(BigInt(credit), row.currency),
    balance: formatMinor(BigInt(debit) - BigInt(credit), row.currency),
  }));
}

/** One row of the ledger; the amount is a decimal string. */
export interface Transfer {
  readonly id: number;
  readonly date: string;
  readonly kind: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: string;
  readonly currency: string;
  readonly posting: number;
  readonly by: string;
  readonly recordedAt: string;
}

/**
 * Transfers by posting date `[from, to)` and number, one side of which is an account that is meant. Reads only. Throws as
 * `listAccounts`.
 */
export async function listTransfers(
  ctx: Context,
  filter: AccountFilter & { readonly kind?: string | undefined },
  page: Page,
  window: { readonly from: string | null; readonly to: string | null } = { from: null, to: null },
): Promise<Transfer[]> {
  const { asOf, kind, ...accounts } = filter;
  await readFilter(ctx.db, accounts);
  const rows = await readLedgerAsOf(
    ctx,
    asOf ?? null,
    async (tx, until) => await transferRows(tx, { ...accounts, kind }, window, until, page),
  );
  return rows.map((row) => ({
    id: row.id,
    date: row.date,
    kind: row.kind,
    debit: accountName({ type: row.debitType, partner: row.debitPartner, instance: row.debitInstance }),
    credit: accountName({ type: row.creditType, partner: row.creditPartner, instance: row.creditInstance }),
    amount: formatMinor(BigInt(row.amount), row.currency),
    currency: row.currency,
    posting: row.posting,
    by: row.by,
    recordedAt: row.recordedAt,
  }));
}
