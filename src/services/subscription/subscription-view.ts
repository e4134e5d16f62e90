import type { Connection } from '../../db/connection.ts';
import {
  statesOf,
  termsOf,
  type StateRow,
  type SubscriptionRow,
  type TermsRow,
} from '../../db/queries/subscriptions.ts';
import type { BillingCycle } from '../../domain/billing-cycles.ts';
import { groupBy } from '../../domain/maps.ts';
import { formatMinor } from '../../domain/money.ts';
import { cycleOf, effectiveStates, stateOn, type SubscriptionStatus } from '../../domain/subscription-status.ts';
import { versionOn } from '../versions/say-over.ts';

/** A subscription as it is on a day. Amounts are decimal strings of its currency. */
export interface Subscription {
  readonly code: string;
  readonly instance: string;
  readonly account: string | null;
  readonly plan: string;
  readonly cycle: BillingCycle;
  /** Null before it begins. */
  readonly status: SubscriptionStatus | null;
  readonly quantity: number | null;
  readonly currency: string;
  readonly region: string | null;
  /** Of one unit a cycle: what it costs the partner, and what the partner asks for it. */
  readonly wholesale: string | null;
  readonly price: string | null;
  /** Of all units a cycle: what the partner keeps; below zero where it asks less than it pays. */
  readonly margin: string | null;
  readonly startedOn: string;
  /** The cycle of the day. */
  readonly cycleFrom: string | null;
  readonly cycleTo: string | null;
  /** What is planned: 'cancelled on 2026-12-31'. */
  readonly next: string | null;
  readonly createdBy: string;
  readonly recordedAt: string;
}

/** Subscriptions on a day, each with its states and terms. Reads only. */
export async function subscriptionViews(
  tx: Connection,
  rows: readonly SubscriptionRow[],
  day: string,
): Promise<Subscription[]> {
  const ids = rows.map(({ id }) => id);
  const states = groupBy(await statesOf(tx, ids), ({ subscriptionId }) => subscriptionId);
  const terms = groupBy(await termsOf(tx, ids), ({ subscriptionId }) => subscriptionId);
  // None is without both: the database sees to it.
  return rows.map((row) => subscriptionView(row, states.get(row.id)!, terms.get(row.id)!, day));
}

function subscriptionView(
  row: SubscriptionRow,
  states: readonly StateRow[],
  terms: readonly TermsRow[],
  day: string,
): Subscription {
  const { code, instance, account, plan, cycle, currency, region, createdBy, recordedAt } = row;
  const startedOn = effectiveStates(states)[0]!.startsOn;
  const says = versionOn(terms, day < startedOn ? startedOn : day);
  const days = cycleOf(states, cycle, day);
  const status = stateOn(states, day)?.status ?? null;
  const next = effectiveStates(states).find((state) => state.startsOn > day && state.status !== status) ?? null;
  const money = (minor: bigint | undefined) => (minor === undefined ? null : formatMinor(minor, currency));
  return {
    ...{ code, instance, account, plan, cycle, currency, region, startedOn, createdBy, recordedAt },
    status,
    quantity: says?.quantity ?? null,
    wholesale: money(says?.wholesaleMinor),
    price: money(says?.priceMinor),
    margin: money(says === undefined ? undefined : marginOf(says)),
    cycleFrom: days?.from ?? null,
    cycleTo: days?.to ?? null,
    next: next === null ? null : `${next.status} on ${next.startsOn}`,
  };
}

/** What the partner keeps of a cycle. */
export function marginOf({
  quantity,
  priceMinor,
  wholesaleMinor,
}: Pick<TermsRow, 'quantity' | 'priceMinor' | 'wholesaleMinor'>): bigint {
  return (priceMinor - wholesaleMinor) * BigInt(quantity);
}
