import { changeSummary } from '../../db/queries/known-changes.ts';
import { ruleHistory, ruleIdOf, type RuleRow } from '../../db/queries/rules.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { findProductId, resolveScope, ruleCalled, type RuleName } from '../rule/resolve-rule.ts';
import { ruleView, type Rule } from '../rule/rule-view.ts';
import { today } from '../today.ts';

/** The version that speaks on a day, and how it came to. */
export interface BlamedRule extends Rule {
  readonly day: string;
  /** Who said what it says, when and under which number: of a remainder, the version it remains of. */
  readonly saidBy: Rule;
  /** The change that brought it, in its own words. */
  readonly change: string;
  /** What the rule said on that day until then. */
  readonly replaced: readonly Rule[];
}

/**
 * Which version of a rule speaks on a day, who set it, by which change, and what it replaced. Reads only.
 * Throws NotFoundError for the scope, the product and `rule_not_found`.
 */
export async function blameRule(ctx: Context, name: RuleName, day: string): Promise<BlamedRule> {
  const scope = await resolveScope(ctx.db, name.scope, today(ctx));
  const productId = name.product === undefined ? null : await findProductId(ctx.db, name.product);
  const ruleId = await ruleIdOf(ctx.db, { ...scope, productId, level: name.level ?? 0 });
  const history = ruleId === null ? [] : await ruleHistory(ctx.db, ruleId);
  const speaking = history.find((row) => row.retiredSeq === null && speaksOn(row, day));
  if (speaking === undefined) {
    throw new NotFoundError(
      'rule',
      `${ruleCalled(name)} on ${day}`,
      'a wider rule decides there; `revshare rule list --at` shows what is in force',
    );
  }
  const origin = originOf(speaking, history);
  return {
    ...ruleView(speaking),
    day,
    saidBy: ruleView(origin),
    change: await changeSummary(ctx.db, origin.knownSeq),
    replaced: history.filter((row) => row.retiredSeq === origin.knownSeq && speaksOn(row, day)).map(ruleView),
  };
}

function speaksOn({ valid: { from, to } }: RuleRow, day: string): boolean {
  return (from === null || from <= day) && (to === null || day < to);
}

/** A later change may have cut a version short any number of times; what is left says what the first one said. */
function originOf(version: RuleRow, history: readonly RuleRow[]): RuleRow {
  const before = history.find(({ id }) => id === version.continuesId);
  return before === undefined ? version : originOf(before, history);
}
