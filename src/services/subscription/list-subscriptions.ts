import type { Page } from '../../db/queries/order.ts';
import { selectSubscriptions, statesOf, termsOf } from '../../db/queries/subscriptions.ts';
import { parseAccountCode } from '../../domain/codes.ts';
import { formatMinor } from '../../domain/money.ts';
import type { SubscriptionStatus } from '../../domain/subscription-status.ts';
import { findAccount } from '../account/find-account.ts';
import type { Context } from '../context.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { findPartner } from '../partner/find-partner.ts';
import { findPlan } from '../plan/find-plan.ts';
import { today } from '../today.ts';
import { findSubscription } from './find-subscription.ts';
import { marginOf, subscriptionViews, type Subscription } from './subscription-view.ts';

export type { Subscription } from './subscription-view.ts';

export interface SubscriptionFilter {
  readonly instance?: string | undefined;
  /** INSTANCE/CODE. */
  readonly account?: string | undefined;
  /** Who earns at its instance. */
  readonly partner?: string | undefined;
  readonly plan?: string | undefined;
  readonly status?: SubscriptionStatus | undefined;
  /** As they are on this day; default today. */
  readonly on?: string | undefined;
}

/** Subscriptions by code, as they are on a day. Reads only. Throws NotFoundError for what a filter names and is not there. */
export async function listSubscriptions(ctx: Context, filter: SubscriptionFilter, page: Page): Promise<Subscription[]> {
  const { instance, account, partner, plan, status, on = today(ctx) } = filter;
  const named = {
    instanceId: instance === undefined ? undefined : await findInstanceId(ctx.db, instance),
    accountId: account === undefined ? undefined : (await findAccount(ctx.db, parseAccountCode(account))).id,
    partnerId: partner === undefined ? undefined : (await findPartner(ctx.db, partner, on)).id,
    planId: plan === undefined ? undefined : (await findPlan(ctx.db, plan)).id,
    status,
  };
  return await subscriptionViews(ctx.db, await selectSubscriptions(ctx.db, named, on, page), on);
}

/** One subscription as it is on a day, by default today. Reads only. Throws NotFoundError `subscription_not_found`. */
export async function showSubscription(ctx: Context, code: string, on: string = today(ctx)): Promise<Subscription> {
  const [view] = await subscriptionViews(ctx.db, [await findSubscription(ctx.db, code, on)], on);
  return view!;
}

/** One thing that was said of a subscription: what it becomes, or what it costs over some days. */
export interface SubscriptionChange {
  readonly knownSeq: number;
  readonly what: 'state' | 'terms';
  readonly status: SubscriptionStatus | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly quantity: number | null;
  readonly wholesale: string | null;
  readonly price: string | null;
  readonly margin: string | null;
  readonly reason: string | null;
  /** The change that retired the terms; null while they hold. */
  readonly retiredSeq: number | null;
  readonly by: string;
  readonly recordedAt: string;
}

/** Everything that was ever said of a subscription, in the order in which it was. Reads only. */
export async function subscriptionHistory(ctx: Context, code: string, page: Page): Promise<SubscriptionChange[]> {
  const { id, currency } = await findSubscription(ctx.db, code, today(ctx));
  const blank = { status: null, quantity: null, wholesale: null, price: null, margin: null, reason: null };
  const states = (await statesOf(ctx.db, [id])).map((row): SubscriptionChange => {
    const { knownSeq, status, startsOn, reason, createdBy: by, recordedAt } = row;
    return {
      ...blank,
      what: 'state',
      knownSeq,
      status,
      from: startsOn,
      to: null,
      reason,
      retiredSeq: null,
      by,
      recordedAt,
    };
  });
  const terms = (await termsOf(ctx.db, [id])).map((row): SubscriptionChange => {
    const { knownSeq, quantity, wholesaleMinor, priceMinor, valid, retiredSeq, createdBy: by, recordedAt } = row;
    return {
      ...{ ...blank, what: 'terms', knownSeq, ...valid, quantity, retiredSeq, by, recordedAt },
      wholesale: formatMinor(wholesaleMinor, currency),
      price: formatMinor(priceMinor, currency),
      margin: formatMinor(marginOf(row), currency),
    };
  });
  const all = [...states, ...terms].sort((a, b) => a.knownSeq - b.knownSeq);
  return all.slice(page.offset, page.offset + page.limit);
}
