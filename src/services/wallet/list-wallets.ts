import {
  trialBalanceRows,
  walletMovements,
  walletRows,
  type WalletFilter,
  type WalletMovement,
} from '../../db/queries/wallets.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';

/** A partner's money at one instance in one currency; amounts as decimal strings. */
export interface Wallet {
  readonly partner: string;
  readonly instance: string;
  readonly currency: string;
  readonly balance: string;
  readonly pending: string;
  readonly held: string;
  /** Approved, and its date has not come. */
  readonly approved: string;
  readonly payable: string;
  /** In a payout that is drafted or approved and not sent. */
  readonly inPayout: string;
  /** Sent and not arrived; no longer in the balance. */
  readonly inTransit: string;
}

/** Wallets of partner × instance × currency, from the ledger and the entries behind it. Reads only. */
export async function listWallets(ctx: Context, filter: WalletFilter = {}): Promise<Wallet[]> {
  return (await walletRows(ctx.db, filter, today(ctx))).map(({ partner, instance, currency, ...row }) => {
    const money = (minor: string): string => formatMinor(BigInt(minor), currency);
    return {
      partner,
      instance,
      currency,
      balance: money(row.balance),
      pending: money(row.pending),
      held: money(row.held),
      approved: money(row.approved),
      payable: money(row.payable),
      inPayout: money(row.inPayout),
      inTransit: money(row.inTransit),
    };
  });
}

/** The transfers of one wallet with the balance after each. Reads only; throws NotFoundError. */
export async function walletHistory(
  ctx: Context,
  wallet: { readonly partner: string; readonly instance: string; readonly currency: string },
  page: { readonly limit: number; readonly offset: number },
): Promise<WalletMovement[]> {
  const [row] = await walletRows(ctx.db, wallet, today(ctx));
  if (row === undefined) {
    throw new NotFoundError(
      'wallet',
      `${wallet.partner} ${wallet.instance} ${wallet.currency}`,
      '`revshare wallet list` shows what there is',
    );
  }
  const money = (minor: string): string => formatMinor(BigInt(minor), row.currency);
  return (await walletMovements(ctx.db, row.walletId, page.limit, page.offset)).map((movement) => ({
    ...movement,
    amount: money(movement.amount),
    balance: money(movement.balance),
  }));
}

export interface TrialBalance {
  readonly until: string | null;
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

/** Every kind of account per currency, by posting dates up to `until`, inclusive. Reads only. */
export async function trialBalance(ctx: Context, until: string | null = null): Promise<TrialBalance> {
  const rows = await trialBalanceRows(ctx.db, until);
  const sums = new Map<string, bigint>();
  for (const { currency, debit, credit } of rows) {
    sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(debit) - BigInt(credit));
  }
  return {
    until,
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
