import { byRule, inBookOrder, type BookVersion } from './book-versions.ts';
import { intersect, type Days } from './date-ranges.ts';
import { sayAlike, type RuleTerms } from './rule-terms.ts';

/** Days of one rule on which two books differ. */
export interface BookChange extends Days {
  readonly rule: Pick<BookVersion, 'scope' | 'product' | 'level'>;
  readonly change: 'added' | 'changed' | 'ended';
  readonly was: RuleTerms | null;
  readonly becomes: RuleTerms | null;
}

/**
 * What has to change in one book to make it say what another says, in the order of the book. How often a rule was cut
 * into versions that say the same is no difference.
 */
export function diffBooks(now: readonly BookVersion[], wanted: readonly BookVersion[]): BookChange[] {
  const [before, after] = [byRule(now), byRule(wanted)];
  const rules = new Map([...before, ...after].map(([rule, versions]) => [rule, versions[0]!]));
  const changes = [...rules].flatMap(([rule, { scope, product, level }]) =>
    diffRule(before.get(rule) ?? [], after.get(rule) ?? []).map((change) => ({
      ...change,
      rule: { scope, product, level },
    })),
  );
  // Sorted as versions are: the terms play no part in it.
  return inBookOrder(
    changes.map((change) => ({ ...change, ...change.rule, terms: (change.becomes ?? change.was)! })),
  ).map(({ scope: _scope, product: _product, level: _level, terms: _terms, ...change }) => change);
}

type RuleChange = Omit<BookChange, 'rule'>;

/** Day by day, between all days on which either begins or ends to say something. */
function diffRule(before: readonly BookVersion[], after: readonly BookVersion[]): RuleChange[] {
  const changes: RuleChange[] = [];
  for (const days of stretches([...before, ...after])) {
    const was = before.find((version) => intersect(version, days) !== null)?.terms ?? null;
    const becomes = after.find((version) => intersect(version, days) !== null)?.terms ?? null;
    if (was === null ? becomes === null : becomes !== null && sayAlike(was, becomes)) continue;
    const last = changes.at(-1);
    if (last !== undefined && last.to === days.from && last.was === was && last.becomes === becomes) {
      changes[changes.length - 1] = { ...last, to: days.to };
    } else {
      changes.push({ ...days, was, becomes, change: was === null ? 'added' : becomes === null ? 'ended' : 'changed' });
    }
  }
  return changes;
}

function stretches(ranges: readonly Days[]): Days[] {
  const bounds = [...new Set(ranges.flatMap(({ from, to }) => [from, to]).filter((day) => day !== null))].sort();
  return [null, ...bounds].map((from, n) => ({ from, to: bounds[n] ?? null }));
}
