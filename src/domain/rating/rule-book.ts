import { IntegrityError } from '../errors.ts';
import { Timeline, type Interval } from '../timeline.ts';
import type { RuleBookContent, RuleVersion, ScopeKind } from './model.ts';
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

/** Who earns at a place on a date, and by which rule. Shared between events: never change one. */
export interface Standing {
  readonly partnerId: number | null;
  readonly tier: string | null;
  /** The rate that wins, or the exclusion that has the last word. */
  readonly rule: RuleVersion | null;
  /** Why nothing can be earned here whatever the amounts are, or null. */
  readonly refusal: 'no_agreement' | 'house_partner' | 'no_rule' | 'excluded' | null;
}

/** A rule that names the place, in force on the date or not; narrowest scope first, then by validity. */
export interface Candidate {
  readonly rule: RuleVersion;
  readonly inForce: boolean;
}

type ScopeId = number | string | null;

/** Outcomes per instance: without account rules one per product, with them one per account and product. */
interface InstanceStandings {
  readonly byProduct: Map<number | null, Timeline<Standing>>;
  readonly byAccount: Map<number, Map<number | null, Timeline<Standing>>>;
}

const NO_AGREEMENT: Standing = Object.freeze({ partnerId: null, tier: null, rule: null, refusal: 'no_agreement' });

/**
 * The terms of a programme as known at one `knownSeq`, indexed for rating. Immutable to its users. Where a place has
 * been asked about once, its whole history of standings is kept, so that an event costs two or three map lookups and a
 * binary search.
 */
export class RuleBook {
  readonly knownSeq: number;
  readonly #partners: ReadonlyMap<number, Timeline<number | null>>;
  readonly #tiers: ReadonlyMap<number, Timeline<string | null>>;
  readonly #housePartners: ReadonlySet<number>;
  /** The own slot's rules. An override level is a slot of its own and gets an index of its own: none serves for another. */
  readonly #own: SlotRules;
  readonly #standings = new Map<number, InstanceStandings>();

  /** @throws IntegrityError `overlap`, `empty_interval`, `rule_incomplete` */
  constructor(content: RuleBookContent) {
    this.knownSeq = content.knownSeq;
    this.#housePartners = new Set(content.housePartnerIds);
    this.#partners = timelines(
      content.agreements,
      (agreement) => agreement.instanceId,
      (agreement) => agreement.partnerId,
      'agreements of instance',
    );
    this.#tiers = timelines(
      content.tiers,
      (tier) => tier.partnerId,
      (tier) => tier.tier,
      'tiers of partner',
    );
    this.#own = new SlotRules(content.rules);
  }

  /** The partner whose agreement for the instance is in force on a date, or null. Source: SEMANTICS §1. */
  partnerAt(instanceId: number, date: string): number | null {
    return this.#partners.get(instanceId)?.at(date) ?? null;
  }

  /** The code of the partner's tier on a date, or null. */
  tierAt(partnerId: number, date: string): string | null {
    return this.#tiers.get(partnerId)?.at(date) ?? null;
  }

  /** A house partner never earns. Source: SEMANTICS §1. */
  isHouse(partnerId: number): boolean {
    return this.#housePartners.has(partnerId);
  }

  /** What the own slot's rules say for a place on a date; computed anew, see `standingAt` for the fast way. */
  verdictAt(place: EarningPlace, date: string): Verdict {
    return this.#own.verdictAt(place, date);
  }

  /** Every own-slot rule that names the place, for explanations. */
  candidatesAt(place: EarningPlace, date: string): readonly Candidate[] {
    return this.#own.candidatesAt(place, date);
  }

  /** Who earns at a place on a date and by which own-slot rule. The fast way, for batches. */
  standingAt(instanceId: number, accountId: number | null, productId: number | null, date: string): Standing {
    let instance = this.#standings.get(instanceId);
    if (instance === undefined) {
      instance = { byProduct: new Map(), byAccount: new Map() };
      this.#standings.set(instanceId, instance);
    }
    const account = accountId !== null && this.#own.namesAccount(accountId) ? accountId : null;
    let byProduct = account === null ? instance.byProduct : instance.byAccount.get(account);
    if (byProduct === undefined) {
      byProduct = new Map();
      instance.byAccount.set(account!, byProduct);
    }
    // Products that no rule names are all alike: one entry for them, so that a long catalogue costs no memory.
    const product = productId !== null && this.#own.namesProduct(productId) ? productId : null;
    let standings = byProduct.get(product);
    if (standings === undefined) {
      standings = this.#standingsOf({ instanceId, accountId: account, productId: product });
      byProduct.set(product, standings);
    }
    return standings.at(date);
  }

  #standingsOf(place: Place): Timeline<Standing> {
    return Timeline.computed(this.#changesAt(place), (date) => {
      const partnerId = this.partnerAt(place.instanceId, date);
      if (partnerId === null) return NO_AGREEMENT;
      const tier = this.tierAt(partnerId, date);
      const verdict = this.#own.verdictAt({ ...place, partnerId, tier }, date);
      return {
        partnerId,
        tier,
        rule: verdict.rule,
        refusal: this.isHouse(partnerId) ? 'house_partner' : verdict.refusal,
      };
    });
  }

  /** Every date on which the standing at a place may change: partner, tier, or any rule that may ever name it. */
  #changesAt(place: Place): Set<string> {
    const changes = new Set<string>();
    const partners = this.#partners.get(place.instanceId);
    addStarts(changes, partners);
    for (const partnerId of new Set(partners?.values)) {
      if (partnerId === null) continue;
      const tiers = this.#tiers.get(partnerId);
      addStarts(changes, tiers);
      for (const tier of new Set([null, ...(tiers?.values ?? [])])) {
        for (const rules of this.#own.timelinesFor({ ...place, partnerId, tier })) addStarts(changes, rules);
      }
    }
    return changes;
  }
}

/** Indexes the terms of a programme for rating. @throws IntegrityError as the constructor says */
export function ruleBook(content: RuleBookContent): RuleBook {
  return new RuleBook(content);
}

/** The rules of one slot by scope, then by what the scope names, then by product. */
class SlotRules {
  readonly #byScope: ReadonlyMap<
    ScopeKind,
    ReadonlyMap<ScopeId, ReadonlyMap<number | null, Timeline<RuleVersion | null>>>
  >;
  readonly #products: ReadonlySet<number>;

  constructor(rules: readonly RuleVersion[]) {
    const byScope = new Map<ScopeKind, Map<ScopeId, Map<number | null, RuleVersion[]>>>();
    const products = new Set<number>();
    for (const rule of rules) {
      assertComplete(rule);
      const byId = getOrAdd(byScope, rule.scope, () => new Map<ScopeId, Map<number | null, RuleVersion[]>>());
      const byProduct = getOrAdd(byId, rule.scopeId, () => new Map<number | null, RuleVersion[]>());
      getOrAdd(byProduct, rule.productId, () => []).push(rule);
      if (rule.productId !== null) products.add(rule.productId);
    }
    this.#products = products;
    this.#byScope = mapValues(byScope, (byId, scope) =>
      mapValues(byId, (byProduct, scopeId) =>
        mapValues(byProduct, (versions, productId) => {
          const what = `rules of ${scope} ${scopeId ?? ''}${productId === null ? '' : `, product ${productId}`}`;
          const intervals = versions.map((rule): Interval<RuleVersion | null> => ({ ...validity(rule), value: rule }));
          return Timeline.of(intervals, null, what);
        }),
      ),
    );
  }

  namesAccount(accountId: number): boolean {
    return this.#byScope.get('account')?.has(accountId) ?? false;
  }

  namesProduct(productId: number): boolean {
    return this.#products.has(productId);
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
  const complete =
    rule.kind === 'exclude' ||
    (rule.kind === 'percentage' && rule.ratePpm !== null) ||
    (rule.kind === 'flat' && rule.flatMinor !== null && rule.currency !== null);
  const named = (rule.scope === 'programme') === (rule.scopeId === null);
  if (complete && named && !(rule.kind === 'exclude' && rule.includes)) return;
  throw new IntegrityError('rule_incomplete', `rule version ${rule.id} (${rule.kind}, ${rule.scope}) is incomplete`);
}

function timelines<Row extends { readonly from: string | null; readonly to: string | null }, Value>(
  rows: readonly Row[],
  keyOf: (row: Row) => number,
  valueOf: (row: Row) => Value,
  what: string,
): ReadonlyMap<number, Timeline<Value | null>> {
  const byKey = new Map<number, Interval<Value | null>[]>();
  for (const row of rows) getOrAdd(byKey, keyOf(row), () => []).push({ ...validity(row), value: valueOf(row) });
  return mapValues(byKey, (intervals, key) => Timeline.of(intervals, null, `${what} ${key}`));
}

function validity(row: { readonly from: string | null; readonly to: string | null }): {
  from: string | null;
  to: string | null;
} {
  return { from: row.from, to: row.to };
}

function addStarts(changes: Set<string>, timeline: Timeline<unknown> | undefined): void {
  for (const start of timeline?.starts ?? []) changes.add(start);
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function mapValues<Key, From, To>(map: ReadonlyMap<Key, From>, change: (value: From, key: Key) => To): Map<Key, To> {
  return new Map([...map].map(([key, value]) => [key, change(value, key)]));
}
