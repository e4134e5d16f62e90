import type { Days } from './date-ranges.ts';
import { formatScope, type RuleScope } from './rule-scope.ts';
import type { RuleTerms } from './rule-terms.ts';
import { groupBy } from './maps.ts';

/** One version of the rule book by the codes that people write: a rule, the days it speaks on, and what it says. */
export interface BookVersion extends Days {
  readonly scope: RuleScope;
  readonly product: string | null;
  /** 0: the own slot. n: the override slot of the n-th partner above the one who earns. */
  readonly level: number;
  readonly terms: RuleTerms;
}

/** Which rule a version is of, in the words that are typed: versions of one rule must not overlap. */
export function ruleOf({ scope, product, level }: Pick<BookVersion, 'scope' | 'product' | 'level'>): string {
  const words = [formatScope(scope)];
  if (product !== null) words.push(`--product ${product}`);
  if (level > 0) words.push(`--override ${level}`);
  return words.join(' ');
}

/** Versions by the rule they are of, each by time. */
export function byRule<V extends BookVersion>(versions: readonly V[]): Map<string, V[]> {
  const rules = groupBy(versions, ruleOf);
  for (const ofRule of rules.values()) ofRule.sort(compareStarts);
  return rules;
}

/** An open start is before every date. */
function compareStarts(a: Days, b: Days): number {
  const [one, other] = [a.from ?? '', b.from ?? ''];
  return one < other ? -1 : one > other ? 1 : 0;
}

const SCOPES: readonly RuleScope['kind'][] = ['programme', 'tier', 'partner', 'instance', 'account'];

/** From wide scopes to narrow ones, then by code, product, slot and time; byte by byte, wherever it runs. */
export function inBookOrder<V extends BookVersion>(versions: readonly V[]): V[] {
  const keyOf = ({ scope, product, level, from }: V) =>
    [
      String(SCOPES.indexOf(scope.kind)),
      scope.kind === 'account' ? scope.instance : '',
      scope.kind === 'programme' ? '' : scope.code,
      product ?? '',
      String(level).padStart(2, '0'),
      from ?? '',
    ].join('\u0000');
  const keyed = versions.map((version) => ({ version, key: keyOf(version) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ version }) => version);
}

/** Versions of one rule that follow each other and say the same are one: how often it was cut says nothing. */
export function joinAlike(
  versions: readonly BookVersion[],
  alike: (a: RuleTerms, b: RuleTerms) => boolean,
): BookVersion[] {
  return [...byRule(versions).values()].flatMap((ofRule) =>
    ofRule.reduce<BookVersion[]>((joined, version) => {
      const last = joined.at(-1);
      if (last === undefined || last.to === null || last.to !== version.from || !alike(last.terms, version.terms)) {
        return [...joined, version];
      }
      return [...joined.slice(0, -1), { ...last, to: version.to }];
    }, []),
  );
}
