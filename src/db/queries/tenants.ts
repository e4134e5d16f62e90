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
  instances: sql<number>`count(${instances.id})::int`,
  createdBy: tenants.createdBy,
  recordedAt: tenants.recordedAt,
};

// A join, because drizzle leaves out table names in a select from one table: a subquery's `tenant_id = id` would compare
// two columns of its own.
const counted = (tx: Connection) =>
  tx.orm.select(columns).from(tenants).leftJoin(instances, eq(instances.tenantId, tenants.id)).groupBy(tenants.id);

/** Tenants by code. */
export async function selectTenants(tx: Connection, page: Page): Promise<TenantRow[]> {
  return await counted(tx).orderBy(byCode(tenants.code)).limit(page.limit).offset(page.offset);
}

export async function tenantByCode(tx: Connection, code: string): Promise<TenantRow | null> {
  const [row] = await counted(tx).where(eq(tenants.code, code));
  return row ?? null;
}

export async function insertTenant(tx: Connection, tenant: { code: string; name: string }): Promise<void> {
  await tx.orm.insert(tenants).values(tenant);
}
