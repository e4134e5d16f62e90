import { IntegrityError } from '../errors.ts';
import { getOrAdd, mapValues } from '../maps.ts';
import { Timeline, type Interval } from '../timeline.ts';
import type { RuleVersion, ScopeKind } from './model.ts';
import { judge, PRECEDENCE, type Verdict } from './precedence.ts';

/** Where revenue falls: what a rule's scope is compared with. */
export interface Place {
  readonly instanceId: number;
  readonly accountId: number | null;
  readonly productId: number | null;
}

/** A place together with who earns there and at what tier: everything a scope can name. */
export interface EarningPlace extends Place {
  readonly partnerId: number;
  readonly tier: string | null;
}

/** A rule that names the place, in force on the date or not; narrowest scope first, then by validity. */
export interface Candidate {
  readonly rule: RuleVersion;
  readonly inForce: boolean;
}

type ScopeId = number | string | null;

/** The rules of one slot by scope, then by what the scope names, then by product. */
export class SlotRules {
  readonly #byScope: ReadonlyMap<
    ScopeKind,
    ReadonlyMap<ScopeId, ReadonlyMap<number | null, Timeline<RuleVersion | null>>>
  >;

  /** A level without rules makes no shares. */
  readonly isEmpty: boolean;

  constructor(rules: readonly RuleVersion[]) {
    this.isEmpty = rules.length === 0;
    const byScope = new Map<ScopeKind, Map<ScopeId, Map<number | null, RuleVersion[]>>>();
    for (const rule of rules) {
      assertComplete(rule);
      const byId = getOrAdd(byScope, rule.scope, () => new Map<ScopeId, Map<number | null, RuleVersion[]>>());
      const byProduct = getOrAdd(byId, rule.scopeId, () => new Map<number | null, RuleVersion[]>());
      getOrAdd(byProduct, rule.productId, () => []).push(rule);
    }
    this.#byScope = mapValues(byScope, (byId, scope) =>
      mapValues(byId, (byProduct, scopeId) =>
        mapValues(byProduct, (versions, productId) => {
          const what = `rules of ${scope} ${scopeId ?? ''}${productId === null ? '' : `, product ${productId}`}`;
          const intervals = versions.map((rule): Interval<RuleVersion | null> => ({
            from: rule.from,
            to: rule.to,
            value: rule,
          }));
          return Timeline.of(intervals, null, what);
        }),
      ),
    );
  }

  verdictAt(place: EarningPlace, date: string): Verdict {
    const inForce: RuleVersion[] = [];
    for (const rules of this.timelinesFor(place)) {
      const rule = rules.at(date);
      if (rule !== null) inForce.push(rule);
    }
    return judge(inForce);
  }

  candidatesAt(place: EarningPlace, date: string): Candidate[] {
    return this.timelinesFor(place).flatMap((rules) =>
      rules.values.filter((rule) => rule !== null).map((rule) => ({ rule, inForce: rule === rules.at(date) })),
    );
  }

  /** The rules of each level of precedence that name the place, narrowest level first. */
  timelinesFor(place: EarningPlace): Timeline<RuleVersion | null>[] {
    const found: Timeline<RuleVersion | null>[] = [];
    for (const { scope, withProduct } of PRECEDENCE) {
      const scopeId = scopeIdOf(scope, place);
      if (scopeId === undefined || (withProduct && place.productId === null)) continue;
      const rules = this.#byScope
        .get(scope)
        ?.get(scopeId)
        ?.get(withProduct ? place.productId : null);
      if (rules !== undefined) found.push(rules);
    }
    return found;
  }
}

/** What a scope of this kind must name to contain the place; undefined when none can. */
function scopeIdOf(scope: ScopeKind, place: EarningPlace): ScopeId | undefined {
  switch (scope) {
    case 'account':
      return place.accountId ?? undefined;
    case 'instance':
      return place.instanceId;
    case 'partner':
      return place.partnerId;
    case 'tier':
      return place.tier ?? undefined;
    case 'programme':
      return null;
  }
}

/** The database promises these; a rule without its number must stop a run rather than rate as zero. */
function assertComplete(rule: RuleVersion): void {
  const { kind, ratePpm, flatMinor, brackets, bracketMode, window, limits, currency } = rule;
  const priced = flatMinor !== null || brackets !== null || limits.capSale !== null || limits.capWindow !== null;
  const complete =
    (kind === 'percentage' || kind === 'hybrid') === (ratePpm !== null) &&
    (kind === 'flat' || kind === 'hybrid') === (flatMinor !== null) &&
    (kind === 'tiered') === (brackets !== null && brackets.length > 0 && bracketMode !== null) &&
    (kind === 'tiered' || limits.capWindow !== null) === (window !== null) &&
    (!priced || currency !== null);
  const named = (rule.scope === 'programme') === (rule.scopeId === null);
  if (complete && named && !(kind === 'exclude' && rule.includes)) return;
  throw new IntegrityError('rule_incomplete', `rule version ${rule.id} (${kind}, ${rule.scope}) is incomplete`);
}
