import type { PostingDay } from '../db/queries/posted-until.ts';
import { UsageError } from '../domain/errors.ts';
import type { Context } from './context.ts';
import { endOf } from './export/moment.ts';
import { today } from './today.ts';

/**
 * The day of the ledger that is asked about, with its end; null, for all there is, where none is.
 * Throws UsageError `as_of_future`.
 */
export function postingDay(ctx: Context, asOf: string | undefined): PostingDay | null {
  if (asOf === undefined) return null;
  const day = today(ctx);
  if (asOf > day) {
    throw new UsageError('as_of_future', `'${asOf}' is not over yet: it is ${day}`, {
      hint: 'leave --as-of out to mean now',
    });
  }
  return { date: asOf, end: new Date(endOf(asOf, ctx.zone)).toISOString() };
}
