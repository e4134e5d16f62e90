import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Kind, RatedEvent, RuleVersion, Sale, SaleState } from '../../src/domain/rating/model.ts';
import { ruleBook } from '../../src/domain/rating/rule-book.ts';
import { EMPTY_BOOK, PLAIN_RULE, ratePlainly } from '../support/rating-inputs.ts';
import { runs } from './runs.ts';

const AGREEMENTS = [{ instanceId: 1, partnerId: 1, from: null, to: null }];

function bookOf(rules: readonly RuleVersion[]): ReturnType<typeof ruleBook> {
  const tiers = [{ partnerId: 1, tier: 'gold', from: null, to: null }];
  return ruleBook({ ...EMPTY_BOOK, rules, agreements: AGREEMENTS, tiers });
}

const anyRule = fc.oneof(
  fc
    .record({
      ratePpm: fc.integer({ min: 0, max: 1_000_000 }),
      base: fc.constantFrom('net' as const, 'gross' as const),
    })
    .map((terms): RuleVersion => ({ ...PLAIN_RULE, ...terms })),
  fc
    .bigInt({ min: 0n, max: 100_000n })
    .map((flatMinor): RuleVersion => ({ ...PLAIN_RULE, kind: 'flat', ratePpm: null, flatMinor, currency: 'EUR' })),
);

const anySale = fc
  .record({ saleNet: fc.bigInt({ min: 0n, max: 1_000_000n }), tax: fc.bigInt({ min: 0n, max: 30n }) })
  .map(({ saleNet, tax }): Sale => ({
    id: 1,
    instanceId: 1,
    accountId: null,
    productId: null,
    currency: 'EUR',
    saleNet,
    saleGross: saleNet + (saleNet * tax) / 100n,
    wholesaleNet: null,
    saleDate: '2026-10-01',
  }));

interface Movement {
  readonly kind: Kind;
  readonly net: bigint;
}
const POSITIVE: ReadonlySet<Kind> = new Set<Kind>(['payment', 'chargeback_won']);
const movement = fc
  .record({
    kind: fc.constantFrom<Kind>('payment', 'payment', 'refund', 'credit_note', 'chargeback', 'chargeback_won'),
    size: fc.bigInt({ min: 0n, max: 600_000n }),
  })
  .map(({ kind, size }): Movement => ({ kind, net: POSITIVE.has(kind) ? size : -size }));

function eventsOf(movements: readonly Movement[]): RatedEvent[] {
  return movements.map(({ kind, net }, index) => ({
    id: index + 1,
    kind,
    instanceId: 1,
    accountId: null,
    productId: null,
    currency: 'EUR',
    net,
    gross: net,
    wholesaleNet: null,
    country: null,
    occurredOn: '2026-10-01',
  }));
}

/** The amounts of a sale's events, in the order given. */
function amountsOf(rule: RuleVersion, sale: Sale, movements: readonly Movement[], unknownFor = 0): bigint[] {
  const book = bookOf([rule]);
  let state: SaleState | null = null;
  return eventsOf(movements).map((event, index) => {
    const known = index >= unknownFor ? sale : { ...sale, saleDate: null };
    const decision = ratePlainly({ event, sale: known, state, book });
    state = decision.state;
    return decision.legs[0]!.amount;
  });
}

const total = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);

describe('a sale', () => {
  const movements = fc.array(movement, { minLength: 1, maxLength: 8 });

  it('sums the same in any order of its events', () => {
    const shuffled = movements.chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
    );
    fc.assert(
      fc.property(anyRule, anySale, shuffled, (rule, sale, [given, other]) => {
        expect(total(amountsOf(rule, sale, other))).toBe(total(amountsOf(rule, sale, given)));
      }),
      runs(500),
    );
  });

  it('sums the same however its events are split', () => {
    const cuts = fc.array(fc.bigInt({ min: 0n, max: 100n }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(anyRule, anySale, movements, cuts, (rule, sale, given, percent) => {
        const split = given.flatMap(({ kind, net }, index) => {
          const first = (net * percent[index]!) / 100n;
          return [
            { kind, net: first },
            { kind, net: net - first },
          ];
        });
        expect(total(amountsOf(rule, sale, split))).toBe(total(amountsOf(rule, sale, given)));
      }),
      runs(500),
    );
  });

  it('sums the same when it becomes known late', () => {
    fc.assert(
      fc.property(anyRule, anySale, movements, fc.nat({ max: 7 }), (rule, sale, given, late) => {
        const unknownFor = Math.min(late, given.length - 1);
        const amounts = amountsOf(rule, sale, given, unknownFor);
        expect(total(amounts.slice(0, unknownFor))).toBe(0n);
        expect(total(amounts)).toBe(total(amountsOf(rule, sale, given)));
      }),
      runs(500),
    );
  });

  it('paid in full earns what a payment without a sale earns, and a full refund posts the exact negative', () => {
    fc.assert(
      fc.property(anyRule, anySale, (rule, sale) => {
        const book = bookOf([rule]);
        const [payment] = eventsOf([{ kind: 'payment', net: sale.saleNet }]);
        const alone = ratePlainly({ event: { ...payment!, gross: sale.saleGross }, sale: null, state: null, book });
        const [earned, refunded] = amountsOf(rule, sale, [
          { kind: 'payment', net: sale.saleNet },
          { kind: 'refund', net: -sale.saleNet },
        ]);
        expect(earned).toBe(alone.legs[0]!.amount);
        expect(refunded).toBe(-earned!);
      }),
      runs(500),
    );
  });

  it('never posts less than nothing nor more than its full, at any moment', () => {
    fc.assert(
      fc.property(anyRule, anySale, movements, (rule, sale, given) => {
        const book = bookOf([rule]);
        let state: SaleState | null = null;
        let posted = 0n;
        for (const event of eventsOf(given)) {
          const decision = ratePlainly({ event, sale, state, book });
          state = decision.state;
          const leg = decision.legs[0]!;
          posted += leg.amount;
          expect(posted >= 0n && posted <= leg.full).toBe(true);
          expect(state!.shares[0]!.posted).toBe(posted);
          // A zero always says why, an amount needs no excuse.
          expect(leg.decisionReason === null).toBe(leg.amount !== 0n);
        }
      }),
      runs(500),
    );
  });
});

describe('precedence', () => {
  const LEVELS = (['account', 'instance', 'partner', 'tier', 'programme'] as const).flatMap((scope) => [
    { scope, productId: 3 },
    { scope, productId: null },
  ]);
  const SCOPE_IDS = { account: 7, instance: 1, partner: 1, tier: 'gold', programme: null } as const;
  const said = fc.constantFrom('nothing', 'nothing', 'rate', 'zero', 'include', 'exclude', 'over');

  it('is what a brute force over all ten levels says', () => {
    fc.assert(
      fc.property(fc.array(said, { minLength: 10, maxLength: 10 }), (words) => {
        const rules = words.flatMap((word, level): RuleVersion[] => {
          if (word === 'nothing') return [];
          const { scope, productId } = LEVELS[level]!;
          const rule: RuleVersion = { ...PLAIN_RULE, id: level + 1, scope, scopeId: SCOPE_IDS[scope], productId };
          if (word === 'exclude') return [{ ...rule, kind: 'exclude', ratePpm: null }];
          if (word === 'over') return [{ ...rule, to: '2026-10-01' }];
          return [{ ...rule, ratePpm: word === 'zero' ? 0 : 100_000, includes: word === 'include' }];
        });

        const standing = bookOf(rules).standingsAt(1, 7, 3, '2026-10-01')[0]!;

        const inForce = words
          .map((word, level) => ({ word, level }))
          .filter(({ word }) => !['nothing', 'over'].includes(word));
        const excluded = inForce.find(
          ({ word, level }) =>
            word === 'exclude' && !inForce.some((other) => other.word === 'include' && other.level < level),
        );
        const rate = inForce.find(({ word }) => word !== 'exclude');
        const expected = excluded ?? rate;
        expect(standing.rule?.id ?? null).toBe(expected === undefined ? null : expected.level + 1);
        expect(standing.refusal).toBe(excluded !== undefined ? 'excluded' : rate === undefined ? 'no_rule' : null);
      }),
      runs(1000),
    );
  });
});
