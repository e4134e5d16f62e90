import { readOneMoment } from '../../db/queries/as-of.ts';
import { listEarnings as listRows, postedUpTo, type EarningRow } from '../../db/queries/earnings.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { resolveMoment } from '../export/moment.ts';
import { selectEarnings, type EarningsFilter } from './selection.ts';

export interface Earning extends Omit<EarningRow, 'base' | 'amount'> {
  /** EVENT.LEG */
  readonly entry: string;
  /** Decimal strings. */
  readonly base: string;
  readonly amount: string;
}

/**
 * The posted entries of a window of posting dates, in the order of their key, with their status as of now or `asOf`: a
 * page of what `exportEarnings` writes. Reads only. Throws as that does.
 */
export async function listEarnings(
  ctx: Context,
  filter: EarningsFilter & { readonly asOf: string | null },
  page: { readonly limit: number; readonly offset: number },
): Promise<Earning[]> {
  return await ctx.db.transaction(async (tx) => {
    await readOneMoment(tx);
    const moment = await resolveMoment(tx, filter.asOf, ctx.zone);
    const selection = await selectEarnings(tx, filter);
    const rows = await listRows(tx, selection, moment, await postedUpTo(tx, moment), page);
    return rows.map((row) => ({
      ...row,
      entry: `${row.eventId}.${row.leg}`,
      base: formatMinor(BigInt(row.base), row.saleCurrency),
      amount: formatMinor(BigInt(row.amount), row.currency),
    }));
  });
}
