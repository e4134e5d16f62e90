import { instanceStatusHistory, type InstanceStatusChange } from '../../db/queries/instance-status.ts';
import {
  agreementHistory,
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
import { findInstance, findInstanceId } from './find-instance.ts';

export type { InstanceStatusChange } from '../../db/queries/instance-status.ts';
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
  readonly suspensions: readonly InstanceStatusChange[];
}

/** One instance with its agreements, and every suspension and resumption. Reads only. Throws NotFoundError `instance_not_found`. */
export async function showInstance(ctx: Context, code: string): Promise<InstanceDetails> {
  const instance = await findInstance(ctx.db, code, today(ctx));
  return {
    ...instance,
    agreements: await selectAgreements(ctx.db, { instanceId: instance.id }),
    suspensions: await instanceStatusHistory(ctx.db, instance.id),
  };
}

/** One thing that became of an instance: who earns there over some days, or that it was suspended or resumed. */
export interface InstanceChange {
  readonly what: 'founded' | 'transferred' | 'suspended' | 'resumed';
  readonly from: string | null;
  readonly to: string | null;
  /** Who earns. */
  readonly partner: string | null;
  readonly reason: string | null;
  /** The request that two people agreed to. */
  readonly request: number | null;
  readonly knownSeq: number | null;
  readonly by: string;
  readonly recordedAt: string;
}

/** Everything that became of an instance, in the order in which it was said. Reads only. Throws NotFoundError `instance_not_found`. */
export async function instanceHistory(ctx: Context, code: string, page: Page): Promise<InstanceChange[]> {
  const instanceId = await findInstanceId(ctx.db, code);
  const blank = { to: null, partner: null, request: null, knownSeq: null };
  const changes = (await instanceStatusHistory(ctx.db, instanceId)).map((row): InstanceChange => {
    const { status, effectiveOn: from, reason, createdBy: by, recordedAt } = row;
    return { ...blank, what: status === 'suspended' ? 'suspended' : 'resumed', from, reason, by, recordedAt };
  });
  const agreements = (await agreementHistory(ctx.db, instanceId)).map((row): InstanceChange => {
    const { valid, founding, createdBy: by, ...agreement } = row;
    return { ...agreement, ...valid, what: founding ? 'founded' : 'transferred', by };
  });
  return [...agreements, ...changes]
    .sort((a, b) => (a.recordedAt < b.recordedAt ? -1 : 1))
    .slice(page.offset, page.offset + page.limit);
}
