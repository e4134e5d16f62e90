import { ALL_ROWS, type Page } from '../../db/queries/order.ts';
import {
  walletKinds,
  walletMovements,
  walletRows,
  type WalletFilter as RowFilter,
  type WalletKind,
  type WalletMovement,
  type WalletRow,
} from '../../db/queries/wallets.ts';
import { formatWalletCode, type WalletCode } from '../../domain/codes.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import { readFilter } from '../commission/commission-filter.ts';
import type { Context } from '../context.ts';
import { postingDay } from '../posting-day.ts';
import { today } from '../today.ts';

export type { WalletKind, WalletMovement } from '../../db/queries/wallets.ts';

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

/** Which wallets; with `asOf` as the ledger has them by posting dates up to this one, inclusive. */
export interface WalletFilter extends RowFilter {
  readonly asOf?: string | undefined;
}

/**
 * Wallets of partner × instance × currency, from the ledger and the entries behind it; the balances of a currency sum to
 * what `trialBalance` says of the same date. Reads only. Throws NotFoundError for a code that names nothing, UsageError
 * `as_of_future`.
 */
export async function listWallets(
  ctx: Context,
  { asOf, ...filter }: WalletFilter = {},
  page: Page = ALL_ROWS,
): Promise<Wallet[]> {
  await readFilter(ctx.db, filter);
  return (await walletsOn(ctx, filter, asOf, page)).map(walletView);
}

export interface WalletDetails extends Wallet {
  /** What made the balance, per kind and other account. */
  readonly movements: readonly WalletKind[];
}

/** One wallet, and what made its balance. Reads only. Throws as `listWallets`, and NotFoundError `wallet_not_found`. */
export async function showWallet(ctx: Context, code: WalletCode, asOf?: string): Promise<WalletDetails> {
  const row = await findWallet(ctx, code, asOf);
  const movements = await walletKinds(ctx.db, row.walletId, asOf ?? null);
  return {
    ...walletView(row),
    movements: movements.map((one) => ({ ...one, amount: formatMinor(BigInt(one.amount), row.currency) })),
  };
}

/**
 * The transfers of one wallet by posting date, with the balance after each; the window cuts what is shown, not what is
 * summed. Reads only. Throws as `showWallet`.
 */
export async function walletHistory(
  ctx: Context,
  code: WalletCode,
  page: Page,
  window: { readonly from: string | null; readonly to: string | null } = { from: null, to: null },
): Promise<WalletMovement[]> {
  const row = await findWallet(ctx, code);
  const money = (minor: string): string => formatMinor(BigInt(minor), row.currency);
  return (await walletMovements(ctx.db, row.walletId, window, page)).map((movement) => ({
    ...movement,
    amount: money(movement.amount),
    balance: money(movement.balance),
  }));
}

/** A wallet's own number. Reads only. Throws NotFoundError for a code, and `wallet_not_found`. */
export async function findWalletId(ctx: Context, code: WalletCode): Promise<{ walletId: number; currency: string }> {
  return await findWallet(ctx, code);
}

async function findWallet(ctx: Context, code: WalletCode, asOf?: string): Promise<WalletRow> {
  const { partner, instance, currency } = code;
  await readFilter(ctx.db, { partner, instance, currency });
  const [row] = await walletsOn(ctx, { partner, instance, currency }, asOf, ALL_ROWS);
  if (row === undefined) {
    throw new NotFoundError('wallet', formatWalletCode(code), '`revshare wallet list` shows what there is');
  }
  return row;
}

async function walletsOn(ctx: Context, filter: RowFilter, asOf: string | undefined, page: Page): Promise<WalletRow[]> {
  return await walletRows(ctx.db, filter, asOf ?? today(ctx), postingDay(ctx, asOf), page);
}

function walletView({ partner, instance, currency, ...row }: WalletRow): Wallet {
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
}
