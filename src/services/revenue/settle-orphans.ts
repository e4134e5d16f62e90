import { rateUnlinkedOrphan } from '../accrual/rate-orphan.ts';
import type { Act } from '../../domain/acts.ts';
import { RefusedError } from '../../domain/errors.ts';
import { requestView, type Request } from '../approval/list-requests.ts';
import { askFor } from '../approval/request.ts';
import type { Context } from '../context.ts';
import { showRevenue } from './list-revenue.ts';

/**
 * Asks to settle orphans: each posts as a credit that names no sale, at the rules of its own day, and counts in no sale
 * that may still come. Writes. Throws NotFoundError, RefusedError `ambiguous_event`, `no_orphan`. Source: SEMANTICS §4.
 */
export async function askForSettlement(ctx: Context, orphans: readonly string[], reason: string): Promise<Request> {
  return await ctx.write(async (tx) => {
    const acts: Act[] = [];
    const names: string[] = [];
    for (const reference of orphans) {
      const event = await showRevenue(ctx, reference);
      const name = `${event.kind} ${event.source}:${event.externalId}`;
      const legs = event.voided ? null : await rateUnlinkedOrphan(tx, event.id);
      if (legs === null) {
        throw new RefusedError(
          'no_orphan',
          `${name} is no orphan: it has no sale, its sale is known, or it is undecided`,
          {
            hint: '`revshare revenue orphans` lists them',
          },
        );
      }
      names.push(name);
      acts.push({
        kind: 'adjustment',
        instance_id: legs.instanceId,
        currency: event.currency,
        regards_id: event.id,
        legs: legs.legs,
      });
    }
    const about = `settlement of ${names[0]}${names.length > 1 ? ` and ${names.length - 1} more` : ''}`;
    return requestView(await askFor(ctx, tx, { kind: 'settlement', reason, terms: { about }, acts }));
  });
}
