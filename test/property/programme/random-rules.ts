import { dateOf, LAST_DAY, type Dice } from '../dice.ts';
import { PLAIN_RULE } from './small.ts';
import type { Bracket, Known, Programme, Rule, Window } from './words.ts';

export type World = Pick<Programme, 'partners' | 'instances' | 'products' | 'accounts'> & {
  /** The programme's currencies, the first of which most amounts are in. */
  readonly currencies: readonly string[];
  /** Whether rules may pay in another currency. */
  readonly converts: boolean;
};

export const TIERS = ['bronze', 'silver', 'gold'] as const;
export const COUNTRIES = ['DE', 'FR', 'CH'] as const;

/** What all versions of a rule have in common: where it stands, and what it counts over. */
type Identity = Pick<Rule, 'rule' | 'level' | 'scope' | 'target' | 'product' | 'window'> & { readonly whole: boolean };

/** Rules for all slots and scopes, each with versions that follow one another, sometimes with a gap between. */
export function randomRules(random: Dice, world: World): Rule[] {
  const rules: Rule[] = [];
  const targets: [Rule['scope'], string | null][] = [
    ['programme', null],
    ...world.partners.map(({ code }): [Rule['scope'], string] => ['partner', code]),
    ...world.instances.map((code): [Rule['scope'], string] => ['instance', code]),
    ...world.accounts.map(({ instance, code }): [Rule['scope'], string] => ['account', `${instance}/${code}`]),
    ...TIERS.map((tier): [Rule['scope'], string] => ['tier', tier]),
  ];
  // A third of the programmes has no overrides at all, as most have not.
  const levels = random.pick([0, 1, 3]);
  for (let level = 0; level <= levels; level += 1) {
    for (const [scope, target] of targets) {
      for (const product of [null, ...world.products]) {
        const isWidest = scope === 'programme' && product === null;
        if (!random.chance(isWidest ? 0.85 : level === 0 ? 0.15 : 0.06)) continue;
        const window = randomWindow(random);
        const whole = level === 0 && window.kind !== 'lifetime' && random.chance(0.2);
        const identity = { rule: rules.length + 1, level, scope, target, product, window, whole };
        let from = isWidest || random.chance(0.7) ? 0 : random.day();
        for (let version = random.between(1, 3); version > 0 && from <= LAST_DAY; version -= 1) {
          const length = random.between(1, 250);
          const to = version === 1 && random.chance(isWidest ? 0.9 : 0.7) ? null : dateOf(from + length);
          const validity = { from: dateOf(from), to, knownFrom: 0, knownUntil: null };
          rules.push(randomVersion(random, world, identity, rules.length + 1, validity));
          if (to === null) break;
          from += length + (random.chance(0.7) ? 0 : random.between(1, 40));
        }
      }
    }
  }
  return rules;
}

/** A rule changed after the fact: what is known of it ends, and other terms take its place over the same days. */
export function changedRule(random: Dice, world: World, rules: readonly Rule[], stage: number): Rule[] {
  const known = rules.filter(({ knownUntil }) => knownUntil === null);
  if (known.length === 0) return [...rules];
  const old = random.pick(known);
  const window = rules.find(({ rule, window }) => rule === old.rule && window !== null)?.window ?? randomWindow(random);
  const whole = rules.some(({ rule, mode }) => rule === old.rule && mode === 'whole');
  const validity = { from: old.from, to: old.to, knownFrom: stage, knownUntil: null };
  const anew = randomVersion(random, world, { ...old, window, whole }, rules.length + 1, validity);
  return [...rules.map((one) => (one === old ? { ...one, knownUntil: stage } : one)), anew];
}

function randomWindow(random: Dice): Window {
  return {
    kind: random.pick(['month', 'quarter', 'year', 'lifetime']),
    per: random.pick(['partner', 'partner', 'partner', 'instance', 'instance', 'account']),
  };
}

function randomVersion(
  random: Dice,
  world: World,
  { rule, level, scope, target, product, window, whole }: Identity,
  version: number,
  validity: Known & Pick<Rule, 'from' | 'to'>,
): Rule {
  const terms = whole ? wholeTerms(random) : randomTerms(random, level);
  const isRate = terms.kind !== 'exclude';
  const limits = isRate ? randomLimits(random, world, level, whole) : {};
  const all = { ...PLAIN_RULE, ...terms, ...limits };
  const counts = all.kind === 'tiered' || all.capWindow !== null;
  const currency = random.chance(0.8) ? world.currencies[0]! : random.pick(world.currencies);
  const amounts = [all.flat, all.brackets, all.minSale, all.capSale, all.capWindow];
  const converts = isRate && world.converts && !whole && all.capWindow === null && random.chance(0.3);
  return {
    ...all,
    version,
    rule,
    level,
    scope,
    target,
    product,
    ...validity,
    includes: isRate && random.chance(0.2),
    window: counts ? window : null,
    currency: amounts.every((amount) => amount === null) ? null : currency,
    paysIn: converts ? random.pick(world.currencies) : null,
  };
}

type Terms = Partial<Rule> & Pick<Rule, 'kind' | 'ratePpm'>;

function randomTerms(random: Dice, level: number): Terms {
  const onRest = level > 0 && random.chance(0.5);
  const base = random.pick(['net', 'net', 'net', 'gross', 'margin'] as const);
  const kind = random.pick(['percentage', 'percentage', 'percentage', 'flat', 'tiered', 'tiered', 'hybrid'] as const);
  if (random.chance(0.04)) return { kind: 'exclude', ratePpm: null };
  if (kind === 'flat') return { kind, ratePpm: null, flat: randomFlat(random) };
  if (kind === 'tiered') {
    return { kind, ratePpm: null, base, onRest, brackets: randomBrackets(random), mode: 'marginal' };
  }
  const flat = kind === 'hybrid' ? { flat: randomFlat(random) } : {};
  return { kind, ratePpm: randomRate(random), base, onRest, ...flat };
}

function wholeTerms(random: Dice): Terms {
  return { kind: 'tiered', ratePpm: null, brackets: randomBrackets(random), mode: 'whole' };
}

function randomFlat(random: Dice): bigint {
  return BigInt(random.pick([0, 1, 250, 500, random.between(1, 20_000)]));
}

function randomRate(random: Dice): number {
  return random.pick([0, 1, 72_500, 100_000, 125_000, 125_000, 1_000_000, random.between(1, 400_000)]);
}

function randomBrackets(random: Dice): Bracket[] {
  const brackets: Bracket[] = [];
  let from = 0;
  for (let count = random.between(1, 4); count > 0; count -= 1) {
    brackets.push({
      from: BigInt(from),
      ratePpm: random.pick([0, 40_000, 60_000, 125_000, random.between(1, 400_000)]),
    });
    from += random.pick([100, 20_000, random.between(1, 400_000)]);
  }
  return brackets;
}

function randomLimits(random: Dice, world: World, level: number, whole: boolean): Partial<Rule> {
  const rarely = <T>(value: () => T, probability = 0.07): T | null => (random.chance(probability) ? value() : null);
  const amount = (): bigint => BigInt(random.pick([1, 50, random.between(1, 30_000)]));
  return {
    products: rarely(() => world.products.filter(() => random.chance(0.6)), 0.05),
    minSale: rarely(amount),
    capSale: whole ? null : rarely(amount),
    capWindow: whole ? null : rarely(amount, 0.2),
    firstSaleOnly: level === 0 && random.chance(0.08),
    earningMonths: level === 0 ? rarely(() => random.between(1, 6), 0.14) : null,
    territory: rarely(() => COUNTRIES.filter(() => random.chance(0.6)), 0.05),
  };
}
