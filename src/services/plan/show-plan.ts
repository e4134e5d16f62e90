import type { PlanRow } from '../../db/queries/plans.ts';
import { ALL_ROWS } from '../../db/queries/order.ts';
import type { Context } from '../context.ts';
import { listPrices, type Price } from '../price-book/list-prices.ts';
import { findPlan } from './find-plan.ts';

export interface PlanDetails extends PlanRow {
  /** What the price book says of it, today and from later days on. */
  readonly prices: readonly Price[];
}

/** One plan with its prices. Reads only. Throws NotFoundError `plan_not_found`. */
export async function showPlan(ctx: Context, code: string): Promise<PlanDetails> {
  const plan = await findPlan(ctx.db, code);
  return { ...plan, prices: await listPrices(ctx, { of: code }, ALL_ROWS) };
}
