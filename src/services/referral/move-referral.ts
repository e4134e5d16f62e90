import { expiringReferrals, insertReferralStates, lockReferral, selectReferrals } from '../../db/queries/referrals.ts';
import { ALL_ROWS } from '../../db/queries/order.ts';
import { UsageError } from '../../domain/errors.ts';
import { assertReferralTransition } from '../../domain/referrals.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { findReferral } from './find-referral.ts';
import { referralView, type Referral } from './list-referrals.ts';

export interface ReferralMove {
  readonly referral: number;
  /** Default today. */
  readonly on?: string | undefined;
  readonly reason?: string | undefined;
}

/** Says that a lead proved to be one. Writes. Throws NotFoundError `referral_not_found`, RefusedError `referral_status`. */
export async function qualifyReferral(ctx: Context, move: ReferralMove): Promise<Referral> {
  return await moveReferral(ctx, 'qualified', move);
}

/** Says that a lead will be no customer. Writes. Throws as `qualifyReferral`. */
export async function loseReferral(ctx: Context, move: ReferralMove): Promise<Referral> {
  return await moveReferral(ctx, 'lost', move);
}

async function moveReferral(
  ctx: Context,
  status: 'qualified' | 'lost',
  { referral: id, on = today(ctx), reason }: ReferralMove,
): Promise<Referral> {
  return await ctx.write(async (tx) => {
    await lockReferral(tx, id);
    assertReferralTransition(id, (await findReferral(tx, id)).status, status);
    await insertReferralStates(tx, [id], { status, on: assertNotAhead(ctx, on), reason: reason ?? null });
    return referralView(await findReferral(tx, id));
  });
}

/** @throws UsageError `date_ahead` */
export function assertNotAhead(ctx: Context, on: string): string {
  if (on <= today(ctx)) return on;
  throw new UsageError('date_ahead', `${on} is to come`);
}

export interface ReferralExpiry {
  /** Whose; default everybody's. */
  readonly partner?: string | undefined;
  /** The day on which nothing counts any more; default today. */
  readonly on?: string | undefined;
}

/**
 * Closes every open referral of which no click counts on a day any more: after the days of the cookies of those whose codes
 * were clicked on. Again on the same day it finds nothing. Writes. Throws NotFoundError `partner_not_found`.
 */
export async function expireReferrals(
  ctx: Context,
  { partner, on = today(ctx) }: ReferralExpiry,
): Promise<{ readonly on: string; readonly expired: readonly Referral[] }> {
  assertNotAhead(ctx, on);
  return await ctx.write(async (tx) => {
    const partnerId = partner === undefined ? null : (await findPartner(tx, partner, today(ctx))).id;
    const ids = await expiringReferrals(tx, on, partnerId);
    await insertReferralStates(tx, ids, { status: 'expired', on, reason: null });
    const gone = new Set(ids);
    const rows = ids.length === 0 ? [] : await selectReferrals(tx, { status: 'expired' }, ALL_ROWS);
    return { on, expired: rows.filter(({ id }) => gone.has(id)).map(referralView) };
  });
}
