import { eq } from 'drizzle-orm';
import type { Connection } from '../connection.ts';
import { products } from '../schema/accounts.ts';
import { meters, plans } from '../schema/subscriptions.ts';
import { byCode, type Page } from './order.ts';

export interface PlanRow {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly productId: number | null;
  /** What events of it name. */
  readonly product: string | null;
  readonly createdBy: string;
  readonly recordedAt: string;
}

function selectRows(tx: Connection) {
  return tx.orm
    .select({
      id: plans.id,
      code: plans.code,
      name: plans.name,
      productId: plans.productId,
      product: products.code,
      createdBy: plans.createdBy,
      recordedAt: plans.recordedAt,
    })
    .from(plans)
    .leftJoin(products, eq(products.id, plans.productId))
    .$dynamic();
}

/** Plans by code. */
export async function selectPlans(tx: Connection, page: Page): Promise<PlanRow[]> {
  return await selectRows(tx).orderBy(byCode(plans.code)).limit(page.limit).offset(page.offset);
}

export async function planByCode(tx: Connection, code: string): Promise<PlanRow | null> {
  const [row] = await selectRows(tx).where(eq(plans.code, code));
  return row ?? null;
}

export async function insertPlan(
  tx: Connection,
  plan: { readonly code: string; readonly name: string; readonly productId: number | null },
): Promise<void> {
  await tx.orm.insert(plans).values(plan);
}

export async function meterIdByCode(tx: Connection, code: string): Promise<number | null> {
  const [row] = await tx.orm.select({ id: meters.id }).from(meters).where(eq(meters.code, code));
  return row?.id ?? null;
}

/** Makes the meter where it is not there; somebody else may make it at the same moment. */
export async function ensureMeter(tx: Connection, code: string): Promise<number> {
  await tx.orm.insert(meters).values({ code }).onConflictDoNothing({ target: meters.code });
  const id = await meterIdByCode(tx, code);
  if (id === null) throw new Error(`meter ${code} is gone, and meters are never removed`);
  return id;
}
