import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import { liveVersions, ruleHistory, ruleIdOf } from '../../db/queries/rules.ts';
import { intersect } from '../../domain/date-ranges.ts';
import { NotFoundError, RefusedError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { replaceDays } from './replace-versions.ts';
import { findProductId, resolveScope, ruleCalled, type RuleName } from './resolve-rule.ts';
import { ruleView, type Rule } from './rule-view.ts';

export interface RuleEnd extends RuleName {
  /** First day it no longer applies. */
  readonly on: string;
}

/**
 * Ends a rule: from `on` it says nothing, and a wider rule decides. Returns the version that is left before that day, or
 * the one that was taken back where none is left. Writes.
 * Throws NotFoundError for the scope, the product and `rule_not_found`, RefusedError `rule_not_in_force`,
 * `decided_sales`, `accrual_running`.
 */
export async function endRule(ctx: Context, input: RuleEnd): Promise<Rule> {
  const day = today(ctx);
  return await ctx.write(async (tx) => {
    const scope = await resolveScope(tx, input.scope, day);
    const productId = input.product === undefined ? null : await findProductId(tx, input.product);
    const identity = { ...scope, productId, level: input.level ?? 0 };
    const what = ruleCalled(input);
    const ruleId = await ruleIdOf(tx, identity);
    if (ruleId === null) {
      throw new NotFoundError('rule', what, '`revshare rule list` shows what there is');
    }
    const days = { from: input.on, to: null };
    const knownSeq = await drawKnownSeq(tx, `rule ${what} ended on ${input.on}`);
    const live = await liveVersions(tx, ruleId);
    if (live.every(({ valid }) => intersect(valid, days) === null)) {
      throw new RefusedError('rule_not_in_force', `rule ${ruleId} (${what}) says nothing from ${input.on} on`, {
        hint: `\`revshare rule show ${ruleId}\` tells its history`,
      });
    }
    await replaceDays(tx, identity, [{ days, terms: null }], knownSeq, '--on');
    const history = await ruleHistory(tx, ruleId);
    const left = history.filter(({ retiredSeq }) => retiredSeq === null).at(-1);
    return ruleView(left ?? history.filter(({ retiredSeq }) => retiredSeq === knownSeq).at(-1)!);
  });
}
