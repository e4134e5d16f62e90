import type { Page } from '../../db/queries/order.ts';
import { selectTenants, type TenantRow } from '../../db/queries/tenants.ts';
import type { Context } from '../context.ts';
import { findTenant } from './find-tenant.ts';

export type { TenantRow } from '../../db/queries/tenants.ts';

/** Tenants by code. Reads only. */
export async function listTenants(ctx: Context, page: Page): Promise<TenantRow[]> {
  return await selectTenants(ctx.db, page);
}

/** One tenant. Reads only. Throws NotFoundError `tenant_not_found`. */
export async function showTenant(ctx: Context, code: string): Promise<TenantRow> {
  return await findTenant(ctx.db, code);
}
