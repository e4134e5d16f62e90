import { holdEntries, releaseEntries, type HoldReason } from '../../db/queries/reviews.ts';
import type { Context } from '../context.ts';
import { parseSelection, type ReviewSelection } from './select-entries.ts';

/** Why a person may hold an entry; freezing a partner or suspending an instance holds by itself. @public for `commission hold` */
export const HOLD_REASONS: readonly HoldReason[] = ['fraud_review', 'missing_details', 'dispute'];

export interface HeldCommissions {
  readonly held: number;
  readonly entries: readonly string[];
}

/**
 * Puts entries on hold, beside whatever their status is: they are in no payout until released, and a payout that is
 * drafted or approved with one of them is cancelled when it is submitted. What is sent, paid or taken back is left alone.
 * Writes. Throws NotFoundError, UsageError.
 */
export async function holdCommissions(
  ctx: Context,
  request: { readonly selection: ReviewSelection; readonly reason: HoldReason; readonly note?: string | undefined },
): Promise<HeldCommissions> {
  return await ctx.write(async (tx) => {
    const selection = await parseSelection(tx, request.selection);
    const entries = await holdEntries(tx, { reason: request.reason, note: request.note ?? null, selection });
    return { held: entries.length, entries };
  });
}

/** Lifts the holds on entries themselves, of one reason or all. Writes. Throws NotFoundError, UsageError. */
export async function releaseCommissions(
  ctx: Context,
  request: {
    readonly selection: ReviewSelection;
    readonly reason?: HoldReason | undefined;
    readonly note?: string | undefined;
  },
): Promise<{ released: number }> {
  return await ctx.write(async (tx) => {
    const selection = await parseSelection(tx, request.selection);
    return {
      released: await releaseEntries(tx, { reason: request.reason ?? null, note: request.note ?? null, selection }),
    };
  });
}
