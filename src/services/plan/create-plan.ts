import { insertPlan, planByCode, type PlanRow } from '../../db/queries/plans.ts';
import { ensureProduct } from '../../db/queries/products.ts';
import { parseCode } from '../../domain/codes.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { findPlan } from './find-plan.ts';

export interface NewPlan {
  readonly code: string;
  readonly name: string;
  /** What events of it name; it may be unknown so far. Without it the plan is of everything. */
  readonly product?: string | undefined;
}

/** Makes a plan; what it costs is said by the price book. Writes. Throws UsageError `code_invalid`, RefusedError `plan_exists`. */
export async function createPlan(ctx: Context, input: NewPlan): Promise<PlanRow> {
  const code = parseCode(input.code);
  return await ctx.write(async (tx) => {
    if ((await planByCode(tx, code)) !== null) {
      throw new RefusedError('plan_exists', `there is already a plan '${code}'`);
    }
    const productId = input.product === undefined ? null : await ensureProduct(tx, input.product);
    await insertPlan(tx, { code, name: input.name, productId });
    return await findPlan(tx, code);
  });
}
