import { byRule, ruleOf, type BookVersion } from './book-versions.ts';
import { groupBy } from './maps.ts';
import { intersect, rangeText, subtract, type Days } from './date-ranges.ts';
import { didYouMean, whereToLook } from './near-names.ts';
import { formatRate, WHOLE_PPM } from './rates.ts';
import { formatScope, type RuleScope } from './rule-scope.ts';

/** What a rule book is read beside: the codes that exist, who earns where, and at which tier. */
export interface BookWorld {
  readonly tiers: ReadonlySet<string>;
  readonly partners: ReadonlySet<string>;
  readonly instances: ReadonlySet<string>;
  readonly products: ReadonlySet<string>;
  /** 'INSTANCE/CODE'; at least those that the book names. */
  readonly accounts: ReadonlySet<string>;
  readonly agreements: readonly (Days & { readonly instance: string; readonly partner: string })[];
  readonly partnerTiers: readonly (Days & { readonly partner: string; readonly tier: string })[];
  /** How many partners stand above the one with the most. */
  readonly levels: number;
  /** Instances with events that name no account. */
  readonly withoutAccounts: ReadonlySet<string>;
}

export interface Finding<V extends BookVersion = BookVersion> {
  /** With an error the book cannot be applied; a warning may be meant. */
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly version: V;
  /** The key of the version that shows it, as files call it. */
  readonly key?: string;
}

/** Everything questionable about a book whose versions are well-formed, in the order of its versions. */
export function lintBook<V extends BookVersion>(versions: readonly V[], world: BookWorld): Finding<V>[] {
  const rules = byRule(versions);
  const exclusions = versions.filter(({ terms }) => terms.kind === 'exclude');
  const containment = containmentIn(world);
  const found = new Map<V, Finding<V>[]>();
  const add = (finding: Finding<V>) => {
    const others = found.get(finding.version);
    if (others === undefined) found.set(finding.version, [finding]);
    else others.push(finding);
  };
  for (const ofRule of rules.values()) neighbours(ofRule).forEach(add);
  for (const version of versions) {
    unknownCodes(version, world).forEach(add);
    wideTerms(version, world).forEach(add);
    overruled(version, exclusions, containment).forEach(add);
  }
  return versions.flatMap((version) => found.get(version) ?? []);
}

/** Versions of one rule, by time: where two speak at once, and where none does between two. */
function neighbours<V extends BookVersion>(ofRule: readonly V[]): Finding<V>[] {
  return ofRule.slice(1).flatMap((version, n): Finding<V>[] => {
    const before = ofRule[n]!;
    const common = intersect(before, version);
    if (common !== null) {
      return [
        {
          severity: 'error',
          code: 'overlap',
          message: `${ruleOf(version)} is said twice ${rangeText(common)}`,
          hint: `end the version before: to = ${version.from ?? 'its first day'}`,
          version,
          key: 'from',
        },
      ];
    }
    if (before.to === version.from) return [];
    return [
      {
        severity: 'warning',
        code: 'gap',
        message: `${ruleOf(version)} says nothing ${rangeText({ from: before.to, to: version.from })}: a wider rule decides`,
        hint: null,
        version,
        key: 'from',
      },
    ];
  });
}

function unknownCodes<V extends BookVersion>(version: V, world: BookWorld): Finding<V>[] {
  const { scope, product, terms } = version;
  const findings: Finding<V>[] = [];
  const unknown = (noun: string, code: string, known: ReadonlySet<string>, key: string | undefined) => {
    if (known.has(code)) return;
    findings.push({
      severity: 'error',
      code: `${noun}_not_found`,
      message: `there is no ${noun} '${code}'`,
      hint: didYouMean(code, known) ?? whereToLook(noun),
      version,
      ...(key === undefined ? {} : { key }),
    });
  };
  if (scope.kind === 'tier') unknown('tier', scope.code, world.tiers, undefined);
  if (scope.kind === 'partner') unknown('partner', scope.code, world.partners, undefined);
  if (scope.kind === 'instance') unknown('instance', scope.code, world.instances, undefined);
  if (scope.kind === 'account') unknown('account', `${scope.instance}/${scope.code}`, world.accounts, 'account');
  for (const code of terms.limitProducts ?? []) unknown('product', code, world.products, 'only_products');
  if (product !== null && !world.products.has(product)) {
    findings.push({
      severity: 'warning',
      code: 'product_unsold',
      message: `nobody has sold product '${product}' so far`,
      hint: didYouMean(product, world.products) ?? null,
      version,
      key: 'product',
    });
  }
  return findings;
}

/** Terms that can be meant, and more often are not. */
function wideTerms<V extends BookVersion>(version: V, world: BookWorld): Finding<V>[] {
  const { terms, level, scope } = version;
  const findings: Finding<V>[] = [];
  const warn = (code: string, key: string, message: string, hint: string | null = null) =>
    findings.push({ severity: 'warning', code, message, hint, version, key });
  const [highest = 0] = [terms.ratePpm ?? 0, ...(terms.bracketPpm ?? [])].sort((a, b) => b - a);
  if (highest > WHOLE_PPM) {
    const key = terms.kind === 'tiered' ? 'tiered' : 'percentage';
    warn('rate_over_100', key, `${formatRate(highest)} is more than the whole ${terms.base} amount`);
  }
  if (terms.firstSaleOnly && terms.earningMonths !== null) {
    warn('months_of_one_sale', 'earning_months', 'only the first sale earns, so that months after it mean nothing');
  }
  const clock = terms.firstSaleOnly ? 'first_sale_only' : terms.earningMonths === null ? null : 'earning_months';
  const anonymous =
    scope.kind === 'account' ? [] : [...world.withoutAccounts].filter((code) => containsInstance(scope, code, world));
  if (clock !== null && anonymous.length > 0) {
    warn(
      clock,
      clock,
      `events without an account earn nothing under this rule, and ${anonymous.slice(0, 3).join(', ')}${anonymous.length > 3 ? ' and others' : ''} ${anonymous.length === 1 ? 'has' : 'have'} some`,
      'give accounts to those events, or a narrower rule without the clock to those instances',
    );
  }
  if (level > world.levels) {
    const above =
      world.levels === 0 ? 'no partner has one above it' : `no partner has more than ${world.levels} above it`;
    warn('unreachable', 'override', `an override of level ${level} is never looked up: ${above}`);
  }
  return findings;
}

function containsInstance(scope: RuleScope, instance: string, world: BookWorld): boolean {
  if (scope.kind === 'programme') return true;
  if (scope.kind === 'instance') return scope.code === instance;
  const partners = world.agreements.filter((one) => one.instance === instance).map(({ partner }) => partner);
  if (scope.kind === 'partner') return partners.includes(scope.code);
  return (
    scope.kind === 'tier' &&
    world.partnerTiers.some(({ partner, tier }) => tier === scope.code && partners.includes(partner))
  );
}

// ── What never has a say ──────────────────────────────────────────────────────────────────────────────────────────

/** The days on which everything in the narrow scope lies in the wide one. */
type Containment = (narrow: RuleScope, wide: RuleScope) => readonly Days[];
const ALWAYS: Days = { from: null, to: null };

/**
 * Rates on which an exclusion at a wider scope has the last word. Unless it says --include, such a rate says nothing on
 * those days: that is seldom meant, and least of a rate of 0 % for a product. Source: SEMANTICS §3.
 */
function overruled<V extends BookVersion>(
  version: V,
  exclusions: readonly V[],
  containment: Containment,
): Finding<V>[] {
  const { terms, product, level, scope } = version;
  if (terms.kind === 'exclude' || terms.includes) return [];
  for (const exclusion of exclusions) {
    if (exclusion.level !== level || (exclusion.product !== null && exclusion.product !== product)) continue;
    if (ruleOf(exclusion) === ruleOf(version)) continue;
    const both = intersect(version, exclusion);
    if (both === null) continue;
    const silent = containment(scope, exclusion.scope).flatMap((days) => intersect(days, both) ?? []);
    if (silent.length === 0) continue;
    const isAll = subtract(version, silent).length === 0;
    const isZero = terms.kind === 'percentage' && terms.ratePpm === 0 && product !== null;
    return [
      {
        severity: 'warning',
        code: isZero ? 'zero_overruled' : isAll ? 'unreachable' : 'overruled',
        message: `the exclusion of ${ruleOf(exclusion)} has the last word over ${isZero ? 'this 0 % rate' : 'this rate'} ${isAll ? 'on all its days' : silent.map(rangeText).join(' and ')}`,
        hint: isZero ? 'leave it out, or narrow the exclusion' : 'say include = true if it is to earn in spite of that',
        version,
        key: isZero ? 'percentage' : terms.kind === 'hybrid' ? 'percentage' : terms.kind,
      },
    ];
  }
  return [];
}

function containmentIn({ agreements, partnerTiers }: BookWorld): Containment {
  const byInstance = groupBy(agreements, ({ instance }) => instance);
  const byPartner = groupBy(partnerTiers, ({ partner }) => partner);
  const tierDays = (partner: string, tier: string): Days[] =>
    (byPartner.get(partner) ?? []).filter((one) => one.tier === tier);

  return (narrow, wide) => {
    if (formatScope(narrow) === formatScope(wide) || wide.kind === 'programme') return [ALWAYS];
    if (narrow.kind === 'programme' || wide.kind === 'account') return [];
    if (narrow.kind === 'tier') return [];
    if (narrow.kind === 'partner') return wide.kind === 'tier' ? tierDays(narrow.code, wide.code) : [];
    const instance = narrow.kind === 'account' ? narrow.instance : narrow.code;
    if (wide.kind === 'instance') return narrow.kind === 'account' && wide.code === instance ? [ALWAYS] : [];
    return (byInstance.get(instance) ?? []).flatMap((agreement) => {
      if (wide.kind === 'partner') return agreement.partner === wide.code ? [agreement] : [];
      return tierDays(agreement.partner, wide.code).flatMap((days) => intersect(days, agreement) ?? []);
    });
  };
}
