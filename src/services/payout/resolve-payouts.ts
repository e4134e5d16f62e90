import { attemptRows, type AttemptRow } from '../../db/queries/attempts.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { PayoutSelection } from '../../domain/payout-number.ts';
import type { Context } from '../context.ts';
import { assertPayoutsThere } from './find-run.ts';
import { isOpen, sendAttempts, sentView, type SentPayout } from './send-attempts.ts';

/**
 * Asks providers what became of what is with them, and of what nobody knows whether it arrived; where nothing is named of
 * everything. On a dry run nobody is called: it lists what would be asked for.
 *
 * Writes. Throws NotFoundError, RefusedError `nothing_to_resolve`, and as `sendAttempts` does.
 */
export async function resolvePayouts(ctx: Context, named: readonly PayoutSelection[]): Promise<SentPayout[]> {
  for (const selection of named) await assertPayoutsThere(ctx.db, selection);
  const all = (await attemptRows(ctx.db, { inFlight: true })).filter(isOpen);
  const rows = named.length === 0 ? all : all.filter((row) => named.some((one) => isOf(row, one)));
  if (rows.length === 0 && named.length > 0) {
    throw new RefusedError('nothing_to_resolve', 'nothing of it is with a provider', {
      hint: 'what left by a file or by hand is told by `payout reconcile`, `payout complete` and `payout fail`',
    });
  }
  if (ctx.dryRun) return rows.map(sentView);
  return await sendAttempts(ctx, { ids: rows.map(({ id }) => id) });
}

const isOf = ({ runId, number }: AttemptRow, selection: PayoutSelection) =>
  'run' in selection ? selection.run === runId : selection.numbers.includes(number);
