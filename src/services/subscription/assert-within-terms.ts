import type { Connection } from '../../db/connection.ts';
import { wholesaleOwed } from '../../db/queries/partner-terms.ts';
import { planPriceOn } from '../../db/queries/prices.ts';
import type { TermsSay } from '../../db/queries/subscriptions.ts';
import type { BillingCycle } from '../../domain/billing-cycles.ts';
import { assertAgreement } from '../../domain/partner-limits.ts';
import { assertInRange } from '../../domain/prices.ts';
import { limitsOn } from '../partner-terms/limits-on.ts';
import { findPlan } from '../plan/find-plan.ts';

/** Returns when the books can hold what all units cost a cycle. @throws UsageError `amount_out_of_range` */
export function assertUnitsInRange({ quantity, wholesaleMinor, priceMinor }: TermsSay, currency: string): void {
  const units = BigInt(quantity);
  assertInRange(wholesaleMinor * units, currency, 'what all units cost the partner');
  assertInRange(priceMinor * units, currency, 'the price of all units');
}

/** A subscription as far as its partner's authority is about it. */
export interface LimitedSubscription {
  readonly instanceId: number;
  readonly plan: string;
  readonly cycle: BillingCycle;
  readonly region: string | null;
  readonly currency: string;
}

/**
 * Returns when whoever earns at the instance on a day may agree these terms. Reads only.
 * @throws RefusedError `terms_exceeded` naming the limit, its value and what was asked
 */
export async function assertWithinTerms(
  tx: Connection,
  subscription: LimitedSubscription,
  { quantity, priceMinor, wholesaleMinor }: TermsSay,
  day: string,
): Promise<void> {
  const { instanceId, cycle, region, currency } = subscription;
  const partner = await limitsOn(tx, instanceId, day);
  if (partner === null) return;
  const plan = await findPlan(tx, subscription.plan);
  const book = await planPriceOn(tx, { planId: plan.id, cycle, region, currency }, day);
  const units = BigInt(quantity);
  assertAgreement(partner.code, partner.limits, {
    ...{ product: plan.product, currency, price: priceMinor * units, wholesale: wholesaleMinor * units },
    list: book === null ? null : book.listMinor! * units,
    owed: await wholesaleOwed(tx, partner.id, currency),
  });
}
