import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addMonthsClamped } from '../../src/domain/dates.ts';
import { effectiveFrom, lastMonthEnd, monthEnd, tierWindow } from '../../src/domain/tiers/dates.ts';
import {
  evaluateTier,
  meets,
  type Measures,
  type Standing,
  type Step,
  type TierPolicy,
} from '../../src/domain/tiers/evaluate.ts';
import { runs } from './runs.ts';

const NAMES = ['bronze', 'silver', 'gold', 'platinum', 'diamond'];
/** Tiers whose thresholds rise, the lowest asking for whatever it likes. */
const ladder = fc
  .array(fc.record({ revenue: fc.bigInt(0n, 40_000n), customers: fc.nat(40) }), { minLength: 1, maxLength: 5 })
  .map((rises) => {
    let [minRevenue, minCustomers] = [0n, 0];
    return rises.map(({ revenue, customers }, at): Step => {
      [minRevenue, minCustomers] = [minRevenue + revenue, minCustomers + customers];
      return { tier: NAMES[at]!, rank: at + 1, minRevenue, minCustomers };
    });
  });
const policy = fc.record<TierPolicy>({
  mode: fc.constantFrom('auto', 'recommend', 'manual'),
  months: fc.constantFrom(1, 3, 12),
  grace: fc.integer({ min: 1, max: 4 }),
  tenureMonths: fc.nat(6),
});
const measures = fc.record<Measures>({ revenue: fc.bigInt(-50_000n, 2_500_000n), customers: fc.nat(220) });
const month = fc.integer({ min: 0, max: 600 }).map((months) => addMonthsClamped('2000-01-01', months));

interface Case {
  readonly steps: readonly Step[];
  readonly standing: Standing;
  readonly found: Measures;
  readonly by: TierPolicy;
  readonly on: string;
}
const some: fc.Arbitrary<Case> = fc
  .record({ steps: ladder, at: fc.nat(5), since: fc.option(month), misses: fc.nat(5), pinned: fc.boolean() })
  .chain(({ steps, at, since, misses, pinned }) => {
    const step = at === 0 ? undefined : steps[(at - 1) % steps.length]!;
    const standing = {
      tier: step?.tier ?? null,
      rank: step?.rank ?? 0,
      since,
      misses,
      pinned: pinned && step !== undefined,
    };
    return fc.record({
      steps: fc.constant(steps),
      standing: fc.constant(standing),
      found: measures,
      by: policy,
      on: month,
    });
  });
const judge = ({ steps, standing, found, by, on }: Case) => evaluateTier(found, standing, steps, by, on);
const rankOf = ({ steps }: Case, tier: string | null): number => steps.find((step) => step.tier === tier)?.rank ?? 0;

describe('an evaluation', () => {
  it('lowers by no more than one level, and only after as many misses as grace has', () => {
    fc.assert(
      fc.property(some, (one) => {
        const { tier, verdict, misses } = judge(one);
        const { standing, by } = one;
        expect(rankOf(one, tier)).toBeGreaterThanOrEqual(Math.max(1, standing.rank - 1));
        expect(verdict === 'down').toBe(rankOf(one, tier) < standing.rank);
        if (verdict === 'down') expect(misses).toBeGreaterThanOrEqual(by.grace);
        if (verdict === 'missed') expect(misses).toBeLessThan(by.grace);
      }),
      runs(1000),
    );
  });

  it('never moves whom a person pinned', () => {
    fc.assert(
      fc.property(some, (one) => {
        fc.pre(one.standing.pinned);
        expect(judge(one)).toMatchObject({ verdict: 'pinned', tier: one.standing.tier });
      }),
      runs(1000),
    );
  });

  it('never gives a lower tier for more revenue or more customers', () => {
    fc.assert(
      fc.property(some, fc.bigInt(0n, 1_000_000n), fc.nat(100), (one, revenue, customers) => {
        const more = { revenue: one.found.revenue + revenue, customers: one.found.customers + customers };
        const [was, is] = [judge(one), judge({ ...one, found: more })];
        expect(rankOf(one, is.tier)).toBeGreaterThanOrEqual(rankOf(one, was.tier));
        expect(rankOf(one, is.qualifiesFor)).toBeGreaterThanOrEqual(rankOf(one, was.qualifiesFor));
      }),
      runs(1000),
    );
  });

  it('raises to the highest tier of which both measures are met, and to no other', () => {
    fc.assert(
      fc.property(some, (one) => {
        const { tier, verdict, qualifiesFor } = judge(one);
        const met = one.steps.filter((step) => meets(one.found, step, one.by.months));
        expect(qualifiesFor).toBe((met.at(-1) ?? one.steps[0]!).tier);
        if (verdict === 'up') expect(tier).toBe(qualifiesFor);
      }),
      runs(1000),
    );
  });

  it('of somebody who always falls short ends in the lowest tier, one level an evaluation', () => {
    fc.assert(
      fc.property(ladder, policy, (steps, by) => {
        const nothing = { revenue: -1n, customers: 0 };
        let standing: Standing = {
          tier: steps.at(-1)!.tier,
          rank: steps.length,
          since: null,
          misses: 0,
          pinned: false,
        };
        const ways: string[] = [standing.tier!];
        for (let at = 0; at < steps.length * by.grace; at += 1) {
          const said = evaluateTier(nothing, standing, steps, { ...by, tenureMonths: 0 }, '2026-11-01');
          const moved = said.tier !== standing.tier;
          if (moved) ways.push(said.tier);
          standing = {
            ...standing,
            tier: said.tier,
            rank: steps.find(({ tier }) => tier === said.tier)!.rank,
            misses: moved ? 0 : said.misses,
          };
        }
        expect(ways).toEqual(steps.map(({ tier }) => tier).reverse());
      }),
      runs(200),
    );
  });
});

describe('the dates of an evaluation', () => {
  const day = fc
    .tuple(month, fc.nat(30))
    .map(([first, at]) => `${first.slice(0, 8)}${String(Math.min(at + 1, 28)).padStart(2, '0')}`);

  it('is of a month-end that is over, over whole months, and counts from a later day than any that may be decided', () => {
    fc.assert(
      fc.property(day, fc.constantFrom(1, 3, 12), fc.option(day), fc.option(day), (asOf, months, accrued, since) => {
        const end = lastMonthEnd(asOf);
        expect(monthEnd(end)).toBe(end);
        expect(end <= asOf && monthEnd(asOf) >= asOf).toBe(true);
        const { from, to } = tierWindow(end, months);
        expect(addMonthsClamped(from, months)).toBe(to);
        const on = effectiveFrom(end, accrued, since);
        expect(on >= to && (accrued === null || on > accrued) && (since === null || on >= since)).toBe(true);
      }),
      runs(500),
    );
  });
});
