import { insertTenant, tenantByCode, type TenantRow } from '../../db/queries/tenants.ts';
import { parseCode, parseName } from '../../domain/codes.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { findTenant } from './find-tenant.ts';

export interface NewTenant {
  readonly code: string;
  readonly name: string;
}

/** Makes a tenant, a client organisation. Writes. Throws UsageError `code_invalid`, `name_too_long`, RefusedError `tenant_exists`. */
export async function createTenant(ctx: Context, input: NewTenant): Promise<TenantRow> {
  const code = parseCode(input.code);
  return await ctx.write(async (tx) => {
    if ((await tenantByCode(tx, code)) !== null) {
      throw new RefusedError('tenant_exists', `there is already a tenant '${code}'`);
    }
    await insertTenant(tx, { code, name: parseName(input.name) });
    return await findTenant(tx, code);
  });
}
