import type { Connection } from '../../db/connection.ts';
import { readOneMoment } from '../../db/queries/as-of.ts';
import type { LedgerUntil } from '../../db/queries/ledger.ts';
import { isDate } from '../../domain/dates.ts';
import type { Context } from '../context.ts';
import { resolveMoment } from '../export/moment.ts';

/**
 * Reads the ledger as of what `--as-of` says, in one snapshot: a date means posting dates up to it, inclusive; an instant
 * means what had been posted by then. Reads only. Throws UsageError for an instant that cannot be.
 */
export async function readLedgerAsOf<T>(
  ctx: Context,
  asOf: string | null,
  read: (tx: Connection, until: LedgerUntil) => Promise<T>,
): Promise<T> {
  return await ctx.db.transaction(async (tx) => {
    await readOneMoment(tx);
    if (asOf === null) return await read(tx, null);
    const text = asOf.trim();
    return await read(tx, isDate(text) ? { date: text } : { moment: await resolveMoment(tx, text, ctx.zone) });
  });
}
