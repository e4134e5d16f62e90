import type { Connection } from '../../db/connection.ts';
import { planByCode, type PlanRow } from '../../db/queries/plans.ts';
import { notFound } from '../not-found.ts';

/** The plan of a code. Reads only. Throws NotFoundError `plan_not_found`. */
export async function findPlan(tx: Connection, code: string): Promise<PlanRow> {
  const row = await planByCode(tx, code);
  if (row === null) throw await notFound(tx, 'plan', code);
  return row;
}
