import { holdEntries, releaseEntries, type HoldReason } from '../../db/queries/reviews.ts';
import type { Context } from '../context.ts';
import { actOnEntries, type ActedOn, type ActRequest } from './act-on-entries.ts';

/** Why a person may hold an entry; freezing a partner or suspending an instance holds by itself. */
export const HOLD_REASONS: readonly HoldReason[] = ['fraud_review', 'missing_details', 'dispute'];

/**
 * Puts entries on hold, beside whatever their status is: they are in no payout until released, and a payout that is
 * drafted or approved with one of them is cancelled when it is submitted. Holds stack, one for each reason. What is sent,
 * paid or taken back is refused when named, and left alone when a filter means it.
 * Writes. Throws NotFoundError, UsageError, RefusedError `not_reviewable`, `entry_not_found`.
 */
export async function holdCommissions(
  ctx: Context,
  request: ActRequest & { readonly reason: HoldReason; readonly note?: string | undefined },
): Promise<ActedOn> {
  const { reason, note = null } = request;
  const { told } = await actOnEntries(
    ctx,
    request,
    { outcome: 'held', reason },
    async (tx, selection) => await holdEntries(tx, { reason, note, selection }),
  );
  return told;
}

export interface Released extends ActedOn {
  /** How many holds were released: an entry may have several. */
  readonly holds: number;
  /** Entries that stay held: for another reason, or with their partner or instance. */
  readonly stillHeld: number;
}

/**
 * Lifts the holds on entries themselves, of one reason or all; a freeze is lifted with its partner, never here.
 * Writes. Throws as `holdCommissions` does.
 */
export async function releaseCommissions(
  ctx: Context,
  request: ActRequest & { readonly reason?: HoldReason | undefined; readonly note?: string | undefined },
): Promise<Released> {
  const { reason = null, note = null } = request;
  const { done, told } = await actOnEntries(
    ctx,
    request,
    { outcome: 'released', reason },
    async (tx, selection) => await releaseEntries(tx, { reason, note, selection }),
  );
  return { ...told, holds: done.holds, stillHeld: done.stillHeld };
}
