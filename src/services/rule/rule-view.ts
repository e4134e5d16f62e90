import { termsOf, type RuleRow } from '../../db/queries/rules.ts';
import { formatScope, type RuleScope } from '../../domain/rule-scope.ts';
import type { RuleTerms } from '../../domain/rule-terms.ts';

/** One version of one rule as people read it. */
export interface Rule {
  readonly rule: number;
  readonly version: number;
  /** As it is typed: 'partner=acme'. */
  readonly scope: string;
  readonly product: string | null;
  /** 0: the own slot. n: the override slot of the n-th partner above the one who earns. */
  readonly level: number;
  readonly terms: RuleTerms;
  readonly from: string | null;
  readonly to: string | null;
  readonly knownSeq: number;
  /** The number under which it was retired; null while it lives. */
  readonly retiredSeq: number | null;
  /** The version whose remainder it is. */
  readonly continues: number | null;
  readonly setBy: string;
  readonly setAt: string;
}

export function ruleView(row: RuleRow): Rule {
  return {
    rule: row.ruleId,
    version: row.id,
    scope: formatScope(scopeOf(row)),
    product: row.product,
    level: row.level,
    terms: termsByCode(row),
    from: row.valid.from,
    to: row.valid.to,
    knownSeq: row.knownSeq,
    retiredSeq: row.retiredSeq,
    continues: row.continuesId,
    setBy: row.createdBy,
    setAt: row.recordedAt,
  };
}

/** The terms of a row, with the products they are limited to by code. */
export function termsByCode(row: RuleRow): RuleTerms {
  return { ...termsOf(row), limitProducts: row.limitCodes };
}

export function scopeOf({ scope, scopeCode, scopeInstance }: RuleRow): RuleScope {
  if (scope === 'programme') return { kind: scope };
  if (scope === 'account') return { kind: scope, instance: scopeInstance ?? '', code: scopeCode ?? '' };
  return { kind: scope, code: scopeCode ?? '' };
}
