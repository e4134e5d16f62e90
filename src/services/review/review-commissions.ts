import { approveDueEntries, lockWalletsOf, postReview, reviewEntries, type Verdict } from '../../db/queries/reviews.ts';
import { closedMonths } from '../../db/queries/rule-book.ts';
import { postingDate } from '../../domain/decision-dates.ts';
import type { Context, Unit } from '../context.ts';
import { today } from '../today.ts';
import { actOnEntries, sumsOf, type ActedOn, type ActRequest, type CurrencySum } from './act-on-entries.ts';

export interface Reviewed extends ActedOn {
  /** Null when a filter found nothing to review. */
  readonly review: number | null;
}

/**
 * Gives entries a verdict. Approving makes pending ones payable and lifts no hold. Rejecting or cancelling takes posted
 * ones back before any payout has taken them: out of the wallet, back to commission expense, on today's date. Named
 * entries must all be able to receive it, unless `partial`; of a filter's, those that can do.
 *
 * Writes. Throws NotFoundError, UsageError, RefusedError `not_reviewable`, `entry_not_found`. Source: SEMANTICS §4, §6.
 */
export async function reviewCommissions(
  ctx: Context,
  request: ActRequest & { readonly verdict: Verdict; readonly reason?: string | undefined },
): Promise<Reviewed> {
  const { verdict, reason = null } = request;
  const { done, told } = await actOnEntries(ctx, request, { outcome: verdict }, async (tx, selection) => {
    const takesBack = verdict !== 'approved';
    if (takesBack) await lockWalletsOf(tx, selection);
    const reviewed = await reviewEntries(tx, { verdict, reason, selection });
    if (takesBack && reviewed.batchId !== null) {
      await postReview(tx, reviewed.batchId, postingDate(today(ctx), await closedMonths(tx)));
    }
    return reviewed;
  });
  return { ...told, review: done.batchId };
}

export interface DueApproval extends Record<string, unknown> {
  readonly approved: number;
  readonly review: number | null;
  readonly amounts: readonly CurrencySum[];
}

/**
 * Approves what the policy `after_hold` lets through on the date: everything decided under it whose payable_on has come,
 * except what is above its threshold, which waits for a person. Holds stay. Run again it does what has become due since.
 * Writes, under the job's claim.
 */
export async function approveDue(work: {
  ctx: Context;
  unit: Unit;
  run: { readonly id: number; readonly businessDate: string };
}): Promise<DueApproval> {
  return await work.unit(async (tx) => {
    const { batchId, entries, totals } = await approveDueEntries(tx, work.run.id, work.run.businessDate);
    return { approved: entries, review: batchId, amounts: sumsOf(totals).amounts };
  });
}
