import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { monthsAfter } from './programme/arithmetic.ts';
import { engineDecide } from './programme/engine.ts';
import { decidedOf, programmeOf, sumsOf, type Movement, type OneSale } from './programme/one-sale.ts';
import { TIERS } from './programme/random-rules.ts';
import { ONE_PARTNER, PLAIN_RULE } from './programme/small.ts';
import { isBilled, type Billed, type Closing, type Programme, type Rule, type Step } from './programme/words.ts';
import { runs } from './runs.ts';

/** The laws of rating under rules of all kinds; those of plain rules alone are in rating.test.ts. */

const net = fc.oneof(fc.bigInt({ min: 1n, max: 400n }), fc.bigInt({ min: 1n, max: 900_000n }));
const seed = fc.nat({ max: 1_000_000 });

/** A payment first, so that the sale is known; then money and credits to and fro, now and then more than there is. */
const movements = (most: bigint): fc.Arbitrary<Movement[]> =>
  fc
    .array(
      fc.record({
        kind: fc.constantFrom<Billed['kind']>(
          'payment',
          'payment',
          'refund',
          'credit_note',
          'chargeback',
          'adjustment',
        ),
        size: fc.bigInt({ min: 0n, max: most + 50n }),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((given) =>
      [{ kind: 'payment' as const, size: most / 2n }, ...given].map(({ kind, size }) => {
        return { kind, net: kind === 'payment' ? size : -size };
      }),
    );

const oneSale: fc.Arbitrary<OneSale> = fc
  .tuple(seed, net)
  .chain(([one, size]) => movements(size).map((moved) => ({ seed: one, net: size, movements: moved })));

const total = (legs: readonly { readonly amount: bigint }[]): bigint =>
  legs.reduce((all, { amount }) => all + amount, 0n);

const NIGHT_AFTER = 5;

function moneyOf({ step, leg, amount, currency, ruleVersionId }: ReturnType<typeof engineDecide>[number]): unknown {
  return { step, leg, amount, currency, ruleVersionId };
}

describe('a sale under any rules', () => {
  it('sums the same, share by share, in any order of its events', () => {
    const shuffled = oneSale.chain((sale) =>
      fc.tuple(fc.constant(sale), fc.shuffledSubarray([...sale.movements], { minLength: sale.movements.length })),
    );
    fc.assert(
      fc.property(shuffled, ([sale, other]) => {
        expect(sumsOf(programmeOf({ ...sale, movements: other }))).toEqual(sumsOf(programmeOf(sale)));
      }),
      runs(150),
    );
  });

  it('sums the same, share by share, however its events are split', () => {
    const percents = fc.array(fc.bigInt({ min: 0n, max: 100n }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(oneSale, percents, (sale, percent) => {
        const split = sale.movements.flatMap(({ kind, net: moved }, index): Movement[] => {
          const first = (moved * percent[index]!) / 100n;
          return [
            { kind, net: first },
            { kind, net: moved - first },
          ];
        });
        expect(sumsOf(programmeOf({ ...sale, movements: split }))).toEqual(sumsOf(programmeOf(sale)));
      }),
      runs(150),
    );
  });

  it('refunded in full posts exactly the negative of what it earned, in as many parts as it likes', () => {
    fc.assert(
      fc.property(seed, net, fc.bigInt({ min: 0n, max: 100n }), (one, size, percent) => {
        const part = (size * percent) / 100n;
        const back = [part, size - part].map((moved): Movement => ({ kind: 'refund', net: -moved }));
        const sale = { seed: one, net: size, movements: [{ kind: 'payment' as const, net: size }, ...back] };
        const legs = decidedOf(programmeOf(sale));
        for (const paid of legs.filter(({ step }) => step === 2)) {
          expect(paid.amount).toBe(paid.full);
          const returned = legs.filter(({ step, leg }) => step > 2 && leg === paid.leg);
          expect(total(returned)).toBe(-paid.amount);
        }
      }),
      runs(150),
    );
  });

  it('never earns a share less than nothing or more than its full, at any moment', () => {
    fc.assert(
      fc.property(oneSale, (sale) => {
        const posted = new Map<number, bigint>();
        for (const { leg, amount, full, decisionReason } of decidedOf(programmeOf(sale))) {
          const sum = (posted.get(leg) ?? 0n) + amount;
          posted.set(leg, sum);
          expect(sum >= 0n && sum <= full).toBe(true);
          expect(decisionReason === null).toBe(amount !== 0n);
        }
      }),
      runs(150),
    );
  });

  it('keeps all of its shares together within the programme’s cap', () => {
    fc.assert(
      fc.property(seed, net, fc.nat({ max: 1_000_000 }), (one, size, ppm) => {
        const whole = programmeOf({ seed: one, net: size, movements: [{ kind: 'payment', net: size }] });
        // What is paid in another currency was capped before it was converted.
        const rules = whole.rules.map((rule) => ({ ...rule, paysIn: null }));
        const legs = decidedOf({ ...whole, rules, shareCaps: [{ ppm, from: null, to: null }] });
        expect(total(legs) <= (size * BigInt(ppm)) / 1_000_000n).toBe(true);
      }),
      runs(150),
    );
  });

  it('is told as it was rated: what explain multiplies and adds up comes to what was decided', () => {
    fc.assert(
      fc.property(oneSale, fc.boolean(), (sale, unlinked) => {
        const whole = programmeOf(sale);
        const alone = whole.steps.map((step) => (isBilled(step) && step.id > 1 ? { ...step, sale: null } : step));
        const told: string[] = [];
        engineDecide(unlinked ? { ...whole, steps: alone } : whole, ({ step, text }) => {
          if (step === 'full') told.push(text);
        });
        // What the story could not retell it says as this, and every sale here is decided under the book that tells it.
        expect(told.filter((text) => text.includes('as its first decision froze it'))).toEqual([]);
        expect(told.length).toBeGreaterThan(0);
      }),
      runs(150),
    );
  });

  it('is split over its slots to the last minor unit', () => {
    fc.assert(
      fc.property(seed, net, (one, size) => {
        const whole = programmeOf({ seed: one, net: size, movements: [{ kind: 'payment', net: size }] });
        const own = decidedOf({ ...whole, rules: [PLAIN_RULE] }).filter(({ leg }) => leg % 16 === 0);
        expect(own.reduce((all, { base }) => all + base, 0n)).toBe(size);
      }),
      runs(150),
    );
  });

  it('earns nothing at 0 %', () => {
    fc.assert(
      fc.property(oneSale, (sale) => {
        const whole = programmeOf(sale);
        const rules = whole.rules.map((rule): Rule => {
          const brackets = rule.brackets?.map(({ from }) => ({ from, ratePpm: 0 })) ?? null;
          const flat = rule.flat === null ? null : 0n;
          return { ...rule, brackets, flat, ratePpm: rule.ratePpm === null ? null : 0 };
        });
        for (const { amount, full } of engineDecide({ ...whole, rules })) expect([amount, full]).toEqual([0n, 0n]);
      }),
      runs(100),
    );
  });

  it('keeps the terms of its first decision: a rule edited since changes no entry, made or to come', () => {
    fc.assert(
      fc.property(oneSale, seed, fc.nat({ max: 5 }), (sale, other, early) => {
        const given = programmeOf(sale);
        const names = [null, ...TIERS, ...given.partners.map(({ code }) => code), ...given.instances];
        const others = programmeOf({ ...sale, seed: other })
          .rules.filter(({ knownUntil, target }) => knownUntil === null && names.includes(target))
          .filter(({ product }) => product === null || given.products.includes(product))
          .map((rule) => ({ ...rule, version: rule.version + 1000, rule: rule.rule + 1000, knownFrom: NIGHT_AFTER }));
        const known = given.rules.filter(({ knownUntil }) => knownUntil === null);
        const edited: Programme = {
          ...given,
          // From the night after the first events on, all that was known is known no more, and other rules are.
          rules: [...known.map((rule) => ({ ...rule, knownUntil: NIGHT_AFTER })), ...others],
          steps: given.steps.map((step) => (step.id <= 2 + early ? step : { ...step, stage: NIGHT_AFTER })),
        };
        expect(engineDecide(edited).map(moneyOf)).toEqual(engineDecide(given).map(moneyOf));
      }),
      runs(100),
    );
  });
});

describe('brackets', () => {
  const rising = fc
    .array(fc.record({ width: fc.bigInt({ min: 1n, max: 300_000n }), ppm: fc.nat({ max: 300_000 }) }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((given) => {
      let from = 0n;
      return given
        .map(({ ppm }) => ppm)
        .sort((a, b) => a - b)
        .map((ratePpm, index) => {
          const bracket = { from, ratePpm };
          from += given[index]!.width;
          return bracket;
        });
    });
  const month = { kind: 'month', per: 'partner' } as const;
  const tiered = (mode: 'marginal' | 'whole', brackets: Rule['brackets']): Rule => {
    return { ...PLAIN_RULE, kind: 'tiered', ratePpm: null, brackets, mode, window: month, currency: 'EUR' };
  };
  const amounts = fc.array(fc.bigInt({ min: 1n, max: 400_000n }), { minLength: 1, maxLength: 6 });

  /** Sales paid over October, the month closed, and whatever comes after. */
  const october = (rule: Rule, nets: readonly bigint[], after: readonly Step[] = []): Programme => {
    const place = { instance: 'inst-1', account: null, product: null, currency: 'EUR' };
    const sales = nets.map((size, index) => {
      return { ref: `s${index}`, ...place, net: size, gross: size, wholesale: null, date: '2026-10-15' };
    });
    const steps = nets.map((size, index) => payment(index + 1, 1, `s${index}`, size));
    return { ...ONE_PARTNER, rules: [rule], sales, steps: [...steps, closing(100, 1), ...after] };
  };
  const payment = (id: number, stage: number, sale: string, size: bigint): Billed => {
    const place = { instance: 'inst-1', account: null, product: null, currency: 'EUR' };
    const kind = size < 0n ? 'refund' : 'payment';
    return {
      id,
      stage,
      on: '2026-10-15',
      kind,
      ...place,
      net: size,
      gross: size,
      wholesale: null,
      country: null,
      sale,
    };
  };
  const closing = (id: number, stage: number): Closing => {
    return { id, stage, on: monthsAfter('2026-10-31', stage - 1), kind: 'close_windows' };
  };

  it('that rise earn at least as much whole as marginal', () => {
    fc.assert(
      fc.property(rising, fc.bigInt({ min: 1n, max: 900_000n }), (brackets, size) => {
        const [marginal, whole] = (['marginal', 'whole'] as const).map((mode) =>
          total(engineDecide(october(tiered(mode, brackets), [size]))),
        );
        expect(marginal! <= whole!).toBe(true);
      }),
      runs(150),
    );
  });

  it('under whole a month’s sales earn the one rate that holds them all, and refunded in full nothing', () => {
    fc.assert(
      fc.property(rising, amounts, (brackets, nets) => {
        const rule = tiered('whole', brackets);
        const sold = nets.reduce((all, size) => all + size, 0n);
        const { ratePpm } = brackets.findLast(({ from }) => from <= sold)!;
        const exact = sold * BigInt(ratePpm);
        const earned = total(engineDecide(october(rule, nets)));
        expect(earned).toBe((exact + 500_000n) / 1_000_000n);

        const refunds = nets.map((size, index) => payment(200 + index, 2, `s${index}`, -size));
        expect(total(engineDecide(october(rule, nets, [...refunds, closing(300, 2)])))).toBe(0n);
      }),
      runs(150),
    );
  });
});

describe('an account given to another partner', () => {
  it('moves what its sales have earned and makes nothing of it', () => {
    fc.assert(
      fc.property(net, fc.nat({ max: 400_000 }), fc.bigInt({ min: 0n, max: 120n }), (size, ratePpm, percent) => {
        const place = { instance: 'inst-1', account: 'acc-1', product: null, currency: 'EUR' };
        const sale = { ref: 's', ...place, net: size, gross: size, wholesale: null, date: '2025-07-15' };
        const moved = (size * percent) / 100n;
        const billed = { kind: 'payment' as const, ...place, net: moved, gross: moved, wholesale: null, country: null };
        const slot = { instance: 'inst-1', account: 'acc-1', number: 1, partner: 'partner-2', sharePpm: 1_000_000 };
        const legs = engineDecide({
          ...ONE_PARTNER,
          accounts: [{ instance: 'inst-1', code: 'acc-1', country: null }],
          rules: [{ ...PLAIN_RULE, ratePpm }],
          sales: [sale],
          slots: [{ ...slot, from: null, to: null, knownFrom: 2, knownUntil: null }],
          steps: [
            { id: 1, stage: 1, on: '2025-07-15', ...billed, sale: 's' },
            { id: 2, stage: 2, on: '2025-08-01', kind: 'reattribution', sale: 's', event: null },
          ],
        });
        const given = legs.filter(({ step }) => step === 2);
        expect(given.map(({ partner }) => partner)).toEqual(['partner-1', 'partner-2']);
        expect(total(given)).toBe(0n);
        expect(total(legs.filter(({ partner }) => partner === 'partner-1'))).toBe(0n);
      }),
      runs(100),
    );
  });
});

describe('a sale that is rated again', () => {
  const place = { instance: 'inst-1', account: 'acc-1', product: null, currency: 'EUR', country: null };
  /** Paid in part under one rule, rated again under another, paid in full, refunded in full. */
  const story = (size: bigint, percent: bigint, before: Partial<Rule>, after: Partial<Rule>) => {
    const moved = (size * percent) / 100n;
    const billed = (id: number, stage: number, kind: Billed['kind'], net: bigint): Step => ({
      id, stage, on: '2025-08-01', kind, ...place, net, gross: net, wholesale: null, sale: 's',
    }); // prettier-ignore
    return engineDecide({
      ...ONE_PARTNER,
      accounts: [{ instance: 'inst-1', code: 'acc-1', country: null }],
      rules: [
        { ...PLAIN_RULE, ...before, knownUntil: 2 },
        { ...PLAIN_RULE, ...after, version: PLAIN_RULE.version + 1, knownFrom: 2 },
      ],
      sales: [{ ref: 's', ...place, net: size, gross: size, wholesale: null, date: '2025-07-15' }],
      steps: [
        billed(1, 1, 'payment', moved),
        { id: 2, stage: 2, on: '2025-08-01', kind: 'rerate', sale: 's', event: null },
        billed(3, 3, 'payment', size - moved),
        billed(4, 3, 'refund', -size),
      ],
    });
  };
  const rate = fc.nat({ max: 1_000_000 });
  const percents = fc.bigInt({ min: 0n, max: 100n });

  it('and refunded in full has earned nothing, whatever it was rated by before', () => {
    fc.assert(
      fc.property(net, percents, rate, rate, (size, percent, was, is) => {
        const legs = story(size, percent, { ratePpm: was }, { ratePpm: is });
        expect(legs.some(({ step }) => step === 2)).toBe(true);
        expect(total(legs)).toBe(0n);
      }),
      runs(150),
    );
  });

  it('moves nothing by the same terms', () => {
    fc.assert(
      fc.property(net, percents, rate, (size, percent, same) => {
        const legs = story(size, percent, { ratePpm: same }, { ratePpm: same });
        expect(total(legs.filter(({ step }) => step === 2))).toBe(0n);
      }),
      runs(100),
    );
  });
});
