import type { Connection } from '../../db/connection.ts';
import { partnerAt } from '../../db/queries/instances.ts';
import { insertState, insertSubscription, insertTerms, selectSubscriptions } from '../../db/queries/subscriptions.ts';
import { planPriceOn } from '../../db/queries/prices.ts';
import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import type { BillingCycle } from '../../domain/billing-cycles.ts';
import { parseAccountCode, parseCode } from '../../domain/codes.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { assertTerritory } from '../../domain/partner-limits.ts';
import { parsePrice } from '../../domain/prices.ts';
import { findAccount } from '../account/find-account.ts';
import type { Context } from '../context.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { limitsOn } from '../partner-terms/limits-on.ts';
import { findPlan } from '../plan/find-plan.ts';
import { today } from '../today.ts';
import { assertUnitsInRange, assertWithinTerms } from './assert-within-terms.ts';
import { findSubscription } from './find-subscription.ts';
import { subscriptionViews, type Subscription } from './subscription-view.ts';

export interface NewSubscription {
  readonly code: string;
  readonly plan: string;
  readonly cycle: BillingCycle;
  /** Of this instance as a whole … */
  readonly instance?: string | undefined;
  /** … or of one account, INSTANCE/CODE. */
  readonly account?: string | undefined;
  readonly currency: string;
  /** Whose price of the book it takes; default the account's country. */
  readonly region?: string | undefined;
  readonly quantity?: number | undefined;
  /** Of a unit a cycle; default what the price book says on the first day. */
  readonly wholesale?: string | undefined;
  readonly price?: string | undefined;
  /** First day; default today. */
  readonly from?: string | undefined;
  /** First day it is no trial any more, and active. */
  readonly trialUntil?: string | undefined;
}

/**
 * Begins a subscription, on trial or active, at the prices of the book unless others were agreed. Writes.
 * Throws UsageError `code_invalid`, `subscription_of`, `trial_empty`, `amount_out_of_range` and for prices that cannot be; NotFoundError for what
 * it names and is not there; RefusedError `subscription_exists`, `no_agreement`, `price_unknown`, `terms_exceeded`.
 */
export async function createSubscription(ctx: Context, input: NewSubscription): Promise<Subscription> {
  const code = parseCode(input.code);
  const { from = today(ctx), trialUntil, quantity = 1, cycle, currency } = input;
  if (trialUntil !== undefined && trialUntil <= from) {
    throw new UsageError('trial_empty', `a trial from ${from} until ${trialUntil} has no day`, {
      hint: '--trial-until is the first day it is active',
    });
  }
  return await ctx.write(async (tx) => {
    if ((await selectSubscriptions(tx, { code }, from, { limit: 1, offset: 0 })).length > 0) {
      throw new RefusedError('subscription_exists', `there is already a subscription '${code}'`, {
        hint: '`revshare subscription resume` starts a cancelled one again',
      });
    }
    const { instance, instanceId, accountId, country } = await subscriber(tx, input);
    const chargedFrom = trialUntil ?? from;
    // Its cycles could never be charged, and charging refuses a period as a whole.
    if ((await partnerAt(tx, instanceId, chargedFrom)) === null) {
      throw new RefusedError('no_agreement', `nobody earns at ${instance} on ${chargedFrom}: nobody would owe it`, {
        hint: `\`revshare instance show ${instance}\` shows since when somebody does`,
      });
    }
    const plan = await findPlan(tx, input.plan);
    const region = input.region ?? country;
    const book = await planPriceOn(tx, { planId: plan.id, cycle, region, currency }, from);
    const amount = (text: string | undefined, ofBook: bigint | null | undefined): bigint => {
      if (text !== undefined) return parsePrice(text, currency);
      if (ofBook != null) return ofBook;
      const where = region === null ? '' : ` in ${region}`;
      throw new RefusedError(
        'price_unknown',
        `the book has no price of ${plan.code}/${cycle} in ${currency}${where} on ${from}`,
        {
          hint: 'say it with `revshare price-book set`, or give --wholesale and --price',
        },
      );
    };
    const terms = {
      quantity,
      wholesaleMinor: amount(input.wholesale, book?.wholesaleMinor),
      priceMinor: amount(input.price, book?.listMinor),
    };
    assertUnitsInRange(terms, currency);
    const limited = await limitsOn(tx, instanceId, from);
    if (limited !== null && accountId !== null) assertTerritory(limited.code, limited.limits, country);
    await assertWithinTerms(tx, { instanceId, plan: plan.code, cycle, region, currency }, terms, from);
    const knownSeq = await drawKnownSeq(tx, `subscription ${code} begins`);
    const subscriptionId = await insertSubscription(tx, {
      ...{ code, instanceId, accountId, planId: plan.id, cycle, currency },
      region,
    });
    await insertTerms(tx, { subscriptionId, ...terms, valid: { from, to: null }, knownSeq });
    const begun = { subscriptionId, reason: null, knownSeq, ordinal: 1, startsOn: from };
    await insertState(tx, { ...begun, status: trialUntil === undefined ? 'active' : 'trial' });
    if (trialUntil !== undefined) {
      await insertState(tx, { ...begun, status: 'active', ordinal: 2, startsOn: trialUntil });
    }
    const [view] = await subscriptionViews(tx, [await findSubscription(tx, code, from)], from);
    return view!;
  });
}

/** Whose it is. @throws UsageError `subscription_of` unless it is exactly one instance or account */
async function subscriber(
  tx: Connection,
  { instance, account }: Pick<NewSubscription, 'instance' | 'account'>,
): Promise<{ instance: string; instanceId: number; accountId: number | null; country: string | null }> {
  if ((instance === undefined) === (account === undefined)) {
    throw new UsageError('subscription_of', 'a subscription is of an instance or of an account', {
      hint: 'give --instance CODE or --account INSTANCE/CODE',
    });
  }
  if (account === undefined) {
    return { instance: instance!, instanceId: await findInstanceId(tx, instance!), accountId: null, country: null };
  }
  const code = parseAccountCode(account);
  const { id, country } = await findAccount(tx, code);
  return { instance: code.instance, instanceId: await findInstanceId(tx, code.instance), accountId: id, country };
}
