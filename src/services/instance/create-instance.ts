import { insertInstance, instanceIdByCode, type InstanceRow } from '../../db/queries/instances.ts';
import { parseCode, parseName } from '../../domain/codes.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { findTenant } from '../tenant/find-tenant.ts';
import { today } from '../today.ts';
import { findInstance } from './find-instance.ts';

export interface NewInstance {
  readonly code: string;
  readonly name: string;
  readonly tenant: string;
  /** The founding partner, for ever; it earns until a transfer. */
  readonly partner: string;
  /** First day of the founding agreement; without it the beginning of time, so that imported history finds it. */
  readonly from?: string | undefined;
}

/**
 * Makes an instance of a tenant under its founding partner; the database makes the first agreement. Writes.
 * Throws UsageError `code_invalid`, `name_too_long`, RefusedError `instance_exists`, `partner_closed`, NotFoundError for tenant and partner.
 */
export async function createInstance(ctx: Context, input: NewInstance): Promise<InstanceRow> {
  const code = parseCode(input.code);
  const day = today(ctx);
  return await ctx.write(async (tx) => {
    if ((await instanceIdByCode(tx, code)) !== null) {
      throw new RefusedError('instance_exists', `there is already an instance '${code}'`);
    }
    const tenant = await findTenant(tx, input.tenant);
    const partner = await findPartner(tx, input.partner, day);
    if (partner.status === 'terminated' || partner.status === 'archived') {
      throw new RefusedError(
        'partner_closed',
        `partner ${partner.code} is ${partner.status} and founds nothing any more`,
      );
    }
    await insertInstance(tx, {
      code,
      name: parseName(input.name),
      tenantId: tenant.id,
      partnerId: partner.id,
      foundedOn: input.from ?? null,
    });
    return await findInstance(tx, code, day);
  });
}
