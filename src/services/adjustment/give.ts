import { plainLeg } from '../../domain/acts.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import type { Connection } from '../../db/connection.ts';
import type { PartnerRow } from '../../db/queries/partners.ts';
import { periodBounds } from '../../db/queries/periods.ts';
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
 * Asks for an adjustment: an amount of either sign that no revenue explains. It posts as an entry of its own, today or on the
 * day `on`; a negative one is recovered from what the wallet earns next. Into a soft-closed period it posts once a second
 * person agrees, however small it is. Writes.
 * Throws UsageError for the amount and `adjustment_ahead`, NotFoundError, RefusedError `no_wallet`, `period_closed`.
 */
export async function askForAdjustment(
  ctx: Context,
  { on, ...gift }: Gift & { readonly on?: string | undefined },
): Promise<Request> {
  return await give(ctx, 'adjustment', gift, on);
}

/** Whether anything may still post on a day, and whether one person may alone. Reads only. */
async function dated(ctx: Context, tx: Connection, on: string | undefined): Promise<{ neverAlone: boolean }> {
  if (on === undefined) return { neverAlone: false };
  if (on > today(ctx)) {
    throw new UsageError('adjustment_ahead', `${on} has not come yet: it is ${today(ctx)}`);
  }
  const { openFrom, closedBefore } = await periodBounds(tx);
  if (closedBefore !== null && on < closedBefore) {
    throw new RefusedError('period_closed', `the period ${on.slice(0, 7)} is closed`, {
      hint: 'leave --on out to post it today',
    });
  }
  return { neverAlone: openFrom !== null && on < openFrom };
}

/** Asks for a bonus: an amount a partner gets beside what it earns. Writes. Throws as `askForAdjustment`. */
export async function askForBonus(ctx: Context, gift: Gift): Promise<Request> {
  return await give(ctx, 'bonus', gift);
}

async function give(ctx: Context, kind: 'adjustment' | 'bonus', gift: Gift, on?: string): Promise<Request> {
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
    const day = on === undefined ? '' : ` on ${on}`;
    const about = `${kind} of ${formatMinor(amount, currency)} ${currency} for ${partner.code} at ${gift.instance}${day}`;
    const act = { kind, instance_id: instanceId, currency, legs: [plainLeg(partner.id, amount)] } as const;
    const terms = { about, ...(on === undefined ? {} : { on }) };
    return requestView(await askFor(ctx, tx, { kind, reason, terms, acts: [act], ...(await dated(ctx, tx, on)) }));
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
