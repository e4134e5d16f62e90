import { isDeepStrictEqual } from 'node:util';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { limitsOf, limitTerms, type LimitOf } from './limits.ts';
import { requestView, type Request } from './list-requests.ts';
import { askFor } from './request.ts';

export interface AskedLimit {
  readonly of: LimitOf;
  readonly currency: string;
  /** As typed; null takes the limit of runs away, whatever they send. */
  readonly amount: string | null;
  readonly reason: string;
}

/**
 * Asks for another sum up to which one person may act alone, per request and currency (0: never), or up to which one checker
 * is enough for a payout run and currency (null: always). Raised or lowered, it wants a second person, or it would bind nobody.
 * Writes. Throws UsageError for the amount.
 */
export async function askForLimit(ctx: Context, { of, currency, amount, reason }: AskedLimit): Promise<Request> {
  const minor = amount === null ? null : parseDecimal(amount, currency);
  if (minor !== null && (minor < 0n || minor > BigInt(Number.MAX_SAFE_INTEGER))) {
    throw new UsageError('amount_out_of_range', `a limit is 0 or more, not ${amount}`);
  }
  if (minor === null && of === 'request') {
    throw new UsageError(
      'amount_out_of_range',
      'none is said of payout runs only: one person acts alone up to some amount',
      {
        hint: '0: never alone; with --payouts, none: one checker is always enough',
      },
    );
  }
  return await ctx.write(async (tx) => {
    const was = await limitsOf(ctx, tx, of);
    const { [currency]: _, ...others } = was;
    const value = minor === null ? others : { ...others, [currency]: Number(minor) };
    if (isDeepStrictEqual(value, was)) {
      throw new RefusedError('nothing_to_change', `that is the limit already: \`revshare approval limits\` lists them`);
    }
    const who = of === 'request' ? 'one person alone' : 'one checker for a run';
    const upTo =
      minor === null ? `, whatever it sends in ${currency}` : ` up to ${formatMinor(minor, currency)} ${currency}`;
    const about = `${who}${upTo}`;
    return requestView(
      await askFor(ctx, tx, { kind: 'limit', reason, terms: limitTerms(of, about, value, was), acts: [] }),
    );
  });
}
