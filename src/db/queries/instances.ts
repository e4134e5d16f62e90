import { and, asc, eq, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Connection } from '../connection.ts';
import { parseDateRange, type DateRange } from '../schema/column-types.ts';
import { agreements, instances } from '../schema/instances.ts';
import { partners } from '../schema/partners.ts';
import { tenants } from '../schema/tenants.ts';
import { byCode, liveOn, type Page } from './order.ts';

export type InstanceStatus = (typeof instances.status.enumValues)[number];

export interface InstanceRow {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly tenant: string;
  /** Whose agreement is in force on the day asked about: who earns. */
  readonly partner: string | null;
  readonly foundingPartner: string;
  readonly status: InstanceStatus;
  readonly foundedOn: string | null;
  readonly createdBy: string;
  readonly recordedAt: string;
}

export interface InstanceFilter {
  readonly tenantId?: number | undefined;
  /** The partner who earns there now, founder or not. */
  readonly partnerId?: number | undefined;
  readonly status?: InstanceStatus | undefined;
}

const founders = alias(partners, 'founders');

function selectRows(tx: Connection, day: string) {
  return tx.orm
    .select({
      id: instances.id,
      code: instances.code,
      name: instances.name,
      tenant: tenants.code,
      partner: partners.code,
      foundingPartner: founders.code,
      status: instances.status,
      foundedOn: instances.foundedOn,
      createdBy: instances.createdBy,
      recordedAt: instances.recordedAt,
    })
    .from(instances)
    .innerJoin(tenants, eq(tenants.id, instances.tenantId))
    .innerJoin(founders, eq(founders.id, instances.partnerId))
    .leftJoin(agreements, and(eq(agreements.instanceId, instances.id), liveOn(agreements, day)))
    .leftJoin(partners, eq(partners.id, agreements.partnerId))
    .$dynamic();
}

/** Instances by code, with the partner who earns on a day. */
export async function selectInstances(
  tx: Connection,
  filter: InstanceFilter,
  day: string,
  page: Page,
): Promise<InstanceRow[]> {
  return await selectRows(tx, day)
    .where(
      and(
        filter.tenantId === undefined ? undefined : eq(instances.tenantId, filter.tenantId),
        filter.partnerId === undefined ? undefined : eq(agreements.partnerId, filter.partnerId),
        filter.status === undefined ? undefined : eq(instances.status, filter.status),
      ),
    )
    .orderBy(byCode(instances.code))
    .limit(page.limit)
    .offset(page.offset);
}

export async function instanceByCode(tx: Connection, code: string, day: string): Promise<InstanceRow | null> {
  const [row] = await selectRows(tx, day).where(eq(instances.code, code));
  return row ?? null;
}

/** The identity of an instance alone: for whoever wants to hang something on it. */
export async function instanceIdByCode(tx: Connection, code: string): Promise<number | null> {
  const [row] = await tx.orm.select({ id: instances.id }).from(instances).where(eq(instances.code, code));
  return row?.id ?? null;
}

/** The first agreement comes from the database: founding makes it, by trigger. */
export async function insertInstance(
  tx: Connection,
  instance: { code: string; name: string; tenantId: number; partnerId: number; foundedOn: string | null },
): Promise<void> {
  await tx.orm.insert(instances).values(instance);
}

export interface AgreementRow {
  readonly instance: string;
  readonly partner: string;
  readonly valid: DateRange;
  readonly knownSeq: number;
  readonly createdBy: string;
  readonly recordedAt: string;
}

/** Ends who earns at an instance with a day, and lets another partner earn from then on, under one number. */
export async function replaceAgreement(
  tx: Connection,
  transfer: {
    readonly agreementId: number;
    readonly partnerId: number;
    readonly from: string;
    readonly knownSeq: number;
  },
): Promise<void> {
  const { agreementId, partnerId, from, knownSeq } = transfer;
  await tx.sql`update agreements set retired_seq = ${knownSeq} where id = ${agreementId}`;
  await tx.sql`
    insert into agreements (instance_id, partner_id, valid, known_seq)
    select a.instance_id, v.partner_id, v.valid, ${knownSeq} from agreements a
    cross join lateral (values (a.partner_id, daterange(lower(a.valid), ${from})), (${partnerId}::bigint, daterange(${from}, null))) v (partner_id, valid)
    where a.id = ${agreementId}`;
}

export interface AgreementInForce {
  readonly id: number;
  readonly partner: string;
  readonly valid: DateRange;
}

/** The agreements of an instance as known now, in their order. */
export async function liveAgreements(tx: Connection, instanceId: number): Promise<AgreementInForce[]> {
  return await tx.orm
    .select({ id: agreements.id, partner: partners.code, valid: agreements.valid })
    .from(agreements)
    .innerJoin(partners, eq(partners.id, agreements.partnerId))
    .where(and(sql`${agreements.retiredSeq} is null`, eq(agreements.instanceId, instanceId)))
    .orderBy(asc(agreements.valid));
}

/** Who earns at an instance on a day: whom it is charged to. Null where nobody does. */
export async function partnerAt(
  tx: Connection,
  instanceId: number,
  day: string,
): Promise<{ id: number; code: string; currency: string } | null> {
  const [row] = await tx.orm
    .select({ id: partners.id, code: partners.code, currency: partners.currency })
    .from(agreements)
    .innerJoin(partners, eq(partners.id, agreements.partnerId))
    .where(and(eq(agreements.instanceId, instanceId), liveOn(agreements, day)));
  return row ?? null;
}

/** What goes with an instance to another partner, and what stays with whom it names. */
export interface TransferScope {
  /** Accounts that nobody shares by name. */
  readonly accounts: number;
  readonly sharedAccounts: number;
  readonly subscriptions: number;
  /** Wallets that stay with whoever earned. */
  readonly wallets: number;
}

export async function transferScope(tx: Connection, instanceId: number, from: string): Promise<TransferScope> {
  const [row] = await tx.sql<TransferScope[]>`
    with shared as (
      select distinct a.id from accounts a join account_slots s on s.account_id = a.id and s.retired_seq is null
      where a.instance_id = ${instanceId} and (upper_inf(s.valid) or upper(s.valid) > ${from}::date)
    )
    select (select count(*)::int from accounts a where a.instance_id = ${instanceId} and a.id not in (select id from shared)) as accounts,
      (select count(*)::int from shared) as "sharedAccounts",
      (select count(*)::int from subscriptions s where s.instance_id = ${instanceId}
        and subscription_status(s.id, ${from}) in ('trial', 'active', 'suspended')) as subscriptions,
      (select count(*)::int from ledger_accounts w where w.type = 'wallet' and w.instance_id = ${instanceId}) as wallets`;
  return row!;
}

/** The agreements as known now, of an instance or of a partner, by instance and time. */
export async function selectAgreements(
  tx: Connection,
  of: { readonly instanceId: number } | { readonly partnerId: number },
): Promise<AgreementRow[]> {
  return await tx.orm
    .select({
      instance: instances.code,
      partner: partners.code,
      valid: agreements.valid,
      knownSeq: agreements.knownSeq,
      createdBy: agreements.createdBy,
      recordedAt: agreements.recordedAt,
    })
    .from(agreements)
    .innerJoin(instances, eq(instances.id, agreements.instanceId))
    .innerJoin(partners, eq(partners.id, agreements.partnerId))
    .where(
      and(
        sql`${agreements.retiredSeq} is null`,
        'instanceId' in of ? eq(agreements.instanceId, of.instanceId) : eq(agreements.partnerId, of.partnerId),
      ),
    )
    .orderBy(byCode(instances.code), asc(agreements.valid));
}

export interface AgreementMade {
  readonly partner: string;
  readonly valid: DateRange;
  /** The first there ever was. */
  readonly founding: boolean;
  readonly reason: string | null;
  readonly request: number | null;
  readonly knownSeq: number;
  readonly createdBy: string;
  readonly recordedAt: string;
}

/** The agreements of an instance as they were made, without what a later one only cut short, each with the request it came of. */
export async function agreementHistory(tx: Connection, instanceId: number): Promise<AgreementMade[]> {
  const rows = await tx.sql<(Omit<AgreementMade, 'valid'> & { valid: string })[]>`
    select p.code as partner, a.valid::text, a.known_seq = min(a.known_seq) over () as founding, r.reason, r.id::int as request,
      a.known_seq::int as "knownSeq", a.created_by as "createdBy", a.recorded_at as "recordedAt"
    from agreements a join partners p on p.id = a.partner_id
    left join known_changes k on k.known_seq = a.known_seq
    left join request_applications d on d.transaction_id = k.transaction_id
    left join requests r on r.id = d.request_id and r.kind = 'transfer'
    where a.instance_id = ${instanceId} and not exists (
      select from agreements o where o.retired_seq = a.known_seq and o.instance_id = a.instance_id and o.partner_id = a.partner_id and a.valid <@ o.valid)
    order by a.id`;
  return rows.map(({ valid, ...row }) => ({ ...row, valid: parseDateRange(valid) }));
}
