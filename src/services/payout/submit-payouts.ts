import { registerRows } from '../../db/queries/payout-registers.ts';
import { recordChanges, obstaclesOf, type Obstacles } from '../../db/queries/payout-states.ts';
import type { PayoutSelection } from '../../domain/payout-number.ts';
import { register, type RegisterFile } from '../../rails/register.ts';
import type { Context } from '../context.ts';
import { obstacleOf } from './compose-run.ts';
import { moveAndPost, payoutsToMove } from './move-payouts.ts';

export interface SubmittedPayouts {
  readonly submitted: readonly string[];
  /** What could no longer be paid, and why; its lines are free for the next run. */
  readonly cancelled: readonly { readonly number: string; readonly partner: string; readonly reason: string }[];
  /** What to pay by hand. Null when nothing is left to pay. */
  readonly register: RegisterFile | null;
}

/**
 * Sends ready payouts on their way: looks at partners, holds and instruments again and cancels by name what fails, takes the rest out
 * of the wallets (in transit) and hands it to the register rail. The register is a function of what was committed and can
 * be made again at any time (`payoutRegister`), so a crash before it is written loses nothing.
 *
 * Writes. Throws NotFoundError, RefusedError `payout_status`, `nothing_to_do`. Source: SEMANTICS §7.
 */
export async function submitPayouts(ctx: Context, selection: PayoutSelection): Promise<SubmittedPayouts> {
  return await ctx.write(async (tx) => {
    const ready = await payoutsToMove(tx, selection, 'processing');
    const looked = (
      await obstaclesOf(
        tx,
        ready.map((payout) => payout.id),
      )
    ).map((standing) => ({
      ...standing,
      reason: failing(standing),
    }));
    const failed = looked.filter((one) => one.reason !== null);
    const good = looked.filter((one) => one.reason === null);
    await recordChanges(tx, {
      status: 'cancelled',
      payouts: failed.map(({ id, reason }) => ({ payoutId: id, reason })),
    });
    const submission = await moveAndPost(ctx, tx, {
      status: 'processing',
      payouts: good.map(({ id }) => ({ payoutId: id, reason: null })),
    });
    return {
      submitted: good.map(({ number }) => number),
      cancelled: failed.map(({ number, partner, reason }) => ({ number, partner, reason: reason ?? '' })),
      register:
        submission === null
          ? null
          : register.send({ programme: ctx.programme, payouts: await registerRows(tx, submission) }),
    };
  });
}

function failing({ partnerStatus, house, hold, instrument }: Obstacles): string | null {
  return obstacleOf({ status: partnerStatus, house }) ?? (hold === null ? instrument : `held: ${hold}`);
}
