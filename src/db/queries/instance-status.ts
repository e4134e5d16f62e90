import { asc, eq } from 'drizzle-orm';
import type { Connection } from '../connection.ts';
import { instanceStatusChanges } from '../schema/instances.ts';
import type { InstanceStatus } from './instances.ts';

/** A suspension or resumption of an instance. */
export interface InstanceStatusChange {
  readonly status: InstanceStatus;
  /** First day whose events earn as held; of a resumption the day it was said. */
  readonly effectiveOn: string;
  readonly reason: string;
  readonly createdBy: string;
  readonly recordedAt: string;
}

/** Every suspension and resumption of an instance, in their order. */
export async function instanceStatusHistory(tx: Connection, instanceId: number): Promise<InstanceStatusChange[]> {
  return await tx.orm
    .select({
      status: instanceStatusChanges.status,
      effectiveOn: instanceStatusChanges.effectiveOn,
      reason: instanceStatusChanges.reason,
      createdBy: instanceStatusChanges.createdBy,
      recordedAt: instanceStatusChanges.recordedAt,
    })
    .from(instanceStatusChanges)
    .where(eq(instanceStatusChanges.instanceId, instanceId))
    .orderBy(asc(instanceStatusChanges.id));
}

/** Suspends or resumes an instance; the database changes its status with it, and holds what it earns or releases it. */
export async function insertInstanceStatus(
  tx: Connection,
  change: {
    readonly instanceId: number;
    readonly status: InstanceStatus;
    readonly effectiveOn: string;
    readonly reason: string;
  },
): Promise<void> {
  await tx.orm.insert(instanceStatusChanges).values(change);
}
