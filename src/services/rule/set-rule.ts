import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import { ensureProduct, productIdByCode } from '../../db/queries/products.ts';
import {
  liveVersions,
  ruleIdOf,
  ruleVersionById,
  type RuleIdentity,
  type RuleVersionRow,
  type StoredTerms,
} from '../../db/queries/rules.ts';
import type { Connection } from '../../db/connection.ts';
import { intersect, isEmptyRange, rangeText, subtract, type Days } from '../../domain/date-ranges.ts';
import { UsageError } from '../../domain/errors.ts';
import { asFlag, readTerms, type WrittenTerms } from '../../domain/written-terms.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { replaceDays } from './replace-versions.ts';
import { resolveScope, ruleCalled, type RuleName } from './resolve-rule.ts';
import { ruleView, type Rule } from './rule-view.ts';
import { decideAlike, resolveTerms } from './rule-terms.ts';

/** The product may be unknown so far, for rules may come before the first import. */
export interface NewRule extends RuleName, WrittenTerms {
  /** First day; default today in the programme's zone. */
  readonly from?: string | undefined;
  /** First day it is no longer so; default never. */
  readonly to?: string | undefined;
}

export interface RuleSet {
  readonly rule: Rule;
  /** False when the rule said exactly this already. */
  readonly changed: boolean;
  /** The code of a product that this rule made known. */
  readonly newProduct: string | null;
}

/**
 * Says what a scope earns over `[from, to)`: a new version under one new known_seq; what the rule said in those days is
 * retired, what it said outside them goes on. Writes, unless it says exactly this already.
 * Throws UsageError for terms and dates that cannot be read, NotFoundError for the scope, RefusedError `decided_sales`
 * where decided sales would be touched (SEMANTICS §3), `accrual_running`.
 */
export async function setRule(ctx: Context, input: NewRule): Promise<RuleSet> {
  const day = today(ctx);
  const days = { from: input.from ?? day, to: input.to ?? null };
  if (isEmptyRange(days)) {
    throw new UsageError('window_empty', `no day lies in [${days.from}, ${days.to})`, {
      hint: '--to is the first day the rule no longer applies',
    });
  }
  const { level = 0, product } = input;
  const said = readTerms(input, { scope: input.scope.kind, level, product, firstDay: days.from, call: asFlag });
  return await ctx.write(async (tx) => {
    const scope = await resolveScope(tx, input.scope, day);
    const terms = await resolveTerms(tx, said);
    const knownProduct = product === undefined ? null : await productIdByCode(tx, product);
    const newProduct = product !== undefined && knownProduct === null ? product : null;

    const unchanged =
      newProduct === null ? await sayingThis(tx, { ...scope, productId: knownProduct, level }, terms, days) : null;
    if (unchanged !== null) return { rule: await viewOf(tx, unchanged.id), changed: false, newProduct: null };

    const knownSeq = await drawKnownSeq(tx, `rule ${ruleCalled(input)} set ${rangeText(days)}`);
    const productId = newProduct === null ? knownProduct : await ensureProduct(tx, newProduct);
    const [id] = await replaceDays(tx, { ...scope, productId, level }, [{ days, terms }], knownSeq, '--from');
    return { rule: await viewOf(tx, id!), changed: true, newProduct };
  });
}

/** The live version that says exactly this at the first of the days, where the rule says it on all of them. */
async function sayingThis(
  tx: Connection,
  identity: RuleIdentity,
  terms: StoredTerms,
  days: Days,
): Promise<RuleVersionRow | null> {
  const ruleId = await ruleIdOf(tx, identity);
  if (ruleId === null) return null;
  const same = (await liveVersions(tx, ruleId)).filter(
    (version) => decideAlike(version, terms) && (terms.note === null || version.note === terms.note),
  );
  const covered = subtract(
    days,
    same.map(({ valid }) => valid),
  );
  return covered.length > 0 ? null : (same.find(({ valid }) => intersect(valid, days) !== null) ?? null);
}

async function viewOf(tx: Connection, versionId: number): Promise<Rule> {
  const row = await ruleVersionById(tx, versionId);
  if (row === null) throw new Error(`rule version ${versionId} vanished inside its own transaction`);
  return ruleView(row);
}
