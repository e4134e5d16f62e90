import { getOrAdd, mapValues } from '../maps.ts';
import { WHOLE_PPM } from '../rates.ts';
import { Timeline, type Interval } from '../timeline.ts';
import { LEGS_PER_SLOT } from './legs.ts';
import type { AccountSlot, RuleBookContent, RuleVersion } from './model.ts';
import { judge, type Verdict } from './precedence.ts';
import { SlotRules, type Candidate, type EarningPlace, type Place } from './slot-rules.ts';

/** One share of a place on a date: who holds it, and by which rule. Shared between events: never change one. */
export interface Standing {
  /** attribution slot × 16 + override level */
  readonly leg: number;
  /** What of the sale the attribution slot holds. */
  readonly sharePpm: number;
  readonly partnerId: number | null;
  readonly tier: string | null;
  /** The rate that wins, or the exclusion that has the last word. */
  readonly rule: RuleVersion | null;
  /** Why nothing can be earned here whatever the amounts are, or null. */
  readonly refusal: 'no_agreement' | 'house_partner' | 'self_referral' | 'no_rule' | 'excluded' | null;
}

type Standings = Timeline<readonly Standing[]>;

/** Outcomes per instance: one per product, and one per account and product for accounts with terms of their own. */
interface InstanceStandings {
  readonly byProduct: Map<number | null, Standings>;
  readonly byAccount: Map<number, Map<number | null, Standings>>;
}

const NO_AGREEMENT: readonly Standing[] = Object.freeze([
  Object.freeze({
    leg: 0,
    sharePpm: WHOLE_PPM,
    partnerId: null,
    tier: null,
    rule: null,
    refusal: 'no_agreement',
  } as const),
]);

/** A partner's part of an account's commission. */
interface Holder {
  readonly slot: number;
  readonly partnerId: number;
  readonly sharePpm: number;
}

/**
 * The terms of a programme as known at one `knownSeq`, indexed for rating. Immutable to its users. Where a place has
 * been asked about once, its whole history of standings is kept, so that an event costs two or three map lookups and a
 * binary search.
 */
export class RuleBook {
  readonly knownSeq: number;
  /** Whether accounts have clocks; see RuleBookContent. */
  readonly keepsClocks: boolean;
  readonly fxRate: RuleBookContent['fxRate'];
  /** Whether any rule counts tiers or a cap over a window. Where none does, nobody need ask what windows hold. */
  readonly hasWindows: boolean;
  /** Whether any rule asks what a sale cost; and where its customer is. */
  readonly readsWholesale: boolean;
  readonly readsCountry: boolean;
  readonly #partners: ReadonlyMap<number, Timeline<number | null>>;
  readonly #tiers: ReadonlyMap<number, Timeline<string | null>>;
  readonly #parents: ReadonlyMap<number, Timeline<number | null>>;
  readonly #holders: ReadonlyMap<number, readonly Timeline<Holder | null>[]>;
  readonly #housePartners: ReadonlySet<number>;
  readonly #shareCaps: Timeline<number | null>;
  /** The rules of each slot: 0 the own one, n the n-th level above. None serves for another. */
  readonly #levels: readonly SlotRules[];
  /** Accounts and products that some rule or attribution slot names; all others are alike. */
  readonly #namedAccounts: ReadonlySet<number>;
  readonly #namedProducts: ReadonlySet<number>;
  readonly #standings = new Map<number, InstanceStandings>();

  /** @throws IntegrityError `overlap`, `empty_interval`, `rule_incomplete` */
  constructor(content: RuleBookContent) {
    this.knownSeq = content.knownSeq;
    this.keepsClocks = content.keepsClocks;
    this.fxRate = content.fxRate;
    this.hasWindows = content.rules.some(({ window }) => window !== null);
    this.readsWholesale = content.rules.some(({ base }) => base === 'margin');
    this.readsCountry = content.rules.some(({ limits }) => limits.territory !== null);
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
    this.#parents = timelines(
      content.parents,
      (parent) => parent.partnerId,
      (parent) => parent.parentId,
      'parents of partner',
    );
    this.#holders = holderTimelines(content.accountSlots);
    this.#shareCaps = Timeline.of(content.shareCaps, null, 'share cap');
    const highest = content.rules.reduce((level, rule) => Math.max(level, rule.level), 0);
    this.#levels = Array.from(
      { length: highest + 1 },
      (_, level) => new SlotRules(content.rules.filter((rule) => rule.level === level)),
    );
    const ofAccounts = content.rules.filter(({ scope }) => scope === 'account').map(({ scopeId }) => scopeId as number);
    this.#namedAccounts = new Set([...this.#holders.keys(), ...ofAccounts]);
    this.#namedProducts = new Set(content.rules.flatMap(({ productId }) => productId ?? []));
  }

  /** The partner whose agreement for the instance is in force on a date, or null. Source: SEMANTICS §1. */
  partnerAt(instanceId: number, date: string): number | null {
    return this.#partners.get(instanceId)?.at(date) ?? null;
  }

  /** The code of the partner's tier on a date, or null. */
  tierAt(partnerId: number, date: string): string | null {
    return this.#tiers.get(partnerId)?.at(date) ?? null;
  }

  /** The partner above a partner on a date, or null. */
  parentAt(partnerId: number, date: string): number | null {
    return this.#parents.get(partnerId)?.at(date) ?? null;
  }

  /** A house partner never earns. Source: SEMANTICS §1. */
  isHouse(partnerId: number): boolean {
    return this.#housePartners.has(partnerId);
  }

  /** The most that the shares of a sale of this date may come to, in ppm of sale_net; null for no cap. */
  shareCapAt(date: string): number | null {
    return this.#shareCaps.at(date);
  }

  /** What the rules of a level say for a place on a date; computed anew, see `standingsAt` for the fast way. */
  verdictAt(place: EarningPlace, date: string, level = 0): Verdict {
    return this.#levels[level]?.verdictAt(place, date) ?? judge([]);
  }

  /** Every rule of a level that names the place, for explanations. */
  candidatesAt(place: EarningPlace, date: string, level = 0): readonly Candidate[] {
    return this.#levels[level]?.candidatesAt(place, date) ?? [];
  }

  /**
   * The shares of a place on a date, in the order of their legs, and by which rule each is held: those of the account's
   * attribution slots or else of the agreement's partner, each with the partners above it. The fast way, for batches.
   */
  standingsAt(
    instanceId: number,
    accountId: number | null,
    productId: number | null,
    date: string,
  ): readonly Standing[] {
    let instance = this.#standings.get(instanceId);
    if (instance === undefined) {
      instance = { byProduct: new Map(), byAccount: new Map() };
      this.#standings.set(instanceId, instance);
    }
    const account = accountId !== null && this.#namedAccounts.has(accountId) ? accountId : null;
    let byProduct = account === null ? instance.byProduct : instance.byAccount.get(account);
    if (byProduct === undefined) {
      byProduct = new Map();
      instance.byAccount.set(account!, byProduct);
    }
    // Products that no rule names are all alike: one entry for them, so that a long catalogue costs no memory.
    const product = productId !== null && this.#namedProducts.has(productId) ? productId : null;
    let standings = byProduct.get(product);
    if (standings === undefined) {
      const place = { instanceId, accountId: account, productId: product };
      standings = Timeline.computed(this.#changesAt(place), (date) => this.#standingsOn(place, date));
      byProduct.set(product, standings);
    }
    return standings.at(date);
  }

  #standingsOn(place: Place, date: string): readonly Standing[] {
    const holders = this.#holdersAt(place, date);
    if (holders.length === 0) return NO_AGREEMENT;
    const owners = holders.map(({ partnerId }) => partnerId);
    return holders.flatMap((holder) => this.#shareAndAbove(holder, owners, place, date));
  }

  /** Who holds the place's shares. Without an agreement in force nobody does. Source: SEMANTICS §1. */
  #holdersAt({ instanceId, accountId }: Place, date: string): Holder[] {
    const partnerId = this.partnerAt(instanceId, date);
    if (partnerId === null) return [];
    const slots = accountId === null ? [] : (this.#holders.get(accountId) ?? []);
    const held = slots.map((slot) => slot.at(date)).filter((holder) => holder !== null);
    return held.length > 0 ? held : [{ slot: 0, partnerId, sharePpm: WHOLE_PPM }];
  }

  /** A holder's own share, and one for each partner above it for whose level there are rules at all. */
  #shareAndAbove(holder: Holder, owners: readonly number[], place: Place, date: string): Standing[] {
    const shares: Standing[] = [];
    const below = new Set(owners);
    const line = new Set<number>();
    let partnerId: number | null = holder.partnerId;
    for (let level = 0; level < LEGS_PER_SLOT && partnerId !== null; level += 1) {
      const tier = this.tierAt(partnerId, date);
      if (level === 0 || this.#levels[level]?.isEmpty === false) {
        const verdict = this.verdictAt({ ...place, partnerId, tier }, date, level);
        const refusal = this.isHouse(partnerId)
          ? 'house_partner'
          : level > 0 && below.has(partnerId)
            ? 'self_referral'
            : verdict.refusal;
        const leg = holder.slot * LEGS_PER_SLOT + level;
        shares.push({ leg, sharePpm: holder.sharePpm, partnerId, tier, rule: verdict.rule, refusal });
      }
      if (line.has(partnerId)) break; // a circle: nobody further up is anybody new
      line.add(partnerId);
      below.add(partnerId);
      partnerId = this.parentAt(partnerId, date);
    }
    return shares;
  }

  /** Every date on which the standings at a place may change: holders, parents, tiers, or any rule that may ever name it. */
  #changesAt(place: Place): Set<string> {
    const changes = new Set<string>();
    const agreements = this.#partners.get(place.instanceId);
    const slots = place.accountId === null ? [] : (this.#holders.get(place.accountId) ?? []);
    addStarts(changes, agreements);
    for (const slot of slots) addStarts(changes, slot);

    const met = new Set<number>();
    const partners: (number | null)[] = [...(agreements?.values ?? [])];
    for (const slot of slots) partners.push(...slot.values.map((holder) => holder?.partnerId ?? null));
    // The list grows while it is read: whoever stands above one of them is visited, too.
    for (const partnerId of partners) {
      if (partnerId === null || met.has(partnerId)) continue;
      met.add(partnerId);
      const parents = this.#parents.get(partnerId);
      const tiers = this.#tiers.get(partnerId);
      addStarts(changes, parents);
      addStarts(changes, tiers);
      partners.push(...(parents?.values ?? []));
      for (const tier of new Set([null, ...(tiers?.values ?? [])])) {
        for (const rules of this.#levels) {
          for (const rule of rules.timelinesFor({ ...place, partnerId, tier })) addStarts(changes, rule);
        }
      }
    }
    return changes;
  }
}

/** Indexes the terms of a programme for rating. @throws IntegrityError as the constructor says */
export function ruleBook(content: RuleBookContent): RuleBook {
  return new RuleBook(content);
}

/** The attribution slots of each account, a timeline a slot, in the order of the slots. */
function holderTimelines(slots: readonly AccountSlot[]): ReadonlyMap<number, readonly Timeline<Holder | null>[]> {
  const byAccount = new Map<number, Map<number, Interval<Holder | null>[]>>();
  for (const { accountId, slot, partnerId, sharePpm, from, to } of slots) {
    const bySlot = getOrAdd(byAccount, accountId, () => new Map<number, Interval<Holder | null>[]>());
    getOrAdd(bySlot, slot, () => []).push({ from, to, value: { slot, partnerId, sharePpm } });
  }
  return mapValues(byAccount, (bySlot, accountId) =>
    [...bySlot]
      .sort(([a], [b]) => a - b)
      .map(([slot, intervals]) => Timeline.of(intervals, null, `slot ${slot} of account ${accountId}`)),
  );
}

function timelines<Row extends { readonly from: string | null; readonly to: string | null }, Value>(
  rows: readonly Row[],
  keyOf: (row: Row) => number,
  valueOf: (row: Row) => Value,
  what: string,
): ReadonlyMap<number, Timeline<Value | null>> {
  const byKey = new Map<number, Interval<Value | null>[]>();
  for (const row of rows)
    getOrAdd(byKey, keyOf(row), () => []).push({ from: row.from, to: row.to, value: valueOf(row) });
  return mapValues(byKey, (intervals, key) => Timeline.of(intervals, null, `${what} ${key}`));
}

function addStarts(changes: Set<string>, timeline: Timeline<unknown> | undefined): void {
  for (const start of timeline?.starts ?? []) changes.add(start);
}
