import { sql } from 'drizzle-orm';
import type { BillingCycle } from '../../domain/billing-cycles.ts';
import type { SubscriptionState, SubscriptionStatus } from '../../domain/subscription-status.ts';
import { list } from '../arrays.ts';
import type { Connection } from '../connection.ts';
import { retiring, type VersionRow } from './dated-versions.ts';
import type { DateRange } from '../schema/column-types.ts';
import { subscriptions, subscriptionStates, subscriptionTerms } from '../schema/subscriptions.ts';
import type { Page } from './order.ts';

export interface SubscriptionRow {
  readonly id: number;
  readonly code: string;
  readonly instanceId: number;
  readonly instance: string;
  /** Of an account; else of the whole instance. */
  readonly account: string | null;
  readonly plan: string;
  readonly planId: number;
  readonly cycle: BillingCycle;
  readonly currency: string;
  readonly region: string | null;
  readonly createdBy: string;
  readonly recordedAt: string;
}

export interface SubscriptionFilter {
  readonly code?: string | undefined;
  readonly instanceId?: number | undefined;
  readonly accountId?: number | undefined;
  /** Of the instances where this partner earns on the day. */
  readonly partnerId?: number | undefined;
  readonly planId?: number | undefined;
  readonly status?: SubscriptionStatus | undefined;
}

/** Subscriptions by code; status and partner are those of a day. */
export async function selectSubscriptions(
  tx: Connection,
  filter: SubscriptionFilter,
  day: string,
  page: Page,
): Promise<SubscriptionRow[]> {
  const { code = null, instanceId = null, accountId = null, partnerId = null, planId = null, status = null } = filter;
  return [
    ...(await tx.sql<SubscriptionRow[]>`
      select s.id::int, s.code, s.instance_id::int as "instanceId", i.code as instance, a.code as account, p.code as plan,
        s.plan_id::int as "planId", s.cycle, s.currency, s.region, s.created_by as "createdBy", s.recorded_at as "recordedAt"
      from subscriptions s join instances i on i.id = s.instance_id join plans p on p.id = s.plan_id
      left join accounts a on a.id = s.account_id
      where (${code}::text is null or s.code = ${code})
        and (${instanceId}::bigint is null or s.instance_id = ${instanceId})
        and (${accountId}::bigint is null or s.account_id = ${accountId})
        and (${planId}::bigint is null or s.plan_id = ${planId})
        and (${partnerId}::bigint is null or exists (select from agreements g where g.instance_id = s.instance_id
          and g.partner_id = ${partnerId} and g.retired_seq is null and g.valid @> ${day}::date))
        and (${status}::text is null or subscription_status(s.id, ${day}) = ${status})
      order by s.code collate "C" limit ${page.limit} offset ${page.offset}`),
  ];
}

export interface StateRow extends SubscriptionState {
  readonly subscriptionId: number;
  readonly reason: string | null;
  readonly knownSeq: number;
  readonly createdBy: string;
  readonly recordedAt: string;
}

/** What these subscriptions became, each in the order in which it was said. Of any number: a list is one parameter. */
export async function statesOf(tx: Connection, ids: readonly number[]): Promise<StateRow[]> {
  if (ids.length === 0) return [];
  return await tx.orm
    .select()
    .from(subscriptionStates)
    .where(sql`${subscriptionStates.subscriptionId} = any(${list(ids)}::bigint[])`)
    .orderBy(subscriptionStates.subscriptionId, subscriptionStates.ordinal);
}

/** What a unit costs the partner a cycle, what the partner asks for it, how many there are. */
export interface TermsSay {
  readonly quantity: number;
  readonly wholesaleMinor: bigint;
  readonly priceMinor: bigint;
}

export interface TermsRow extends VersionRow, TermsSay {
  readonly subscriptionId: number;
}

/** Every version of the terms of these subscriptions, each in the order in which it became known. */
export async function termsOf(tx: Connection, ids: readonly number[]): Promise<TermsRow[]> {
  if (ids.length === 0) return [];
  return await tx.orm
    .select()
    .from(subscriptionTerms)
    .where(sql`${subscriptionTerms.subscriptionId} = any(${list(ids)}::bigint[])`)
    .orderBy(subscriptionTerms.subscriptionId, subscriptionTerms.knownSeq, subscriptionTerms.valid);
}

export const retireTerms = retiring(subscriptionTerms);

export async function insertTerms(
  tx: Connection,
  terms: TermsSay & { readonly subscriptionId: number; readonly valid: DateRange; readonly knownSeq: number },
): Promise<void> {
  await tx.orm.insert(subscriptionTerms).values(terms);
}

export interface NewSubscriptionRow {
  readonly code: string;
  readonly instanceId: number;
  readonly accountId: number | null;
  readonly planId: number;
  readonly cycle: BillingCycle;
  readonly currency: string;
  readonly region: string | null;
}

export async function insertSubscription(tx: Connection, subscription: NewSubscriptionRow): Promise<number> {
  const [row] = await tx.orm.insert(subscriptions).values(subscription).returning({ id: subscriptions.id });
  return row!.id;
}

export async function insertState(
  tx: Connection,
  state: SubscriptionState & {
    readonly subscriptionId: number;
    readonly reason: string | null;
    readonly knownSeq: number;
  },
): Promise<void> {
  await tx.orm.insert(subscriptionStates).values(state);
}

/** Takes the subscription's row, so that what changes it follows each other. Needs no right to update it. */
export async function lockSubscription(tx: Connection, id: number): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || '.subscription.' || ${id}::text, 0))`;
}
