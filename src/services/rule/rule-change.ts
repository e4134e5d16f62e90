import type { Connection } from '../../db/connection.ts';
import { decidedSalesTouched, type ChangedRule, type DecidedSale } from '../../db/queries/decided-sales.ts';
import { ensureProduct, productIdByCode } from '../../db/queries/products.ts';
import type { ScopeIdentity } from '../../db/queries/rules.ts';
import type { Days } from '../../domain/date-ranges.ts';
import { daysChanged, replaceDays, type DaysFlag, type Saying } from './replace-versions.ts';

/** What one rule is to say over some days. */
export interface RuleChange {
  readonly scope: ScopeIdentity;
  /** By code: a rule may make it known. */
  readonly product: string | null;
  readonly level: number;
  readonly sayings: readonly Saying[];
}

/** Makes the change under `knownSeq`. Writes, and throws, as `replaceDays`. */
export async function makeRuleChange(
  tx: Connection,
  change: RuleChange,
  knownSeq: number,
  flag: DaysFlag | null,
): Promise<number[]> {
  const { scope, product, level, sayings } = change;
  const productId = product === null ? null : await ensureProduct(tx, product);
  return await replaceDays(tx, { ...scope, productId, level }, sayings, knownSeq, flag);
}

/** The days on which changes would decide sales otherwise, and the decided sales that lie there. Reads only. */
export async function whatChanges(
  tx: Connection,
  changes: readonly RuleChange[],
): Promise<{ readonly days: readonly Days[]; readonly sales: readonly DecidedSale[] }> {
  const changed: ChangedRule[] = [];
  for (const { scope, product, level, sayings } of changes) {
    const productId = product === null ? null : await productIdByCode(tx, product);
    // Nobody ever sold a product that is unknown.
    if (product !== null && productId === null) continue;
    const rule = { ...scope, productId, level };
    changed.push({ rule, days: await daysChanged(tx, rule, sayings) });
  }
  return { days: changed.flatMap(({ days }) => days), sales: await decidedSalesTouched(tx, changed) };
}
