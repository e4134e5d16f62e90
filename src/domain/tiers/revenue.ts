import { convertMinor } from '../fx.ts';

/** What came in of one currency, and the rate into the programme's by which it counts; null: it is the programme's. */
export interface CountedAmount {
  readonly currency: string;
  readonly minor: bigint;
  readonly rate: string | null;
}

/** What amounts come to in one currency: each rounded once, half away from zero. Source: SEMANTICS §5, §8. */
export function revenueIn(currency: string, amounts: readonly CountedAmount[]): bigint {
  return amounts.reduce(
    (sum, { currency: from, minor, rate }) => sum + (rate === null ? minor : convertMinor(minor, from, currency, rate)),
    0n,
  );
}
