import type { Connection } from '../../db/connection.ts';
import { partnerAt } from '../../db/queries/instances.ts';
import { statesOf, termsOf } from '../../db/queries/subscriptions.ts';
import {
  chargeableSubscriptions,
  insertCharge,
  lockWholesale,
  openUsage,
  openWholesalePosting,
  postWholesale,
  wholesaleRows,
  type ChargeableSubscription,
  type NewCharge,
} from '../../db/queries/wholesale.ts';
import { ALL_ROWS } from '../../db/queries/order.ts';
import { cycleOn, nthCycle } from '../../domain/billing-cycles.ts';
import { groupBy } from '../../domain/maps.ts';
import { intersect } from '../../domain/date-ranges.ts';
import { addDays, parsePeriod } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import { assertInRange } from '../../domain/prices.ts';
import { anchorsOf, stateOn, type SubscriptionState } from '../../domain/subscription-status.ts';
import type { Context } from '../context.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { today } from '../today.ts';
import { versionOn } from '../versions/say-over.ts';
import { lineView, sumsOf, type WholesaleLine } from './wholesale-view.ts';

export interface WholesaleCharging {
  /** 2026-10, 2026-Q4, last-month, … */
  readonly period: string;
  /** Default all. */
  readonly instance?: string | undefined;
}

export interface WholesaleCharged {
  readonly period: string;
  readonly cycles: number;
  readonly usage: number;
  /** By currency. */
  readonly amounts: readonly string[];
  /** Null where there was nothing to charge. */
  readonly posting: number | null;
  readonly lines: readonly WholesaleLine[];
}

/**
 * Charges the partners for a period, up to today: each cycle that began in it, in full, at what the subscription cost on
 * its first day, if it was active then; and the usage of its days by the prices of those days, a charge for each instance,
 * meter, currency and month, rounded once. What was charged is not charged again, so that it may run any day. Posted to
 * the receivable of whoever earned there on the day, never to a wallet. Writes in one transaction.
 * @throws UsageError `period_invalid`, `amount_out_of_range`, NotFoundError `instance_not_found`, RefusedError
 *   `price_unknown`, `no_agreement`
 */
export async function chargeWholesale(ctx: Context, asked: WholesaleCharging): Promise<WholesaleCharged> {
  const now = today(ctx);
  const period = parsePeriod(asked.period, now);
  const tomorrow = addDays(now, 1);
  const days = { from: period.from, to: period.to < tomorrow ? period.to : tomorrow };
  return await ctx.write(async (tx) => {
    await lockWholesale(tx);
    const instanceId = asked.instance === undefined ? null : await findInstanceId(tx, asked.instance);
    const cycles = days.from < days.to ? await cycleCharges(tx, instanceId, days) : [];
    const usage = days.from < days.to ? await usageCharges(tx, instanceId, days) : [];
    const charges = [...cycles, ...usage];
    const nothing = { period: period.label, cycles: 0, usage: 0, amounts: [], posting: null, lines: [] };
    if (charges.length === 0) return nothing;
    const posting = await openWholesalePosting(tx);
    for (const charge of charges) await insertCharge(tx, posting, charge);
    await postWholesale(tx, posting);
    const rows = await wholesaleRows(tx, { postingId: posting }, ALL_ROWS);
    const shown = ctx.dryRun ? null : posting;
    return {
      ...{ period: period.label, cycles: cycles.length, usage: usage.length, posting: shown },
      amounts: sumsOf(rows),
      lines: rows.map(lineView),
    };
  });
}

type Period = { readonly from: string; readonly to: string };

async function cycleCharges(tx: Connection, instanceId: number | null, days: Period): Promise<NewCharge[]> {
  const all = await chargeableSubscriptions(tx, instanceId, days.to);
  const ids = all.map(({ id }) => id);
  const states = groupBy(await statesOf(tx, ids), ({ subscriptionId }) => subscriptionId);
  const terms = groupBy(await termsOf(tx, ids), ({ subscriptionId }) => subscriptionId);
  const charges: NewCharge[] = [];
  for (const subscription of all) {
    const { id: subscriptionId, instanceId: at, currency } = subscription;
    for (const { from, to } of cyclesToCharge(subscription, states.get(subscriptionId)!, days)) {
      const says = versionOn(terms.get(subscriptionId)!, from);
      if (says === undefined) continue;
      charges.push({
        ...{
          instanceId: at,
          partnerId: await debtor(tx, subscription, from),
          subscriptionId,
          termsId: says.id,
        },
        ...{ cycle: `[${from},${to})`, meterId: null, currency, quantity: String(says.quantity) },
        ...{ amountMinor: String(says.wholesaleMinor * BigInt(says.quantity)), chargedOn: from, usageIds: [] },
      });
    }
  }
  return charges;
}

/** Cycles that begin in the period, on a day on which the subscription is active, and of which no day was charged. */
function cyclesToCharge(
  { cycle, charged }: ChargeableSubscription,
  states: readonly SubscriptionState[],
  { from, to }: Period,
): Period[] {
  const anchors = anchorsOf(states);
  return anchors.flatMap((anchor, place) => {
    const until = [to, anchors[place + 1] ?? to].sort()[0]!;
    const found: Period[] = [];
    // From the cycle on in which the period begins: an old subscription has many before it.
    let days = cycleOn(anchor, cycle, from) ?? nthCycle(anchor, cycle, 0);
    for (; days.from < until; days = nthCycle(anchor, cycle, days.index + 1)) {
      const due = days.from >= from && stateOn(states, days.from)?.status === 'active';
      if (due && !charged.some((one) => intersect(one, days) !== null)) found.push(days);
    }
    return found;
  });
}

async function usageCharges(tx: Connection, instanceId: number | null, days: Period): Promise<NewCharge[]> {
  const open = await openUsage(tx, instanceId, days);
  return open.map((usage) => {
    const {
      instanceId: at,
      instance,
      partnerId,
      meterId,
      meter,
      currency,
      quantity,
      amountMinor,
      lastDay,
      usageIds,
    } = usage;
    if (partnerId === null) throw nobodyOwes(instance, `usage of ${meter}`, lastDay);
    if (amountMinor === null) {
      throw new RefusedError(
        'price_unknown',
        `the book has no price of ${meter} in ${currency} on ${usage.unpricedOn}, used at ${instance}`,
        { hint: `say it with \`revshare price-book set ${meter} --currency ${currency} --unit-price …\`` },
      );
    }
    assertInRange(BigInt(amountMinor), currency, `what ${quantity} of ${meter} cost at ${instance}`);
    return {
      ...{ instanceId: at, partnerId, subscriptionId: null, termsId: null, cycle: null, meterId, currency, quantity },
      ...{ amountMinor, chargedOn: lastDay, usageIds },
    };
  });
}

async function debtor(tx: Connection, subscription: ChargeableSubscription, day: string): Promise<number> {
  const { code, instance, instanceId } = subscription;
  const partner = await partnerAt(tx, instanceId, day);
  if (partner === null) throw nobodyOwes(instance, `subscription ${code}`, day);
  return partner.id;
}

function nobodyOwes(instance: string, what: string, day: string): RefusedError {
  return new RefusedError('no_agreement', `nobody earned at ${instance} on ${day}: nobody owes ${what}`);
}
