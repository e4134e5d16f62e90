import { insertApproval } from '../../db/queries/payout-runs.ts';
import { payoutStates, recordChanges } from '../../db/queries/payout-states.ts';
import { listPayoutRows } from '../../db/queries/payouts.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { findRun } from './find-run.ts';
import type { PayoutRun } from './list-runs.ts';
import { payoutView, type Payout } from './payout-view.ts';
import { checksView, wantsChecker, type RunChecks } from './run-checks.ts';

export interface ApprovedRun {
  readonly run: number;
  readonly cutoff: string;
  readonly contentHash: string;
  readonly maker: string;
  readonly checker: string;
  /** Everybody who approved it by now, in their order. */
  readonly checkers: readonly string[];
  readonly checks: RunChecks;
  /** Those that it is of, ready now unless it wants another checker; what was taken out before is not among them. */
  readonly payouts: readonly Payout[];
}

/**
 * Throws RefusedError `four_eyes` for who made the run or approved it before, in the words of the database, which has the last
 * of them.
 */
export function assertOtherPerson(
  ctx: Pick<Context, 'actor'>,
  { run, maker, checkers, checks }: Pick<PayoutRun, 'run' | 'maker' | 'checkers' | 'checks'>,
): void {
  if (maker === ctx.actor) {
    throw new RefusedError('four_eyes', `run ${run} was made by ${maker}, who cannot approve it`, {
      hint: 'a second person approves, with a login of their own',
    });
  }
  if (wantsChecker(checks) && checkers.includes(ctx.actor)) {
    throw new RefusedError(
      'four_eyes',
      `run ${run} was approved by ${ctx.actor} before, who is one checker and not two`,
      {
        hint: 'another person approves it, too, with a login of their own',
      },
    );
  }
}

/**
 * Approves a run as the second person: binds the approval to the content hash. A run that sends more than the limit wants two
 * checkers; the last one that it wants makes its pending payouts ready. With `contentHash` it is refused unless the run has
 * exactly that content: what the approver looked at.
 *
 * Writes. Throws NotFoundError, RefusedError `run_approved`, `run_differs`, `nothing_to_approve`, and `four_eyes` when
 * the login made the run itself or approved it before, which the database says. Source: SEMANTICS §7.
 */
export async function approveRun(
  ctx: Context,
  request: { readonly run: number; readonly contentHash?: string | undefined; readonly note?: string | undefined },
): Promise<ApprovedRun> {
  return await ctx.write(async (tx) => {
    const run = await findRun(tx, request.run);
    if (request.contentHash !== undefined && !run.contentHash.startsWith(request.contentHash)) {
      throw new RefusedError(
        'run_differs',
        `run ${run.id} has content ${run.contentHash.slice(0, 12)}, not ${request.contentHash}`,
        {
          hint: `look at it again: revshare payout show ${run.id}`,
        },
      );
    }
    if (!wantsChecker(run.checks)) {
      throw new RefusedError('run_approved', `run ${run.id} was approved by ${run.approvedBy.join(' and ')} before`, {
        hint: `revshare payout submit ${run.id}`,
        details: { approved_by: run.approvedBy, approved_at: run.approvedAt },
      });
    }
    const pending = (await payoutStates(tx, { runId: run.id })).filter((payout) => payout.status === 'pending');
    if (pending.length === 0) {
      throw new RefusedError('nothing_to_approve', `run ${run.id} has no pending payout`, {
        hint: run.payouts === 0 ? 'it only recorded what was left out, and why' : 'all of them were taken out',
      });
    }
    await insertApproval(tx, { runId: run.id, contentHash: run.contentHash, note: request.note ?? null });
    // The approval holds the run to the commit: who approved it meanwhile is seen.
    const { checks, approvedBy } = await findRun(tx, run.id);
    const done = !wantsChecker(checks);
    if (done) {
      await recordChanges(tx, { status: 'ready', payouts: pending.map(({ id }) => ({ payoutId: id, reason: null })) });
    }
    const stands = { run: run.id, statuses: [done ? 'ready' : 'pending'] as const, ascending: true };
    return {
      run: run.id,
      cutoff: run.cutoff,
      contentHash: run.contentHash,
      maker: run.createdBy,
      checker: ctx.actor,
      checkers: approvedBy,
      checks: checksView(checks),
      payouts: (await listPayoutRows(tx, stands, pending.length, 0)).map(payoutView),
    };
  });
}
