import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import { productIdByCode } from '../../db/queries/products.ts';
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
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { describeTerms, type RuleTerms } from '../../domain/rule-terms.ts';
import { asFlag, readTerms, type WrittenTerms } from '../../domain/written-terms.ts';
import type { Request } from '../approval/list-requests.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { askForRerate } from './ask-rerate.ts';
import { resolveScope, ruleCalled, type RuleName } from './resolve-rule.ts';
import { makeRuleChange, type RuleChange } from './rule-change.ts';
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
  const { days, said } = readSaying(ctx, input);
  return await ctx.write(async (tx) => {
    const { change, newProduct, unchanged } = await meant(ctx, tx, input, { days, said });
    if (unchanged !== null) return { rule: await viewOf(tx, unchanged.id), changed: false, newProduct: null };
    const knownSeq = await drawKnownSeq(tx, `rule ${ruleCalled(input)} set ${rangeText(days)}`);
    const [id] = await makeRuleChange(tx, change, knownSeq, '--from');
    return { rule: await viewOf(tx, id!), changed: true, newProduct };
  });
}

/**
 * Asks for a version that touches decided sales; approved, they hold it, and the differences are posted. Writes.
 * Throws as `setRule` and `askForRerate`, and RefusedError `rule_unchanged`. Source: SEMANTICS §3.
 */
export async function askToSetRule(ctx: Context, input: NewRule & { readonly reason: string }): Promise<Request> {
  const { days, said } = readSaying(ctx, input);
  return await ctx.write(async (tx) => {
    const { change, unchanged } = await meant(ctx, tx, input, { days, said });
    if (unchanged !== null) {
      throw new RefusedError('rule_unchanged', `rule ${unchanged.ruleId} says exactly this already: it moves nothing`);
    }
    const about = `rule ${ruleCalled(input)}: ${describeTerms(said)} ${rangeText(days)}`;
    return await askForRerate(ctx, tx, { about, changes: [change], reason: input.reason });
  });
}

interface ReadSaying {
  readonly days: Days;
  readonly said: RuleTerms;
}

function readSaying(ctx: Context, input: NewRule): ReadSaying {
  const days = { from: input.from ?? today(ctx), to: input.to ?? null };
  if (isEmptyRange(days)) {
    throw new UsageError('window_empty', `no day lies in [${days.from}, ${days.to})`, {
      hint: '--to is the first day the rule no longer applies',
    });
  }
  const { level = 0, product } = input;
  return {
    days,
    said: readTerms(input, { scope: input.scope.kind, level, product, firstDay: days.from, call: asFlag }),
  };
}

/** What is meant by that, in the books as they are. */
async function meant(
  ctx: Context,
  tx: Connection,
  input: NewRule,
  { days, said }: ReadSaying,
): Promise<{
  readonly change: RuleChange;
  readonly newProduct: string | null;
  readonly unchanged: RuleVersionRow | null;
}> {
  const { product = null, level = 0 } = input;
  const scope = await resolveScope(tx, input.scope, today(ctx));
  const terms = await resolveTerms(tx, said);
  const productId = product === null ? null : await productIdByCode(tx, product);
  const newProduct = productId === null ? product : null;
  return {
    change: { scope, product, level, sayings: [{ days, terms }] },
    newProduct,
    unchanged: newProduct === null ? await sayingThis(tx, { ...scope, productId, level }, terms, days) : null,
  };
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
