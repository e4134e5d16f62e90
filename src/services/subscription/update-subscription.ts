import type { Connection } from '../../db/connection.ts';
import {
  insertTerms,
  lockSubscription,
  retireTerms,
  statesOf,
  termsOf,
  type SubscriptionRow,
  type TermsSay,
} from '../../db/queries/subscriptions.ts';
import { assertSomeDay, intersect, rangeText, type Days } from '../../domain/date-ranges.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { parsePrice } from '../../domain/prices.ts';
import { effectiveStates } from '../../domain/subscription-status.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { drawOnce, sayOver, type VersionStore } from '../versions/say-over.ts';
import { assertUnitsInRange, assertWithinTerms } from './assert-within-terms.ts';
import { findSubscription } from './find-subscription.ts';
import { subscriptionViews, type Subscription } from './subscription-view.ts';

export interface SubscriptionUpdate {
  readonly price?: string | undefined;
  readonly wholesale?: string | undefined;
  readonly quantity?: number | undefined;
  /** First day; default today. */
  readonly from?: string | undefined;
  /** First day it is no longer so; default never. */
  readonly to?: string | undefined;
}

/**
 * Says what a subscription costs over `[from, to)`: what is not given stays as it was, and so does what it cost on other
 * days. Sales that took its wholesale price keep what they took, and cycles that were charged stay charged. Writes, unless
 * it says exactly this already. Throws UsageError `nothing_to_change`, `window_empty`, `amount_out_of_range`, NotFoundError
 * `subscription_not_found`, RefusedError `subscription_not_begun`, `terms_exceeded`.
 */
export async function updateSubscription(
  ctx: Context,
  code: string,
  update: SubscriptionUpdate,
): Promise<{ subscription: Subscription; changed: boolean }> {
  const { from = today(ctx), to = null, price, wholesale, quantity } = update;
  if (price === undefined && wholesale === undefined && quantity === undefined) {
    throw new UsageError('nothing_to_change', `nothing is said of subscription ${code}`, {
      hint: 'give --price, --wholesale or --quantity',
    });
  }
  const days = { from, to };
  assertSomeDay(days);
  return await ctx.write(async (tx) => {
    const row = await findSubscription(tx, code, from);
    await lockSubscription(tx, row.id);
    const begins = effectiveStates(await statesOf(tx, [row.id]))[0]!.startsOn;
    if (from < begins) {
      throw new RefusedError('subscription_not_begun', `subscription ${code} begins on ${begins}, after ${from}`);
    }
    const given = {
      ...(price === undefined ? {} : { priceMinor: parsePrice(price, row.currency) }),
      ...(wholesale === undefined ? {} : { wholesaleMinor: parsePrice(wholesale, row.currency) }),
      ...(quantity === undefined ? {} : { quantity }),
    };
    const draw = drawOnce(tx, `subscription ${code} costs otherwise ${rangeText(days)}`);
    const change = (was: TermsSay | null) => {
      if (was === null) return null;
      const says = { ...was, ...given };
      assertUnitsInRange(says, row.currency);
      return says;
    };
    const changed = await sayOver(termsStore(tx, row), days, change, draw);
    if (changed) await assertAllWithinTerms(tx, row, days);
    const [subscription] = await subscriptionViews(tx, [row], from);
    return { subscription: subscription!, changed };
  });
}

/** Each stretch of the days on its first day: one that was to cost otherwise later changes too. Throws `terms_exceeded`. */
async function assertAllWithinTerms(tx: Connection, row: SubscriptionRow, days: Days): Promise<void> {
  for (const says of await termsOf(tx, [row.id])) {
    const first = says.retiredSeq === null ? intersect(says.valid, days)?.from : null;
    if (first != null) await assertWithinTerms(tx, row, says, first);
  }
}

function termsStore(tx: Connection, { id: subscriptionId }: SubscriptionRow): VersionStore<TermsSay> {
  return {
    read: async () =>
      (await termsOf(tx, [subscriptionId])).map(({ id, valid, retiredSeq, quantity, wholesaleMinor, priceMinor }) => ({
        ...{ id, valid, retiredSeq },
        says: { quantity, wholesaleMinor, priceMinor },
      })),
    retire: async (ids, knownSeq) => await retireTerms(tx, ids, knownSeq),
    insert: async ({ valid, says, knownSeq }) => await insertTerms(tx, { subscriptionId, ...says, valid, knownSeq }),
    text: ({ quantity, wholesaleMinor, priceMinor }) => `${quantity} ${wholesaleMinor} ${priceMinor}`,
  };
}
