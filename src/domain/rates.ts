import { UsageError } from './errors.ts';
import { divRoundHalfAwayFromZero, formatScaled } from './money.ts';

/** A rate is an integer in parts per million: 12.5 % = 125_000. Source: SEMANTICS §3. */
export const WHOLE_PPM = 1_000_000;

/** ppm keep four decimals of a percent, which is as fine as a rate may be written. */
const PERCENT_DECIMALS = 4;
const PPM_PER_PERCENT = 10 ** PERCENT_DECIMALS;

/**
 * Reads a rate written with its percent sign, '12.5%' or '7.25 %', as ppm. A bare number is refused, because 0.125 and
 * 12.5 both claim to be the same rate. Above 100 % is refused unless asked for.
 * @throws UsageError `rate_without_percent`, `rate_not_a_number`, `rate_decimals`, `rate_negative`, `rate_over_100`
 */
export function parseRate(text: string, options: { readonly allowOver100?: boolean } = {}): number {
  const trimmed = text.trim();
  const match = /^([+-]?)(\d{1,7})(?:\.(\d+))?\s*(%?)$/.exec(trimmed);
  if (match === null) {
    const withComma = /^\d{1,7},\d+\s*%?$/.test(trimmed);
    throw new UsageError('rate_not_a_number', `'${trimmed.slice(0, 40)}' is not a rate`, {
      hint: withComma ? `write ${trimmed.replace(',', '.').replace(/\s*%?$/, '%')}` : 'write it as 12.5%',
    });
  }
  const [, sign, whole = '', fraction = '', percent] = match;
  if (percent === '') {
    throw new UsageError('rate_without_percent', `the rate '${trimmed}' has no percent sign`, {
      hint: `write ${trimmed}% if ${trimmed} percent is meant`,
    });
  }
  if (/[1-9]/.test(fraction.slice(PERCENT_DECIMALS))) {
    throw new UsageError('rate_decimals', `the rate '${trimmed}' has more than four decimals`);
  }
  const decimals = fraction.slice(0, PERCENT_DECIMALS).padEnd(PERCENT_DECIMALS, '0');
  const ppm = Number(whole) * PPM_PER_PERCENT + Number(decimals);
  if (sign === '-' && ppm !== 0) throw new UsageError('rate_negative', `the rate '${trimmed}' is negative`);
  if (ppm > WHOLE_PPM && options.allowOver100 !== true) {
    throw new UsageError('rate_over_100', `the rate '${trimmed}' is above 100%`);
  }
  return ppm;
}

/** Writes ppm as a percentage without trailing zeros: '12.5%', '0%', '7.25%'. */
export function formatRate(ppm: number): string {
  const percent = formatScaled(BigInt(ppm), PERCENT_DECIMALS);
  return `${percent.replace(/\.?0+$/, '')}%`;
}

/** So many of so many, in millionths; null of none. */
export function ratioPpm(part: number | bigint, whole: number | bigint): number | null {
  if (BigInt(whole) === 0n) return null;
  return Number(divRoundHalfAwayFromZero(BigInt(part) * BigInt(WHOLE_PPM), BigInt(whole)));
}
