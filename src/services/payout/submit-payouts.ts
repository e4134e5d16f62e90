import { listPayoutRows } from '../../db/queries/payouts.ts';
import { recordChanges, standings, type Standing } from '../../db/queries/payout-states.ts';
import { register, type RegisterFile } from '../../rails/register.ts';
import type { Context } from '../context.ts';
import { obstacleOf } from './compose-run.ts';
import { moveAndPost, payoutsToMove, type PayoutSelection } from './move-payouts.ts';

export interface SubmittedPayouts {
  readonly submitted: readonly string[];
  /** What could no longer be paid, and why; its lines are free for the next run. */
  readonly cancelled: readonly { readonly number: string; readonly partner: string; readonly reason: string }[];
  /** What to pay by hand. Null when nothing is left to pay. */
  readonly register: RegisterFile | null;
}

/**
 * Sends ready payouts on their way: looks at partners and holds again and cancels by name what fails, takes the rest out
 * of the wallets (in transit) and hands it to the register rail. The books commit first; the register is a function of
 * them and can be made again at any time (`payoutRegister`), so a crash in between loses nothing.
 *
 * Writes. Throws NotFoundError, RefusedError `payout_status`, `nothing_to_do`. Source: SEMANTICS §7.
 */
export async function submitPayouts(ctx: Context, selection: PayoutSelection): Promise<SubmittedPayouts> {
  const { submitted, cancelled } = await ctx.write(async (tx) => {
    const ready = await payoutsToMove(tx, selection, ['ready'], 'processing');
    const looked = (
      await standings(
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
    await moveAndPost(ctx, tx, {
      status: 'processing',
      payouts: good.map(({ id }) => ({ payoutId: id, reason: null })),
    });
    const rows = await listPayoutRows(tx, { numbers: good.map(({ number }) => number) }, good.length, 0);
    return {
      submitted: rows.reverse(),
      cancelled: failed.map(({ number, partner, reason }) => ({ number, partner, reason: reason ?? '' })),
    };
  });
  return {
    submitted: submitted.map((payout) => payout.number),
    cancelled,
    register: submitted.length === 0 ? null : register.send({ programme: ctx.programme, payouts: submitted }),
  };
}

function failing(standing: Standing): string | null {
  return (
    obstacleOf({ status: standing.partnerStatus, house: standing.house }) ??
    (standing.hold === null ? null : `held: ${standing.hold}`)
  );
}

/** What to pay by hand, again: of a run or by number, everything that is with the bank now. Null for nothing. Reads only. @public its command comes with `payout` */
export async function payoutRegister(ctx: Context, selection: PayoutSelection): Promise<RegisterFile | null> {
  const filter = 'run' in selection ? { run: selection.run } : { numbers: selection.numbers };
  const rows = await listPayoutRows(ctx.db, { ...filter, status: 'processing' }, 1_000_000, 0);
  return rows.length === 0 ? null : register.send({ programme: ctx.programme, payouts: rows.reverse() });
}
