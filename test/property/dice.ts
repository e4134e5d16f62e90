/** Where random books come from: the same seed throws the same dice, in a year of its own. */
const YEAR_START = Date.UTC(2025, 0, 1);
export const LAST_DAY = 364;

export function codes(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
}

export function dateOf(day: number): string {
  return new Date(YEAR_START + day * 86_400_000).toISOString().slice(0, 10);
}

export interface Dice {
  next(): number;
  /** Both ends included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** A day of the year, 0 to LAST_DAY. */
  day(): number;
  amount(): bigint;
}

/** mulberry32: small, and the same everywhere. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (from) => from[between(0, from.length - 1)]!,
    day: () => between(0, LAST_DAY),
    // Mostly small, because small amounts round; now and then near the largest there may be, which no float multiplies.
    amount: () =>
      next() < 0.02
        ? 8n * 10n ** 14n + BigInt(between(0, 9999))
        : BigInt(next() < 0.5 ? between(0, 60) : between(1, 500_000)),
  };
}
