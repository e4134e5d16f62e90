import type { RuleRow, RuleTerms } from '../../db/queries/rules.ts';
import { formatScope, type RuleScope } from '../../domain/rule-scope.ts';

/** One version of one rule as people read it. */
export interface Rule {
  readonly rule: number;
  readonly version: number;
  /** As it is typed: 'partner=acme'. */
  readonly scope: string;
  readonly product: string | null;
  readonly kind: RuleTerms['kind'];
  readonly ratePpm: number | null;
  readonly flat: { readonly minor: bigint; readonly currency: string } | null;
  readonly currency: string | null;
  /** Of what takes a share; a flat amount and an exclusion have no base. */
  readonly base: RuleTerms['base'] | null;
  readonly includes: boolean;
  readonly from: string | null;
  readonly to: string | null;
  readonly knownSeq: number;
  /** The number under which it was retired; null while it lives. */
  readonly retiredSeq: number | null;
  /** The version whose remainder it is. */
  readonly continues: number | null;
  readonly note: string | null;
  readonly setBy: string;
  readonly setAt: string;
}

export function ruleView(row: RuleRow): Rule {
  return {
    rule: row.ruleId,
    version: row.id,
    scope: formatScope(scopeOf(row)),
    product: row.product,
    kind: row.kind,
    ratePpm: row.ratePpm,
    flat: row.flatMinor === null || row.currency === null ? null : { minor: row.flatMinor, currency: row.currency },
    currency: row.currency,
    base: row.kind === 'flat' || row.kind === 'exclude' ? null : row.base,
    includes: row.includes,
    from: row.valid.from,
    to: row.valid.to,
    knownSeq: row.knownSeq,
    retiredSeq: row.retiredSeq,
    continues: row.continuesId,
    note: row.note,
    setBy: row.createdBy,
    setAt: row.recordedAt,
  };
}

function scopeOf({ scope, scopeCode, scopeInstance }: RuleRow): RuleScope {
  if (scope === 'programme') return { kind: scope };
  if (scope === 'account') return { kind: scope, instance: scopeInstance ?? '', code: scopeCode ?? '' };
  return { kind: scope, code: scopeCode ?? '' };
}
