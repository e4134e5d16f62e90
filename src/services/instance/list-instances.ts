import {
  selectAgreements,
  selectInstances,
  type AgreementRow,
  type InstanceRow,
  type InstanceStatus,
} from '../../db/queries/instances.ts';
import type { Page } from '../../db/queries/order.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { findTenant } from '../tenant/find-tenant.ts';
import { today } from '../today.ts';
import { findInstance } from './find-instance.ts';

export type { AgreementRow, InstanceRow } from '../../db/queries/instances.ts';

export interface InstanceFilter {
  readonly tenant?: string | undefined;
  /** Who earns there now. */
  readonly partner?: string | undefined;
  readonly status?: InstanceStatus | undefined;
}

/** Instances by code, with who earns today. Reads only. Throws NotFoundError for an unknown tenant or partner. */
export async function listInstances(ctx: Context, filter: InstanceFilter, page: Page): Promise<InstanceRow[]> {
  const day = today(ctx);
  const tenant = filter.tenant === undefined ? undefined : await findTenant(ctx.db, filter.tenant);
  const partner = filter.partner === undefined ? undefined : await findPartner(ctx.db, filter.partner, day);
  const resolved = { tenantId: tenant?.id, partnerId: partner?.id, status: filter.status };
  return await selectInstances(ctx.db, resolved, day, page);
}

export interface InstanceDetails extends InstanceRow {
  readonly agreements: readonly AgreementRow[];
}

/** One instance with its agreements. Reads only. Throws NotFoundError `instance_not_found`. */
export async function showInstance(ctx: Context, code: string): Promise<InstanceDetails> {
  const instance = await findInstance(ctx.db, code, today(ctx));
  return { ...instance, agreements: await selectAgreements(ctx.db, { instanceId: instance.id }) };
}
