import { plainLeg } from '../../domain/acts.ts';
import { formatWalletCode, type WalletCode } from '../../domain/codes.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import { findHolder } from '../adjustment/give.ts';
import { requestView, type Request } from '../approval/list-requests.ts';
import { askFor } from '../approval/request.ts';
import type { Context } from '../context.ts';
import { assertTakes } from './move-wallet.ts';
import { stillOwed } from './recovery.ts';

export interface Recovery {
  /** Where the money is. */
  readonly from: WalletCode;
  /** Which owes. */
  readonly to: WalletCode;
  /** As typed; undefined: all that is owed. */
  readonly amount?: string | undefined;
  readonly reason: string;
}

/**
 * Asks to pay what one wallet of a partner owes out of another of it: two adjustments against recovery clearing, since no
 * transfer ever joins two instances. Always waits for a second person. Writes.
 * Throws UsageError for the amount, NotFoundError, RefusedError `recovery_apart`, `no_wallet`, `nothing_owed`, `wallet_limit`.
 * Source: SEMANTICS §6.
 */
export async function askForRecovery(ctx: Context, { from, to, amount, reason }: Recovery): Promise<Request> {
  const { currency } = to;
  if (from.partner !== to.partner || from.currency !== currency || from.instance === to.instance) {
    throw new RefusedError(
      'recovery_apart',
      `${formatWalletCode(from)} cannot pay for ${formatWalletCode(to)}: both must be of one partner and currency, at two instances`,
      { hint: 'nobody pays another one’s debt, and no debt changes its currency' },
    );
  }
  return await ctx.write(async (tx) => {
    const { partner, instanceId } = await findHolder(ctx, tx, from);
    const { instanceId: debtor } = await findHolder(ctx, tx, to);
    const paying = { partnerId: partner.id, instanceId, currency };
    const owed = await stillOwed(ctx, tx, paying, { ...paying, instanceId: debtor });
    const told = (minor: bigint) => `${formatMinor(minor, currency)} ${currency}`;
    if (owed <= 0n) {
      throw new RefusedError('nothing_owed', `${formatWalletCode(to)} owes nothing: it has ${told(-owed)}`, {
        hint: '`revshare wallet list` shows the balances',
      });
    }
    const moved = amount === undefined ? owed : parseDecimal(amount, currency);
    if (moved <= 0n || moved > owed) {
      throw new UsageError('amount_out_of_range', `${formatWalletCode(to)} owes ${told(owed)}, not ${told(moved)}`);
    }
    await assertTakes(ctx, tx, { wallet: from, partnerId: partner.id, instanceId, amount: moved });
    const about = `recovery of ${told(moved)} for ${formatWalletCode(to)} out of ${formatWalletCode(from)}`;
    const acts = [
      { kind: 'adjustment' as const, instance_id: instanceId, currency, legs: [plainLeg(partner.id, -moved)] },
      { kind: 'adjustment' as const, instance_id: debtor, currency, legs: [plainLeg(partner.id, moved)] },
    ];
    return requestView(await askFor(ctx, tx, { kind: 'recovery', reason, terms: { about }, acts }));
  });
}
