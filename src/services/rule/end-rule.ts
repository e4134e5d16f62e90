import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import { liveVersions, ruleHistory, ruleIdOf } from '../../db/queries/rules.ts';
import type { Connection } from '../../db/connection.ts';
import { intersect } from '../../domain/date-ranges.ts';
import { NotFoundError, RefusedError } from '../../domain/errors.ts';
import type { Request } from '../approval/list-requests.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { askForRerate } from './ask-rerate.ts';
import { findProductId, resolveScope, ruleCalled, type RuleName } from './resolve-rule.ts';
import { makeRuleChange, type RuleChange } from './rule-change.ts';
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
  return await ctx.write(async (tx) => {
    const { ruleId, change } = await findEnding(ctx, tx, input);
    const knownSeq = await drawKnownSeq(tx, endingCalled(input));
    await assertInForce(tx, ruleId, input);
    await makeRuleChange(tx, change, knownSeq, '--on');
    const history = await ruleHistory(tx, ruleId);
    const left = history.filter(({ retiredSeq }) => retiredSeq === null).at(-1);
    return ruleView(left ?? history.filter(({ retiredSeq }) => retiredSeq === knownSeq).at(-1)!);
  });
}

/**
 * Asks to end a rule on a day from which on sales are decided already: what decides them then is what wider rules say.
 * Writes. Throws as `endRule` and `askForRerate`.
 */
export async function askToEndRule(ctx: Context, input: RuleEnd & { readonly reason: string }): Promise<Request> {
  return await ctx.write(async (tx) => {
    const { ruleId, change } = await findEnding(ctx, tx, input);
    await assertInForce(tx, ruleId, input);
    return await askForRerate(ctx, tx, { about: endingCalled(input), changes: [change], reason: input.reason });
  });
}

const endingCalled = (input: RuleEnd): string => `rule ${ruleCalled(input)} ended on ${input.on}`;

async function findEnding(
  ctx: Context,
  tx: Connection,
  input: RuleEnd,
): Promise<{ readonly ruleId: number; readonly change: RuleChange }> {
  const { product = null, level = 0, on } = input;
  const scope = await resolveScope(tx, input.scope, today(ctx));
  const productId = product === null ? null : await findProductId(tx, product);
  const ruleId = await ruleIdOf(tx, { ...scope, productId, level });
  if (ruleId === null) {
    throw new NotFoundError('rule', ruleCalled(input), '`revshare rule list` shows what there is');
  }
  return { ruleId, change: { scope, product, level, sayings: [{ days: { from: on, to: null }, terms: null }] } };
}

async function assertInForce(tx: Connection, ruleId: number, input: RuleEnd): Promise<void> {
  const days = { from: input.on, to: null };
  const live = await liveVersions(tx, ruleId);
  if (live.some(({ valid }) => intersect(valid, days) !== null)) return;
  throw new RefusedError(
    'rule_not_in_force',
    `rule ${ruleId} (${ruleCalled(input)}) says nothing from ${input.on} on`,
    {
      hint: `\`revshare rule show ${ruleId}\` tells its history`,
    },
  );
}
