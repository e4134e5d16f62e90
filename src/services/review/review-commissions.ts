import {
  approveDueEntries,
  lockWalletsOf,
  notReviewable,
  postReview,
  reviewEntries,
  reviewTotals,
  type Verdict,
} from '../../db/queries/reviews.ts';
import { closedMonths } from '../../db/queries/rule-book.ts';
import { postingDate } from '../../domain/decision-dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context, Unit } from '../context.ts';
import { today } from '../today.ts';
import { parseSelection, type ReviewSelection } from './select-entries.ts';

export interface Review {
  /** Null when a filter found nothing to review. */
  readonly review: number | null;
  readonly verdict: Verdict;
  readonly entries: number;
  readonly amounts: readonly { readonly currency: string; readonly amount: string }[];
}

/**
 * Gives entries a verdict. Approving makes pending ones payable and lifts no hold. Rejecting or cancelling takes posted
 * ones back before any payout has taken them: out of the wallet, back to commission expense, on today's date. Named
 * entries must all be able to receive it; of a filter's, those that can do.
 *
 * Writes. Throws NotFoundError, UsageError, RefusedError `not_reviewable`. Source: SEMANTICS §4, §6.
 */
export async function reviewCommissions(
  ctx: Context,
  request: { readonly verdict: Verdict; readonly selection: ReviewSelection; readonly reason?: string | undefined },
): Promise<Review> {
  const { verdict, reason = null } = request;
  return await ctx.write(async (tx) => {
    const selection = await parseSelection(tx, request.selection);
    if (verdict !== 'approved') {
      await lockWalletsOf(tx, selection);
    }
    const [stubborn, ...more] = 'entries' in selection ? await notReviewable(tx, selection, verdict) : [];
    if (stubborn !== undefined) {
      const others = more.length === 0 ? '' : `, and ${more.length} more`;
      throw new RefusedError(
        'not_reviewable',
        `entry ${stubborn.entry} is ${stubborn.status} and cannot be ${verdict}${others}`,
        {
          hint: hintFor(stubborn.status, stubborn.approved, verdict),
          details: { entries: [stubborn, ...more].map((one) => one.entry) },
        },
      );
    }
    const { batchId, entries } = await reviewEntries(tx, { verdict, reason, selection });
    if (batchId === null) {
      return { review: null, verdict, entries: 0, amounts: [] };
    }
    if (verdict !== 'approved') {
      await postReview(tx, batchId, postingDate(today(ctx), await closedMonths(tx)));
    }
    const amounts = (await reviewTotals(tx, batchId)).map(({ currency, amount }) => ({
      currency,
      amount: formatMinor(BigInt(amount), currency),
    }));
    return { review: batchId, verdict, entries, amounts };
  });
}

function hintFor(status: string, approved: boolean, verdict: Verdict): string {
  if (status === 'rejected' || status === 'cancelled') return `${status} is final`;
  if (status === 'paid' || status === 'recovered') return 'what is paid is corrected by an adjustment';
  if (status === 'processing') return 'take its payout out first: `revshare payout cancel`';
  if (verdict === 'approved' && approved)
    return 'it is approved already; a hold is lifted by `revshare commission release`';
  return 'only posted entries of an amount are reviewed';
}

export interface DueApproval extends Record<string, unknown> {
  readonly approved: number;
  readonly review: number | null;
  readonly amounts: readonly { readonly currency: string; readonly amount: string }[];
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
    const { batchId, entries } = await approveDueEntries(tx, work.run.id, work.run.businessDate);
    const totals = batchId === null ? [] : await reviewTotals(tx, batchId);
    return {
      approved: entries,
      review: batchId,
      amounts: totals.map(({ currency, amount }) => ({ currency, amount: formatMinor(BigInt(amount), currency) })),
    };
  });
}
