import type { Connection } from '../../db/connection.ts';
import { takeWallets } from '../../db/queries/wallets.ts';
import { plainLeg } from '../../domain/acts.ts';
import { formatWalletCode, type WalletCode } from '../../domain/codes.ts';
import { currency } from '../../domain/currencies.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import { askForAdjustment, findHolder } from '../adjustment/give.ts';
import { requestView, type Request } from '../approval/list-requests.ts';
import { askFor } from '../approval/request.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';

/** An amount for a wallet, or out of it. */
export interface WalletMove {
  readonly wallet: WalletCode;
  /** As typed, above 0. */
  readonly amount: string;
  readonly reason: string;
}

/** Asks for an adjustment in a wallet's favour. Writes. Throws as `askForAdjustment`, UsageError `amount_sign`. */
export async function askForCredit(ctx: Context, { wallet, amount, reason }: WalletMove): Promise<Request> {
  positive('credit', amount, wallet.currency);
  return await askForAdjustment(ctx, { ...wallet, amount, reason });
}

/**
 * Asks for an adjustment that takes from a wallet what is payable in it, and no more: the wallet is held while that is
 * looked at, and the database refuses whatever would take it below zero, however many ask at once. Writes.
 * Throws UsageError for the amount, NotFoundError, RefusedError `no_wallet`, `wallet_limit`. Source: SEMANTICS §6.
 */
export async function askForDebit(ctx: Context, { wallet, amount, reason }: WalletMove): Promise<Request> {
  const taken = positive('debit', amount, wallet.currency);
  return await ctx.write(async (tx) => {
    const { partner, instanceId } = await findHolder(ctx, tx, wallet);
    await assertTakes(ctx, tx, { wallet, partnerId: partner.id, instanceId, amount: taken });
    const about = `debit of ${formatMinor(taken, wallet.currency)} ${wallet.currency} from ${formatWalletCode(wallet)}`;
    const legs = [plainLeg(partner.id, -taken)];
    const act = { kind: 'adjustment', instance_id: instanceId, currency: wallet.currency, legs } as const;
    return requestView(await askFor(ctx, tx, { kind: 'debit', reason, terms: { about }, acts: [act] }));
  });
}

function positive(what: 'credit' | 'debit', text: string, code: string): bigint {
  const amount = parseDecimal(text, currency(code).code);
  if (amount > 0n) return amount;
  throw new UsageError('amount_sign', `a ${what} is more than 0, not ${text}`, {
    ...(amount < 0n ? { hint: `the opposite is: revshare wallet ${what === 'credit' ? 'debit' : 'credit'}` } : {}),
  });
}

/**
 * Holds a wallet and refuses to take more of it than is payable and not on its way out already.
 * Throws RefusedError `wallet_limit`.
 */
export async function assertTakes(
  ctx: Context,
  tx: Connection,
  asked: { wallet: WalletCode; partnerId: number; instanceId: number; amount: bigint },
): Promise<void> {
  const { wallet, partnerId, instanceId, amount } = asked;
  const [taken] = await takeWallets(tx, [{ partnerId, instanceId, currency: wallet.currency }], today(ctx));
  const limit = [taken!.payable, taken!.spendable].map(BigInt).reduce((least, one) => (one < least ? one : least));
  if (amount <= limit) return;
  const told = (minor: bigint) => `${formatMinor(minor, wallet.currency)} ${wallet.currency}`;
  throw new RefusedError(
    'wallet_limit',
    `${formatWalletCode(wallet)} has ${told(limit > 0n ? limit : 0n)} to take, not ${told(amount)}; its balance is ${told(BigInt(taken!.balance))}`,
    {
      hint: 'what is pending, held, not due yet or on its way out is left alone; what may go below zero is an adjustment',
    },
  );
}
