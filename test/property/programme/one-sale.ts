import { engineDecide, type EngineLeg } from './engine.ts';
import { oracleDecide } from './oracle.ts';
import { randomProgramme } from './random-programme.ts';
import type { Billed, Place, Programme } from './words.ts';

/** One sale under the rules, shares, caps and windows of a random programme: what of it may be moved about is told. */
export interface OneSale {
  readonly seed: number;
  readonly net: bigint;
  readonly movements: readonly Movement[];
}

export interface Movement {
  readonly kind: Billed['kind'];
  readonly net: bigint;
}

const SALE_DATE = '2025-07-15';
const NIGHT = 4;

/** Something was sold before it, so that windows and clocks are not found untouched; both where something is earned. */
export function programmeOf({ seed, net, movements }: OneSale): Programme {
  const world = randomProgramme(seed);
  const place = earningPlace(world);
  const sale = { ref: 's', ...place, net, gross: net + net / 5n, wholesale: net / 3n, date: SALE_DATE };
  const billed = ({ kind, net: moved }: Movement, index: number): Billed => {
    const event = { id: index + 2, stage: NIGHT, on: SALE_DATE, kind, ...place, net: moved, gross: moved };
    return { ...event, wholesale: null, country: null, sale: 's' };
  };
  return { ...world, sales: [sale], steps: [paid(place, 30_000n), ...movements.map(billed)] };
}

function paid(place: Place, net: bigint): Billed {
  const event = { id: 1, stage: NIGHT, on: '2025-07-01', kind: 'payment' as const, ...place, net, gross: net };
  return { ...event, wholesale: net / 2n, country: null, sale: null };
}

function earningPlace(world: Programme): Place {
  const places = world.instances.flatMap((instance) => {
    const accounts = world.accounts.filter((one) => one.instance === instance).map(({ code }) => code);
    return [...accounts, null].flatMap((account) =>
      [...world.products, null].map((product): Place => {
        return { instance, account, product, currency: world.rates[0]?.from ?? 'EUR' };
      }),
    );
  });
  const earns = (place: Place): boolean =>
    oracleDecide({ ...world, sales: [], steps: [paid(place, 500_000n)] }).some(({ amount }) => amount !== 0n);
  return places.find(earns) ?? places[0]!;
}

/** What the engine decided of the sale, without what was sold before it. */
export function decidedOf(programme: Programme): EngineLeg[] {
  return engineDecide(programme).filter(({ step }) => step > 1);
}

/** What each leg of the sale has posted in all. */
export function sumsOf(programme: Programme): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  for (const { leg, partner, currency, amount } of decidedOf(programme)) {
    const key = `${leg} ${partner} ${currency}`;
    sums[key] = (sums[key] ?? 0n) + amount;
  }
  return sums;
}
