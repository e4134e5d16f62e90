import { describe, expect, it } from 'vitest';
import { IntegrityError } from '../../../../src/domain/errors.ts';
import type { RuleVersion } from '../../../../src/domain/rating/model.ts';
import { book, exclude, flat, rule } from './programme.ts';

const LEVELS: readonly Partial<RuleVersion>[] = [
  { scope: 'account', scopeId: 7, productId: 3 },
  { scope: 'account', scopeId: 7 },
  { scope: 'instance', scopeId: 1, productId: 3 },
  { scope: 'instance', scopeId: 1 },
  { scope: 'partner', scopeId: 1, productId: 3 },
  { scope: 'partner', scopeId: 1 },
  { scope: 'tier', scopeId: 'gold', productId: 3 },
  { scope: 'tier', scopeId: 'gold' },
  { productId: 3 },
  {},
];
const GOLD = { tiers: [{ partnerId: 1, tier: 'gold', from: null, to: null }] };

describe('precedence', () => {
  it('is account, instance, partner, tier, programme, each with its product first', () => {
    for (let narrowest = 0; narrowest < LEVELS.length; narrowest += 1) {
      const rules = LEVELS.slice(narrowest).map((level) => rule(level));
      const standing = book([...rules].reverse(), GOLD).standingsAt(1, 7, 3, '2026-10-01')[0]!;
      expect(standing.rule).toBe(rules[0]);
    }
  });

  it('lets 0 % win like any rate', () => {
    const zero = rule({ scope: 'account', scopeId: 7, ratePpm: 0 });
    expect(book([rule(), zero]).standingsAt(1, 7, null, '2026-10-01')[0]!.rule).toBe(zero);
  });

  it('lets the narrowest of exclude and include have the last word', () => {
    const at = (...rules: RuleVersion[]): [number | undefined, string | null] => {
      const { rule: winner, refusal } = book(rules, GOLD).standingsAt(1, 7, 3, '2026-10-01')[0]!;
      return [winner?.id, refusal];
    };
    const narrowRate = rule(LEVELS[0]);
    const includes = rule({ ...LEVELS[3], includes: true });
    const wideExclusion = exclude(LEVELS[9]);
    const narrowExclusion = exclude(LEVELS[2]);

    // Any containing exclusion beats even the narrowest rate.
    expect(at(narrowRate, wideExclusion)).toEqual([wideExclusion.id, 'excluded']);
    // A narrower include lifts it, and then the narrowest rate wins, not the include.
    expect(at(narrowRate, includes, wideExclusion)).toEqual([narrowRate.id, null]);
    expect(at(includes, wideExclusion)).toEqual([includes.id, null]);
    // An exclusion narrower than the include stands.
    expect(at(narrowRate, narrowExclusion, includes, wideExclusion)).toEqual([narrowExclusion.id, 'excluded']);
    // An include that is wider than the exclusion says nothing about it.
    expect(at(narrowExclusion, rule({ includes: true }))).toEqual([narrowExclusion.id, 'excluded']);
  });
});

describe('standings over time', () => {
  it('follow agreement, tier and rule version, each half-open', () => {
    const bronze = rule({ scope: 'tier', scopeId: 'bronze' });
    const gold = rule({ scope: 'tier', scopeId: 'gold' });
    const rules = book([bronze, gold], {
      agreements: [
        { instanceId: 1, partnerId: 1, from: '2026-01-01', to: '2026-06-01' },
        { instanceId: 1, partnerId: 2, from: '2026-07-01', to: null },
      ],
      tiers: [
        { partnerId: 1, tier: 'bronze', from: null, to: '2026-03-01' },
        { partnerId: 1, tier: 'gold', from: '2026-03-01', to: null },
      ],
    });
    const on = (date: string): unknown[] => {
      const { partnerId, tier, rule: winner, refusal } = rules.standingsAt(1, null, null, date)[0]!;
      return [partnerId, tier, winner?.id ?? null, refusal];
    };
    expect(on('2025-12-31')).toEqual([null, null, null, 'no_agreement']);
    expect(on('2026-01-01')).toEqual([1, 'bronze', bronze.id, null]);
    expect(on('2026-02-28')).toEqual([1, 'bronze', bronze.id, null]);
    expect(on('2026-03-01')).toEqual([1, 'gold', gold.id, null]);
    expect(on('2026-05-31')).toEqual([1, 'gold', gold.id, null]);
    expect(on('2026-06-01')).toEqual([null, null, null, 'no_agreement']);
    expect(on('2026-07-01')).toEqual([2, null, null, 'no_rule']);
  });

  it('refuses terms that overlap, end before they begin or lack their number', () => {
    expect(() => book([rule({ to: '2026-02-01' }), rule({ from: '2026-01-31' })])).toThrow(IntegrityError);
    expect(() => book([rule(), rule()])).toThrow(IntegrityError);
    expect(() => book([rule({ from: '2026-02-01', to: '2026-02-01' })])).toThrow(IntegrityError);
    expect(() => book([rule({ ratePpm: null })])).toThrow(IntegrityError);
    expect(() => book([flat('1', 'EUR', { currency: null })])).toThrow(IntegrityError);
    expect(() => book([rule({ scope: 'partner' })])).toThrow(IntegrityError);
    expect(() => book([rule({ to: '2026-02-01' }), rule({ from: '2026-02-01' })])).not.toThrow();
    const twice = { instanceId: 1, partnerId: 1, from: null, to: null };
    expect(() => book([], { agreements: [twice, twice] })).toThrow(IntegrityError);
  });
});
