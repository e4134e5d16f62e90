import { minorUnits } from './currencies.ts';
import { UsageError } from './errors.ts';
import { addDays } from './dates.ts';
import { divRoundHalfAwayFromZero, formatScaled } from './money.ts';

/**
 * What a currency was worth in another on a date. A rate says how many of `quote` one of `base` is worth, as a decimal
 * string; what is derived from rates is reckoned as a fraction of integers and rounded once. Source: SEMANTICS §5.
 */
export interface FxRate {
  readonly base: string;
  readonly quote: string;
  readonly date: string;
  readonly rate: string;
  readonly source: string;
}

/** A rate by the number of its row. */
export interface RecordedRate extends FxRate {
  readonly id: number;
}

/** A rate that serves for a pair on a date, and how it was found. */
export interface FoundRate {
  readonly rate: string;
  readonly how: HowFound;
  /** The recorded rates it comes from, in the order of the way. */
  readonly from: readonly RecordedRate[];
}

/** As recorded; turned around; or crossed once over the programme's currency. */
export type HowFound = 'direct' | 'inverse' | 'cross';

/** How the rate from a currency on was found, by the recorded rates that it comes from. */
export function howFound(from: string, rates: readonly FxRate[]): HowFound {
  if (rates.length > 1) return 'cross';
  return rates[0]?.base === from ? 'direct' : 'inverse';
}

/** Without one, a rate serves for so many days. */
export const DEFAULT_MAX_AGE_DAYS = 4;

/** Enough for one of the smallest unit of a weak currency to be told in a strong one to twelve digits. */
const DERIVED_DECIMALS = 18;

const WHOLE_DIGITS = 12;
const DECIMALS = 12;

/**
 * Reads a rate: a positive decimal number with a point, without trailing zeros afterwards.
 * @throws UsageError `fx_rate_not_a_number`, `fx_rate_not_positive`
 */
export function parseFxRate(text: string): string {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text.trim());
  const whole = (match?.[1] ?? '').replace(/^0+(?=\d)/, '');
  const fraction = (match?.[2] ?? '').replace(/0+$/, '');
  if (match === null || whole.length > WHOLE_DIGITS || fraction.length > DECIMALS) {
    throw new UsageError('fx_rate_not_a_number', `'${text.trim().slice(0, 40)}' is not a rate`, {
      hint: `write it as 1.0853, with at most ${WHOLE_DIGITS} digits before the point and ${DECIMALS} behind it`,
    });
  }
  if (whole === '0' && fraction === '') throw new UsageError('fx_rate_not_positive', 'a rate is above 0');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

interface Leg extends Fraction {
  readonly how: 'direct' | 'inverse';
  readonly from: RecordedRate;
}

/** The rates that are known, to be asked by pair and date. */
export class FxRates {
  /** By 'BASE/QUOTE', in the order of their dates. */
  readonly #byPair = new Map<string, RecordedRate[]>();
  /** The currency that rates are crossed over: the programme's. */
  readonly pivot: string;
  readonly #maxAgeOn: (date: string) => number;

  /**
   * @param rates in the order of their dates, one a pair and date
   * @param terms the programme's currency, and for how many days a rate serves on a date
   */
  constructor(
    rates: readonly RecordedRate[],
    terms: { readonly pivot: string; readonly maxAgeOn: (date: string) => number },
  ) {
    this.pivot = terms.pivot;
    this.#maxAgeOn = terms.maxAgeOn;
    for (const rate of rates) {
      const name = `${rate.base}/${rate.quote}`;
      const ofPair = this.#byPair.get(name);
      if (ofPair === undefined) this.#byPair.set(name, [rate]);
      else ofPair.push(rate);
    }
  }

  /** The rate from one currency into another on a date, or null where none is near enough. */
  find(from: string, to: string, on: string): FoundRate | null {
    const straight = this.#leg(from, to, on);
    if (straight !== null) {
      const rate = straight.how === 'direct' ? straight.from.rate : written(straight);
      return { rate, how: straight.how, from: [straight.from] };
    }
    const first = this.#leg(from, this.pivot, on);
    const second = this.#leg(this.pivot, to, on);
    if (first === null || second === null) return null;
    const crossed = {
      numerator: first.numerator * second.numerator,
      denominator: first.denominator * second.denominator,
    };
    return { rate: written(crossed), how: 'cross', from: [first.from, second.from] };
  }

  /** The first day whose rate still serves on a date. */
  servesFrom(on: string): string {
    return addDays(on, -this.#maxAgeOn(on));
  }

  #leg(from: string, to: string, on: string): Leg | null {
    const direct = this.#latest(from, to, on);
    if (direct !== null) return { ...fraction(direct.rate), how: 'direct', from: direct };
    const inverse = this.#latest(to, from, on);
    if (inverse === null) return null;
    const { numerator, denominator } = fraction(inverse.rate);
    return { numerator: denominator, denominator: numerator, how: 'inverse', from: inverse };
  }

  /** The last rate of a pair that is not later than a date, nor too old for it. */
  #latest(base: string, quote: string, on: string): RecordedRate | null {
    const rates = this.#byPair.get(`${base}/${quote}`) ?? [];
    let low = 0;
    let high = rates.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rates[middle]!.date <= on) low = middle + 1;
      else high = middle;
    }
    const last = rates[low - 1];
    return last === undefined || last.date < this.servesFrom(on) ? null : last;
  }
}

/** An amount of one currency in another, in minor units of each, at a rate as it is recorded; rounded once. */
export function convertMinor(minor: bigint, from: string, to: string, rate: string): bigint {
  const { numerator, denominator } = fraction(rate);
  return divRoundHalfAwayFromZero(
    minor * numerator * 10n ** BigInt(minorUnits(to)),
    denominator * 10n ** BigInt(minorUnits(from)),
  );
}

function fraction(rate: string): Fraction {
  const [whole = '', decimals = ''] = rate.split('.');
  return { numerator: BigInt(whole + decimals), denominator: 10n ** BigInt(decimals.length) };
}

function written({ numerator, denominator }: Fraction): string {
  const scaled = divRoundHalfAwayFromZero(numerator * 10n ** BigInt(DERIVED_DECIMALS), denominator);
  return formatScaled(scaled, DERIVED_DECIMALS).replace(/\.?0+$/, '');
}
