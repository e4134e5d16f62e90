import type { Connection } from '../../db/connection.ts';
import { heldBySuspension } from '../../db/queries/financials.ts';
import { insertInstanceStatus, instanceStatusHistory } from '../../db/queries/instance-status.ts';
import { selectInstances, type InstanceRow } from '../../db/queries/instances.ts';
import { selectSubscriptions } from '../../db/queries/subscriptions.ts';
import { ALL_ROWS } from '../../db/queries/order.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { subscriptionViews, type Subscription } from '../subscription/subscription-view.ts';
import { findTenant } from '../tenant/find-tenant.ts';
import { today } from '../today.ts';
import { findInstance } from './find-instance.ts';
import { readFinancials, type Financials } from './instance-financials.ts';

/** An instance's money in one currency, and how much of it a suspension holds or a resumption releases. */
export interface Affected extends Financials {
  readonly concerned: string;
}

/** What suspending or resuming an instance touches, and what it leaves alone. */
export interface StatusChange extends InstanceRow {
  /** First day whose events earn as held. */
  readonly effectiveOn: string;
  readonly reason: string | null;
  readonly money: readonly Affected[];
  /** The other instances of its tenant, which go on as they are. */
  readonly siblings: readonly InstanceRow[];
  /** What it pays for goes on being charged. */
  readonly subscriptions: readonly Subscription[];
}

export interface Suspending {
  readonly code: string;
  /** First day whose events earn as held; default today. */
  readonly from?: string | undefined;
  readonly reason: string;
}

/**
 * What suspending an instance from a day on would touch. Reads only. Throws NotFoundError `instance_not_found`, UsageError
 * `suspension_ahead`, RefusedError `instance_suspended`, `instance_past`.
 */
export async function previewSuspension(ctx: Context, code: string, from: string = today(ctx)): Promise<StatusChange> {
  return await impact(ctx, ctx.db, await assertSuspendable(ctx, ctx.db, code, from), from, null);
}

/**
 * Suspends an instance: what its events earn from a day on is held until it is resumed. Neither what was earned before,
 * nor its tenant, nor the tenant's other instances are touched. Writes; the database makes status and hold. Throws as
 * `previewSuspension`. Source: SEMANTICS §1, §4.
 */
export async function suspendInstance(ctx: Context, asked: Suspending): Promise<StatusChange> {
  const { code, reason, from = today(ctx) } = asked;
  return await ctx.write(async (tx) => {
    const { id: instanceId } = await assertSuspendable(ctx, tx, code, from);
    const before = await heldBySuspension(tx, instanceId, from);
    await insertInstanceStatus(tx, { instanceId, status: 'suspended', effectiveOn: from, reason });
    return await impact(ctx, tx, await findInstance(tx, code, today(ctx)), from, reason, before);
  });
}

/**
 * Resumes a suspended instance: what was held for the suspension is released. Writes. Throws NotFoundError
 * `instance_not_found`, RefusedError `instance_active`.
 */
export async function resumeInstance(
  ctx: Context,
  { code, reason }: { readonly code: string; readonly reason: string },
): Promise<StatusChange> {
  const day = today(ctx);
  return await ctx.write(async (tx) => {
    const instance = await findInstance(tx, code, day);
    if (instance.status !== 'suspended') {
      throw new RefusedError('instance_active', `instance ${code} is active: there is nothing to resume`);
    }
    const last = (await instanceStatusHistory(tx, instance.id)).at(-1)!;
    const before = await heldBySuspension(tx, instance.id, last.effectiveOn);
    // A suspension may have been said for today by somebody whose today is later.
    const effectiveOn = last.effectiveOn > day ? last.effectiveOn : day;
    await insertInstanceStatus(tx, { instanceId: instance.id, status: 'active', effectiveOn, reason });
    return await impact(ctx, tx, await findInstance(tx, code, day), effectiveOn, reason, before);
  });
}

async function assertSuspendable(ctx: Context, tx: Connection, code: string, from: string): Promise<InstanceRow> {
  const day = today(ctx);
  const instance = await findInstance(tx, code, day);
  const last = (await instanceStatusHistory(tx, instance.id)).at(-1);
  if (instance.status === 'suspended') {
    throw new RefusedError(
      'instance_suspended',
      `instance ${code} is suspended since ${last?.effectiveOn ?? '?'}: ${last?.reason ?? '?'}`,
      { hint: `revshare instance resume ${code} --reason … ends that` },
    );
  }
  if (from > day) {
    throw new UsageError('suspension_ahead', `'${from}' has not come: it is ${day}`, {
      hint: 'suspend it when the day has come; until then it earns as before',
    });
  }
  if (last !== undefined && from < last.effectiveOn) {
    throw new RefusedError(
      'instance_past',
      `instance ${code} was resumed on ${last.effectiveOn}: a suspension from ${from} on would change its past`,
      { hint: `choose --from ${last.effectiveOn} or later` },
    );
  }
  return instance;
}

async function impact(
  ctx: Context,
  tx: Connection,
  instance: InstanceRow,
  effectiveOn: string,
  reason: string | null,
  concerned?: ReadonlyMap<string, string>,
): Promise<StatusChange> {
  const day = today(ctx);
  const amounts = concerned ?? (await heldBySuspension(tx, instance.id, effectiveOn));
  const financials = await readFinancials(ctx, tx, { instanceId: instance.id }, {});
  const { id: tenantId } = await findTenant(tx, instance.tenant);
  const ofTenant = await selectInstances(tx, { tenantId }, day, ALL_ROWS);
  const subscriptions = await subscriptionViews(
    tx,
    await selectSubscriptions(tx, { instanceId: instance.id }, day, ALL_ROWS),
    day,
  );
  return {
    ...instance,
    effectiveOn,
    reason,
    money: financials.map((row) => ({
      ...row,
      concerned: formatMinor(BigInt(amounts.get(row.currency) ?? '0'), row.currency),
    })),
    siblings: ofTenant.filter(({ id }) => id !== instance.id),
    subscriptions: subscriptions.filter(({ status }) => status !== null && status !== 'cancelled'),
  };
}
