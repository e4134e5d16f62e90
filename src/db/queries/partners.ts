import { and, asc, eq, exists, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { PartnerStatus } from '../../domain/partner-status.ts';
import type { Connection } from '../connection.ts';
import { retiring } from './dated-versions.ts';
import type { DateRange } from '../schema/column-types.ts';
import { agreements, instances } from '../schema/instances.ts';
import { partnerParents, partners, partnerStatusChanges, partnerTiers, tiers } from '../schema/partners.ts';
import { byCode, liveOn, type Page } from './order.ts';

export type PartnerType = (typeof partners.type.enumValues)[number];

export interface PartnerRow {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly type: PartnerType;
  readonly status: PartnerStatus;
  readonly currency: string;
  /** In force on the day asked about. */
  readonly tier: string | null;
  readonly parent: string | null;
  readonly house: boolean;
  readonly company: string | null;
  readonly contact: string | null;
  readonly email: string | null;
  readonly contractFrom: string | null;
  readonly contractTo: string | null;
  readonly createdBy: string;
  readonly recordedAt: string;
}

export interface PartnerFilter {
  readonly status?: PartnerStatus | undefined;
  readonly type?: PartnerType | undefined;
  readonly tier?: string | undefined;
  /** Partners with an agreement for an instance of this tenant. */
  readonly tenantId?: number | undefined;
}

const parents = alias(partners, 'parents');

function selectRows(tx: Connection, day: string) {
  return tx.orm
    .select({
      id: partners.id,
      code: partners.code,
      name: partners.name,
      type: partners.type,
      status: partners.status,
      currency: partners.currency,
      tier: partnerTiers.tier,
      parent: parents.code,
      house: partners.house,
      company: partners.company,
      contact: partners.contact,
      email: partners.email,
      contractFrom: partners.contractFrom,
      contractTo: partners.contractTo,
      createdBy: partners.createdBy,
      recordedAt: partners.recordedAt,
    })
    .from(partners)
    .leftJoin(partnerTiers, and(eq(partnerTiers.partnerId, partners.id), liveOn(partnerTiers, day)))
    .leftJoin(partnerParents, and(eq(partnerParents.partnerId, partners.id), liveOn(partnerParents, day)))
    .leftJoin(parents, eq(parents.id, partnerParents.parentId))
    .$dynamic();
}

/** Partners by code, with tier and parent as they are on a day. */
export async function selectPartners(
  tx: Connection,
  filter: PartnerFilter,
  day: string,
  page: Page,
): Promise<PartnerRow[]> {
  const atTenant = (tenantId: number) =>
    exists(
      tx.orm
        .select({ one: sql`1` })
        .from(agreements)
        .innerJoin(instances, eq(instances.id, agreements.instanceId))
        .where(and(eq(agreements.partnerId, partners.id), eq(instances.tenantId, tenantId), liveOn(agreements, day))),
    );
  return await selectRows(tx, day)
    .where(
      and(
        filter.status === undefined ? undefined : eq(partners.status, filter.status),
        filter.type === undefined ? undefined : eq(partners.type, filter.type),
        filter.tier === undefined ? undefined : eq(partnerTiers.tier, filter.tier),
        filter.tenantId === undefined ? undefined : atTenant(filter.tenantId),
      ),
    )
    .orderBy(byCode(partners.code))
    .limit(page.limit)
    .offset(page.offset);
}

export async function partnerByCode(tx: Connection, code: string, day: string): Promise<PartnerRow | null> {
  const [row] = await selectRows(tx, day).where(eq(partners.code, code));
  return row ?? null;
}

/** Holds the partner against a second change until the transaction ends. */
export async function lockPartner(tx: Connection, id: number): Promise<void> {
  await tx.orm.select({ id: partners.id }).from(partners).where(eq(partners.id, id)).for('update');
}

export type NewPartnerRow = Pick<
  PartnerRow,
  'code' | 'name' | 'type' | 'currency' | 'house' | 'company' | 'contact' | 'email' | 'contractFrom' | 'contractTo'
> & { readonly status: 'pending' | 'active' };

export async function insertPartner(tx: Connection, partner: NewPartnerRow): Promise<number> {
  const [row] = await tx.orm.insert(partners).values(partner).returning({ id: partners.id });
  return row!.id;
}

export type PartnerChange = Partial<
  Pick<PartnerRow, 'name' | 'status' | 'currency' | 'company' | 'contact' | 'email' | 'contractFrom' | 'contractTo'>
>;

export async function updatePartner(tx: Connection, id: number, change: PartnerChange): Promise<void> {
  await tx.orm.update(partners).set(change).where(eq(partners.id, id));
}

export async function insertPartnerTier(
  tx: Connection,
  version: { partnerId: number; tier: string; knownSeq: number },
): Promise<void> {
  await tx.orm.insert(partnerTiers).values({ ...version, valid: { from: null, to: null } });
}

export async function insertPartnerParent(
  tx: Connection,
  version: { partnerId: number; parentId: number; valid: DateRange; knownSeq: number },
): Promise<void> {
  await tx.orm.insert(partnerParents).values(version);
}

export const retirePartnerParents = retiring(partnerParents);

/** Who stands under whom, and when. */
export interface ParentRow {
  readonly id: number;
  readonly partnerId: number;
  readonly partner: string;
  readonly parentId: number;
  readonly parent: string;
  readonly valid: DateRange;
  readonly knownSeq: number;
  readonly retiredSeq: number | null;
}

/** Every version of what a partner stands under, or of who stands under it, by partner and time. */
export async function parentVersions(
  tx: Connection,
  of: { readonly partnerId: number } | { readonly parentId: number },
): Promise<ParentRow[]> {
  const parents = alias(partners, 'parents');
  return await tx.orm
    .select({
      id: partnerParents.id,
      partnerId: partnerParents.partnerId,
      partner: partners.code,
      parentId: partnerParents.parentId,
      parent: parents.code,
      valid: partnerParents.valid,
      knownSeq: partnerParents.knownSeq,
      retiredSeq: partnerParents.retiredSeq,
    })
    .from(partnerParents)
    .innerJoin(partners, eq(partners.id, partnerParents.partnerId))
    .innerJoin(parents, eq(parents.id, partnerParents.parentId))
    .where('partnerId' in of ? eq(partnerParents.partnerId, of.partnerId) : eq(partnerParents.parentId, of.parentId))
    .orderBy(sql`${partners.code} collate "C"`, asc(partnerParents.valid));
}

/** How many partners stand above one, at most, whenever; and how many there may be today. */
export async function levelsAbove(tx: Connection, partnerId: number): Promise<{ above: number; most: number }> {
  const [row] = await tx.sql<{ above: number; most: number }[]>`
    with recursive above (partner_id, links) as (
      select ${partnerId}::bigint, 0
      union all
      select p.parent_id, a.links + 1 from above a join partner_parents p on p.partner_id = a.partner_id and p.retired_seq is null
      where a.links <= 16
    )
    select max(links)::int as above, coalesce((select (s.value)::int from settings s where s.name = 'partner_levels'
      and s.instance_id is null and s.retired_seq is null and s.valid @> business_today()), 1) as most
    from above`;
  return row!;
}

/** Says why, for the hold that the change of status is about to make by trigger; for this transaction only. */
export async function giveFreezeReason(tx: Connection, reason: string): Promise<void> {
  await tx.sql`select set_config('revshare.reason', ${reason}, true)`;
}

export interface StatusChangeRow {
  readonly status: PartnerStatus;
  readonly createdBy: string;
  readonly recordedAt: string;
}

/** Every status the partner ever had, in order. */
export async function statusHistory(tx: Connection, partnerId: number): Promise<StatusChangeRow[]> {
  return await tx.orm
    .select({
      status: partnerStatusChanges.status,
      createdBy: partnerStatusChanges.createdBy,
      recordedAt: partnerStatusChanges.recordedAt,
    })
    .from(partnerStatusChanges)
    .where(eq(partnerStatusChanges.partnerId, partnerId))
    .orderBy(asc(partnerStatusChanges.id));
}

export interface TierRow {
  readonly code: string;
  readonly name: string;
}

/** The tiers, lowest first. */
export async function selectTiers(tx: Connection): Promise<TierRow[]> {
  return await tx.orm.select({ code: tiers.code, name: tiers.name }).from(tiers).orderBy(asc(tiers.rank));
}

/** Who has this code, by number, or null: for what asks nothing else of the partner. */
export async function partnerOfCode(tx: Connection, code: string): Promise<{ id: number; code: string } | null> {
  const [row] = await tx.sql<{ id: number; code: string }[]>`select id::int, code from partners where code = ${code}`;
  return row ?? null;
}
