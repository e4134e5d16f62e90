import { ledgerSpan } from '../../db/queries/ledger.ts';
import { addDays, parsePeriod, type Period } from '../../domain/dates.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';

/**
 * The posting dates of an export: of a period as typed; or from the first there is up to, not including, `to`; or all of
 * them. Reads only. Throws UsageError for a period that cannot be.
 */
export async function ledgerPeriod(
  ctx: Context,
  asked: { readonly period?: string | undefined; readonly to?: string | undefined },
): Promise<Period> {
  const day = today(ctx);
  if (asked.period !== undefined) return parsePeriod(asked.period, day);
  const span = await ledgerSpan(ctx.db);
  const last = asked.to === undefined ? (span?.last ?? day) : addDays(asked.to, -1);
  const first = span === null || span.first > last ? last : span.first;
  return parsePeriod(`${first}..${last}`, day);
}
