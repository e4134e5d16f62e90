import { UsageError } from '../../domain/errors.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { limitsOf } from './four-eyes-limit.ts';
import { requestView, type Request } from './list-requests.ts';
import { askFor } from './request.ts';

/**
 * Asks for another sum up to which one person may act alone, per request and currency; 0: never. Raised or lowered, it
 * wants a second person, or it would bind nobody. Writes. Throws UsageError for the amount.
 */
export async function askForLimit(
  ctx: Context,
  limit: { readonly currency: string; readonly amount: string; readonly reason: string },
): Promise<Request> {
  const { currency, reason } = limit;
  const amount = parseDecimal(limit.amount, currency);
  if (amount < 0n || amount > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new UsageError('amount_out_of_range', `a limit is 0 or more, not ${limit.amount}`);
  }
  return await ctx.write(async (tx) => {
    const was = await limitsOf(ctx, tx);
    const value = { ...was, [currency]: Number(amount) };
    const about = `one person alone up to ${formatMinor(amount, currency)} ${currency}`;
    return requestView(await askFor(ctx, tx, { kind: 'limit', reason, terms: { about, value, was }, acts: [] }));
  });
}
