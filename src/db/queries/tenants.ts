import { eq, sql } from 'drizzle-orm';
import type { Connection } from '../connection.ts';
import { instances } from '../schema/instances.ts';
import { tenants } from '../schema/tenants.ts';
import { byCode, type Page } from './order.ts';

export interface TenantRow {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  /** How many instances it runs. */
  readonly instances: number;
  readonly createdBy: string;
  readonly recordedAt: string;
}

const columns = {
  id: tenants.id,
  code: tenants.code,
  name: tenants.name,
  instances: sql<number>`(select count(*)::int from ${instances} where ${instances.tenantId} = ${tenants.id})`,
  createdBy: tenants.createdBy,
  recordedAt: tenants.recordedAt,
};

/** Tenants by code. */
export async function selectTenants(tx: Connection, page: Page): Promise<TenantRow[]> {
  return await tx.orm.select(columns).from(tenants).orderBy(byCode(tenants.code)).limit(page.limit).offset(page.offset);
}

export async function tenantByCode(tx: Connection, code: string): Promise<TenantRow | null> {
  const [row] = await tx.orm.select(columns).from(tenants).where(eq(tenants.code, code));
  return row ?? null;
}

export async function insertTenant(tx: Connection, tenant: { code: string; name: string }): Promise<void> {
  await tx.orm.insert(tenants).values(tenant);
}
