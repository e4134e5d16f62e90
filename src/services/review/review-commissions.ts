import type { Connection } from '../../db/connection.ts';
import type { DecidedSpan } from '../../db/queries/decided-span.ts';
import {
  approveDueEntries,
  lockWalletsOf,
  openSystemReview,
  postReview,
  reviewEntries,
  reviewTotals,
  sharesOfReview,
  sharesTakenBackBefore,
  takeAlong,
  type ShareRow,
  type Verdict,
} from '../../db/queries/reviews.ts';
import { periodBounds } from '../../db/queries/periods.ts';
import { postingDate } from '../../domain/decision-dates.ts';
import { goesWithRejected } from '../../domain/taken-back.ts';
import type { Context, Unit } from '../context.ts';
import { today } from '../today.ts';
import { actOnEntries, sumsOf, type ActedOn, type ActRequest, type CurrencySum } from './act-on-entries.ts';

export interface Reviewed extends ActedOn {
  /** Null when a filter found nothing to review. */
  readonly review: number | null;
  /** How many of `entries` nobody asked for: refunds of what was taken back. */
  readonly along: number;
}

/**
 * Gives entries a verdict. Approving makes pending ones payable, their refunds with them, and lifts no hold. Rejecting or
 * cancelling takes posted ones back before any payout has taken them: out of the wallet, back to commission expense, on
 * today's date; what reverses them goes along (`goesWithRejected`). Named entries must all be able to receive it, unless
 * `partial`; of a filter's, those that can do.
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
    if (!takesBack || reviewed.batchId === null) return { ...reviewed, along: 0 };
    const along = goingAlong(await sharesOfReview(tx, reviewed.batchId), ({ free }) => free);
    await takeAlong(tx, { batchId: reviewed.batchId, verdict }, along);
    await postReview(tx, reviewed.batchId, postingDate(today(ctx), (await periodBounds(tx)).openFrom));
    const totals = along.length === 0 ? reviewed.totals : await reviewTotals(tx, reviewed.batchId);
    return { ...reviewed, entries: reviewed.entries + along.length, totals, along: along.length };
  });
  return { ...told, review: done.batchId, along: done.along };
}

/** Of several shares, what goes with the rejected of each. */
function goingAlong(rows: readonly ShareRow[], may: (row: ShareRow) => boolean): ShareRow[] {
  const shares = new Map<string, (ShareRow & { mayGo: boolean })[]>();
  for (const row of rows) {
    shares.set(row.share, [...(shares.get(row.share) ?? []), { ...row, mayGo: may(row) }]);
  }
  return [...shares.values()].flatMap((share) =>
    goesWithRejected(share.map((row) => ({ ...row, row, amount: BigInt(row.amount) }))).map(({ row }) => row),
  );
}

/** What a run decided that reverses what had been rejected before: it is rejected as soon as it is posted. */
const REVERSES_REJECTED = 'it reverses what was rejected before';

/**
 * Rejects what the span decided and posted that regards rejected or cancelled entries: their rejection took the money out
 * of the wallet, and it must not be taken once more. In the transaction of the posting and under its run's claim, so that
 * nobody sees it stand, and on the run's date, so that a night that is caught up posts as it would have done. Returns how many
 * entries. Writes.
 */
export async function rejectReversals(
  tx: Connection,
  run: { readonly id: number; readonly businessDate: string },
  span: DecidedSpan,
): Promise<number> {
  const reversals = goingAlong(await sharesTakenBackBefore(tx, span), ({ decidedNow }) => decidedNow);
  if (reversals.length === 0) return 0;
  const batchId = await openSystemReview(tx, run.id, REVERSES_REJECTED);
  await takeAlong(tx, { batchId, verdict: 'rejected' }, reversals);
  await postReview(tx, batchId, postingDate(run.businessDate, (await periodBounds(tx)).openFrom));
  return reversals.length;
}

export interface DueApproval extends Record<string, unknown> {
  readonly approved: number;
  readonly review: number | null;
  readonly amounts: readonly CurrencySum[];
  /** The last chunk that was looked at: the next run begins behind it, and behind the date of this one. */
  readonly posted_to: number;
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
    const { batchId, entries, totals, postedTo } = await approveDueEntries(tx, work.run.id, work.run.businessDate);
    return { approved: entries, review: batchId, amounts: sumsOf(totals).amounts, posted_to: postedTo };
  });
}
