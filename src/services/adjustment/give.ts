import { plainLeg } from '../../domain/acts.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import type { Connection } from '../../db/connection.ts';
import type { PartnerRow } from '../../db/queries/partners.ts';
import { holderOf } from '../../db/queries/wallets.ts';
import { requestView, type Request } from '../approval/list-requests.ts';
import { askFor } from '../approval/request.ts';
import type { Context } from '../context.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';

/** An amount for a partner's wallet at an instance. */
export interface Gift {
  readonly partner: string;
  readonly instance: string;
  /** As typed; signed. */
  readonly amount: string;
  readonly currency: string;
  readonly reason: string;
}

/**
 * Asks for an adjustment: an amount of either sign that no revenue explains. It posts as an entry of its own, today; a
 * negative one is recovered from what the wallet earns next. Writes.
 * Throws UsageError for the amount, NotFoundError, RefusedError `no_wallet`.
 */
export async function askForAdjustment(ctx: Context, gift: Gift): Promise<Request> {
  return await give(ctx, 'adjustment', gift);
}

/** Asks for a bonus: an amount a partner gets beside what it earns. Writes. Throws as `askForAdjustment`. */
export async function askForBonus(ctx: Context, gift: Gift): Promise<Request> {
  return await give(ctx, 'bonus', gift);
}

async function give(ctx: Context, kind: 'adjustment' | 'bonus', gift: Gift): Promise<Request> {
  const { currency, reason } = gift;
  const amount = parseDecimal(gift.amount, currency);
  if (amount === 0n)
    throw new UsageError('amount_zero', `${kind === 'bonus' ? 'a bonus' : 'an adjustment'} of 0 moves nothing`);
  if (kind === 'bonus' && amount < 0n) {
    throw new UsageError('amount_sign', `a bonus is given, not taken: ${gift.amount}`, {
      hint: 'what is to be taken is an adjustment: revshare adjustment add',
    });
  }
  return await ctx.write(async (tx) => {
    const { partner, instanceId } = await findHolder(ctx, tx, gift);
    const about = `${kind} of ${formatMinor(amount, currency)} ${currency} for ${partner.code} at ${gift.instance}`;
    const act = { kind, instance_id: instanceId, currency, legs: [plainLeg(partner.id, amount)] } as const;
    return requestView(await askFor(ctx, tx, { kind, reason, terms: { about }, acts: [act] }));
  });
}

/** The partner and the instance at which it has a wallet, or may get one. Throws NotFoundError, RefusedError `no_wallet`. */
export async function findHolder(
  ctx: Context,
  tx: Connection,
  holder: { readonly partner: string; readonly instance: string },
): Promise<{ partner: Pick<PartnerRow, 'id' | 'code'>; instanceId: number }> {
  const found = await holderOf(tx, holder);
  if (found?.may === true)
    return { partner: { id: found.partnerId, code: holder.partner }, instanceId: found.instanceId };
  // Whoever is not there, or may not, is told which of the two it is.
  const partner = await findPartner(tx, holder.partner, today(ctx));
  await findInstanceId(tx, holder.instance);
  throw new RefusedError('no_wallet', `partner ${partner.code} never earned at instance ${holder.instance}`, {
    hint: `\`revshare partner show ${partner.code}\` lists where it does`,
  });
}
