import type { Connection } from '../../db/connection.ts';
import { tenantByCode, type TenantRow } from '../../db/queries/tenants.ts';
import { notFound } from '../not-found.ts';

/** The tenant of a code. Reads only. Throws NotFoundError `tenant_not_found`, with what may have been meant. */
export async function findTenant(tx: Connection, code: string): Promise<TenantRow> {
  const row = await tenantByCode(tx, code);
  if (row === null) throw await notFound(tx, 'tenant', code);
  return row;
}
