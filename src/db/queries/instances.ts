import { and, asc, eq, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Connection } from '../connection.ts';
import type { DateRange } from '../schema/column-types.ts';
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
