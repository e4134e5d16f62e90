import type { Connection } from '../../db/connection.ts';
import {
  openPayoutPosting,
  payoutStates,
  postPayouts,
  recordChanges,
  type PayoutChange,
  type PayoutState,
} from '../../db/queries/payout-states.ts';
import type { RunChecksRow } from '../../db/queries/payout-runs.ts';
import { periodBounds } from '../../db/queries/periods.ts';
import { postingDate } from '../../domain/decision-dates.ts';
import { NotFoundError, RefusedError } from '../../domain/errors.ts';
import type { PayoutSelection } from '../../domain/payout-number.ts';
import { assertPayoutTransition, statusesBefore, type PayoutStatus } from '../../domain/payout-status.ts';
import type { Context } from '../context.ts';
import { findRun } from './find-run.ts';
import { checksText, checksView } from './run-checks.ts';
import { today } from '../today.ts';

/**
 * The payouts meant, each of which may go to `to`. Of a run only those that stand where one may: the others went another
 * way and are none of this command's business. Throws NotFoundError, RefusedError `payout_status`, `nothing_to_do`.
 */
export async function payoutsToMove(
  tx: Connection,
  selection: PayoutSelection,
  to: PayoutStatus,
): Promise<PayoutState[]> {
  if ('run' in selection) {
    const from = statusesBefore(to);
    const run = await findRun(tx, selection.run);
    const all = await payoutStates(tx, { runId: run.id });
    const found = all.filter((one) => from.includes(one.status));
    if (found.length === 0) {
      const stands = (one: PayoutStatus) => to === 'processing' && all.some(({ status }) => status === one);
      throw new RefusedError('nothing_to_do', `run ${selection.run} has no payout that is ${from.join(' or ')}`, {
        hint: stands('processing')
          ? `it was submitted; its register is written again by: revshare payout register ${selection.run} --out FILE; ` +
            `what is with providers is asked for by: revshare payout resolve ${selection.run}`
          : stands('pending')
            ? `${approvalsMissing(run.checks)}: revshare payout approve ${selection.run}`
            : `revshare payout list --run ${selection.run}`,
      });
    }
    return found;
  }
  const found = await payoutStates(tx, { numbers: selection.numbers });
  for (const number of selection.numbers) {
    const payout = found.find((one) => one.number === number);
    if (payout === undefined) {
      throw new NotFoundError('payout', number, '`revshare payout list` shows the numbers');
    }
    assertPayoutTransition(number, payout.status, to);
  }
  return found;
}

function approvalsMissing(row: RunChecksRow): string {
  const checks = checksView(row);
  return checks.wanted === 1 ? 'a second person approves it first' : `it has ${checksText(checks)}`;
}

export interface Move {
  readonly status: PayoutStatus;
  readonly payouts: readonly PayoutChange[];
  readonly reference?: string | null;
  readonly valueDate?: string | null;
}

/**
 * Records a change that moves money in the books, together with its posting: today, or in the next open period. Returns
 * the posting; null where nothing moves.
 */
export async function moveAndPost(ctx: Context, tx: Connection, move: Move): Promise<number | null> {
  if (move.payouts.length === 0) {
    return null;
  }
  const posting = await openPayoutPosting(tx);
  await recordChanges(tx, { ...move, postingId: posting });
  await postPayouts(tx, posting, postingDate(today(ctx), (await periodBounds(tx)).openFrom));
  return posting;
}
