import type { Connection } from '../../db/connection.ts';
import { listPayoutRows, type PayoutRow } from '../../db/queries/payouts.ts';
import { railProfileRows } from '../../db/queries/rails.ts';
import type { PayoutSelection } from '../../domain/payout-number.ts';
import { apiRailFor } from '../../rails/api-rails.ts';
import type { Context } from '../context.ts';
import { payoutsToMove } from './move-payouts.ts';

/** Tells of payouts whether a provider is called for them, as the profiles of rails are now; the others leave in files. Reads only. */
export async function calledFor(
  tx: Connection,
): Promise<(payout: Pick<PayoutRow, 'instrument' | 'currency'>) => boolean> {
  const named = new Set((await railProfileRows(tx, null)).map(({ rail }) => rail));
  return ({ instrument, currency }) =>
    apiRailFor(instrument?.kind ?? null, currency, (name) => named.has(name)) !== null;
}

/** Whether submitting these would write a file, of a rail or the register. Reads only; throws as submitting them does. */
export async function leaveInFiles(ctx: Context, selection: PayoutSelection): Promise<boolean> {
  const numbers = (await payoutsToMove(ctx.db, selection, 'processing')).map(({ number }) => number);
  const called = await calledFor(ctx.db);
  return (await listPayoutRows(ctx.db, { numbers }, numbers.length, 0)).some((row) => !called(row));
}
