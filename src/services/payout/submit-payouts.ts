import type { Connection } from '../../db/connection.ts';
import { paidByHand, registerRows, type RegisterRow } from '../../db/queries/payout-registers.ts';
import { recordChanges } from '../../db/queries/payout-states.ts';
import { UsageError } from '../../domain/errors.ts';
import type { PayoutSelection } from '../../domain/payout-number.ts';
import type { TextChange } from '../../formats/payments/payment.ts';
import { register, type RegisterFile } from '../../rails/register.ts';
import type { Context } from '../context.ts';
import { beginAttempts } from './begin-attempts.ts';
import { moveAndPost, payoutsToMove } from './move-payouts.ts';
import { standInTheWay } from './obstacles.ts';
import { composeFiles, type WrittenFile } from './payout-files.ts';

export interface SubmittedPayouts {
  readonly submitted: readonly string[];
  /** What could no longer be paid, and why; its lines are free for the next run. */
  readonly cancelled: readonly { readonly number: string; readonly partner: string; readonly reason: string }[];
  /** What to pay by hand. Null when nothing is. */
  readonly register: RegisterFile | null;
  /** What goes to a bank or a provider: a file for each rail and currency. */
  readonly files: readonly WrittenFile[];
  /** Texts that a file says otherwise than the books: other letters, or shorter. */
  readonly changes: readonly TextChange[];
  /** Attempts that are committed, and still to be sent to a provider (`sendAttempts`). */
  readonly attempts: readonly number[];
}

/**
 * Sends ready payouts on their way: looks at partners, holds and instruments again and cancels by name what fails, takes the rest out
 * of the wallets (in transit) and hands it to the rails that have a profile, and what none of them pays to to the register.
 * All of these are functions of what was committed and can be made again at any time (`payoutRegister`, `writePayoutFiles`,
 * `resolvePayouts`), so a crash before they are written or sent loses nothing.
 *
 * Without `toFiles` nothing may be left to files.
 *
 * Writes. Throws NotFoundError, UsageError `missing_input`, RefusedError `payout_status`, `nothing_to_do`, and as `composeFiles` and `beginAttempts` do. Source: SEMANTICS §7.
 */
export async function submitPayouts(
  ctx: Context,
  selection: PayoutSelection,
  { live = false, toFiles = true }: { readonly live?: boolean; readonly toFiles?: boolean } = {},
): Promise<SubmittedPayouts> {
  return await ctx.write(async (tx) => {
    const ready = await payoutsToMove(tx, selection, 'processing');
    const looked = await standInTheWay(
      tx,
      ready.map((payout) => payout.id),
    );
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
      ...(submission === null ? NOTHING : await leave(ctx, tx, submission, { live, toFiles })),
    };
  });
}

const NOTHING = { register: null, files: [], changes: [], attempts: [] };

async function leave(
  ctx: Context,
  tx: Connection,
  submission: number,
  { live, toFiles }: { readonly live: boolean; readonly toFiles: boolean },
) {
  const attempts = await beginAttempts(ctx, tx, await registerRows(tx, submission), live);
  const rest = (await registerRows(tx, submission)).filter(({ called }) => !called);
  const composed = await composeFiles(ctx, tx, submission, rest);
  const payouts = paidByHand(await registerRows(tx, submission));
  if (!toFiles && rest.length > 0) {
    const [{ number }] = rest as [RegisterRow];
    throw new UsageError('missing_input', 'missing: --out <file>', {
      hint: `payout ${number} is not called for, and leaves in a file or the register: --out says where`,
      details: { missing: ['--out'] },
    });
  }
  return {
    ...{ ...composed, attempts },
    register: payouts.length === 0 ? null : register.send({ programme: ctx.programme, payouts }),
  };
}
