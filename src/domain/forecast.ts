import { divRoundHalfAwayFromZero } from './money.ts';

/**
 * What comes next of a series of months, by two plain models that anybody can check by hand, and how wrong each has been. All
 * in whole numbers: amounts are minor units, and the intervals are roots of whole numbers. Pure.
 */

export const FORECAST_MODELS = ['seasonal', 'trend'] as const;
export type ForecastModel = (typeof FORECAST_MODELS)[number];

/** A month to come: what is expected, and between what it lies with a chance of four in five. */
export interface Expected {
  readonly value: bigint;
  readonly low: bigint;
  readonly high: bigint;
}

export interface ModelForecast {
  readonly model: ForecastModel;
  readonly months: readonly Expected[];
  /**
   * How far the model was off, one month ahead, over the last months of the series: the sum of what it missed by, of the sum
   * of what there was, in millionths. Null where there is no month to try it on.
   */
  readonly errorPpm: number | null;
}

const SEASON = 12;
/** Fewer say nothing of a line. */
const LEAST_FOR_TREND = 4;
/** The last so many months are foretold from what was before each. */
const TRIED = 6;
/** Four in five of a normal distribution lie within this many deviations, in ten-thousandths. */
const Z = 12_816n;
const Z_UNIT = 10_000n;

/** Months that a model needs. */
export const LEAST_MONTHS: Readonly<Record<ForecastModel, number>> = { seasonal: SEASON + 1, trend: LEAST_FOR_TREND };

/**
 * What every model that has enough months says of the next ones. Seasonal: as in the same month of the year before, as wide
 * as such years differed. Trend: the line of least squares, as wide as the months lie off it, and the wider the further.
 * @param series whole months, the oldest first
 */
export function forecast(series: readonly bigint[], ahead: number): ModelForecast[] {
  return FORECAST_MODELS.filter((model) => series.length >= LEAST_MONTHS[model]).map((model) => ({
    model,
    months: MODELS[model](series, ahead),
    errorPpm: backTest(model, series),
  }));
}

/** The one that was off the least; the first of those that cannot be told apart. Null where none has enough months. */
export function bestOf(forecasts: readonly ModelForecast[]): ModelForecast | null {
  const off = ({ errorPpm }: ModelForecast) => errorPpm ?? Number.MAX_SAFE_INTEGER;
  return forecasts.toSorted((a, b) => off(a) - off(b))[0] ?? null;
}

type Model = (series: readonly bigint[], ahead: number) => Expected[];

const MODELS: Readonly<Record<ForecastModel, Model>> = { seasonal, trend };

function seasonal(series: readonly bigint[], ahead: number): Expected[] {
  const squares = series.slice(SEASON).map((value, at) => (value - series[at]!) ** 2n);
  const total = squares.reduce((sum, square) => sum + square, 0n);
  return Array.from({ length: ahead }, (_, at) => {
    const value = series[series.length - SEASON + (at % SEASON)]!;
    const years = BigInt(Math.floor(at / SEASON) + 1);
    const half = root(Z * Z * total * years, Z_UNIT * Z_UNIT * BigInt(squares.length));
    return { value, low: value - half, high: value + half };
  });
}

function trend(series: readonly bigint[], ahead: number): Expected[] {
  const n = BigInt(series.length);
  const at = series.map((_, x) => BigInt(x));
  const sum = (of: (y: bigint, x: bigint) => bigint) => series.reduce((total, y, x) => total + of(y, at[x]!), 0n);
  const [sumX, sumY] = [sum((_, x) => x), sum((y) => y)];
  // The slope is rise/run; nothing is divided before the end.
  const rise = n * sum((y, x) => x * y) - sumX * sumY;
  const run = n * sum((_, x) => x * x) - sumX * sumX;
  const over = n * run;
  const scaled = (x: bigint) => sumY * run + rise * (n * x - sumX);
  const squares = series.reduce((total, y, x) => total + (y * over - scaled(at[x]!)) ** 2n, 0n);
  return Array.from({ length: ahead }, (_, step) => {
    const x = n + BigInt(step);
    const value = divRoundHalfAwayFromZero(scaled(x), over);
    // The variance of what lies off the line, times 1 + 1/n + how far x is from the middle.
    const half = root(Z * Z * squares * (over + run + (n * x - sumX) ** 2n), Z_UNIT * Z_UNIT * over ** 3n * (n - 2n));
    return { value, low: value - half, high: value + half };
  });
}

function backTest(model: ForecastModel, series: readonly bigint[]): number | null {
  const from = Math.max(LEAST_MONTHS[model], series.length - TRIED);
  let [missed, there] = [0n, 0n];
  for (let at = from; at < series.length; at += 1) {
    const [told] = MODELS[model](series.slice(0, at), 1);
    missed += magnitude(series[at]! - told!.value);
    there += magnitude(series[at]!);
  }
  return there === 0n ? null : Number(divRoundHalfAwayFromZero(missed * 1_000_000n, there));
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

/** The root of a quotient, down to a whole number. Newton's, which on whole numbers ends at the floor. */
function root(numerator: bigint, denominator: bigint): bigint {
  const value = numerator / denominator;
  if (value < 2n) return value;
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (guess + value / guess) / 2n;
    if (next >= guess) return guess;
    guess = next;
  }
}
