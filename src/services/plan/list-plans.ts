import type { Page } from '../../db/queries/order.ts';
import { selectPlans, type PlanRow } from '../../db/queries/plans.ts';
import type { Context } from '../context.ts';

export type { PlanRow } from '../../db/queries/plans.ts';

/** Plans by code. Reads only. */
export async function listPlans(ctx: Context, page: Page): Promise<PlanRow[]> {
  return await selectPlans(ctx.db, page);
}
