import { mention } from './mentions.ts';
import type { RuleVersion, ScopeKind } from './model.ts';

/** A place in the order of precedence: a scope, with or without one product of it. */
export interface Level {
  readonly scope: ScopeKind;
  readonly withProduct: boolean;
}

/** Narrowest first: the first rule that speaks wins its slot. Source: SEMANTICS §3. */
export const PRECEDENCE: readonly Level[] = (['account', 'instance', 'partner', 'tier', 'programme'] as const).flatMap(
  (scope) => [
    { scope, withProduct: true },
    { scope, withProduct: false },
  ],
);

/** What a slot's rules say together. `rule` is the rule that had the last word: the winning rate or the exclusion. */
export interface Verdict {
  readonly rule: RuleVersion | null;
  readonly refusal: 'no_rule' | 'excluded' | null;
}

const NO_RULE: Verdict = Object.freeze({ rule: null, refusal: 'no_rule' });

/**
 * Judges between the rules in force for one event in one slot, given narrowest first.
 *
 * Two questions are kept apart. Whether anything may be earned: of the exclusions and the rates that say --include the
 * narrowest has the last word. At what rate: the narrowest rate, whether it says --include or not; 0 % is a rate like
 * any other. Source: SEMANTICS §3.
 */
export function judge(inForce: readonly RuleVersion[]): Verdict {
  if (inForce.length === 0) return NO_RULE;
  const lastWord = inForce.find((rule) => rule.kind === 'exclude' || rule.includes);
  if (lastWord?.kind === 'exclude') return { rule: lastWord, refusal: 'excluded' };
  // Nothing excludes, so whatever is in force at all is a rate.
  return { rule: inForce.find((rule) => rule.kind !== 'exclude')!, refusal: null };
}

/** Why a rule that was in force for an event is not the one that decided it; null for the one that did. */
export function whyItLost(rule: RuleVersion, verdict: Verdict): string | null {
  if (rule === verdict.rule) return null;
  const winner = mention(verdict.rule!);
  if (verdict.refusal === 'excluded') {
    return rule.kind === 'exclude' ? `${winner} excludes more narrowly` : `${winner} excludes`;
  }
  return rule.kind === 'exclude' ? 'a narrower rule includes' : `${winner} is narrower`;
}
