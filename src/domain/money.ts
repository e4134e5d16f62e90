import { minorUnits } from './currencies.ts';
import { UsageError } from './errors.ts';

/**
 * Money is a bigint of the currency's minor unit, from the file to the ledger. Nothing in this module, and nothing
 * that uses it, ever holds an amount in a float. Source: SEMANTICS §5.
 */

/** How a source writes its numbers; the default is a decimal point and no grouping. */
export interface DecimalStyle {
  readonly decimal: '.' | ',';
  /** The character between groups of three digits: ',', '.', ' ', "'" or a no-break space. */
  readonly group?: string;
}

const PLAIN: DecimalStyle = { decimal: '.' };

/** Postgres stores amounts as bigint; what does not fit there is a mistake in the file, not an amount. */
const LARGEST = 2n ** 63n - 1n;

/** `[whole]point[fraction]` with an optional sign; the decimal sign is already a point and groups are gone. */
const NUMBER = /^([+-]?)(\d*)(?:\.(\d+))?$/;

/**
 * Reads a decimal number as minor units of the currency, exactly.
 * Zeros beyond the currency's decimals are accepted ('999.00' of JPY), any other digit there is refused: a price of
 * 10.005 EUR is a question to whoever wrote it, never ours to round.
 * @throws UsageError `amount_blank`, `amount_not_a_number`, `amount_exponent`, `amount_grouping`, `amount_decimals`,
 *   `amount_out_of_range`, `currency_unknown`; each message is a short reason that fits into a report of rejected rows
 */
export function parseDecimal(text: string, currency: string, style: DecimalStyle = PLAIN): bigint {
  const decimals = minorUnits(currency);
  const trimmed = text.trim();
  const match = NUMBER.exec(style === PLAIN ? trimmed : inPlainStyle(trimmed, style));
  if (match === null) throw notANumber(trimmed, style);
  const [, sign, whole = '', fraction = ''] = match;
  if (whole === '' && fraction === '') throw notANumber(trimmed, style);

  if (fraction.length > decimals && /[1-9]/.test(fraction.slice(decimals))) {
    throw new UsageError('amount_decimals', `'${shown(trimmed)}' has more decimals than ${currency} (${decimals})`);
  }
  const magnitude = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0') || '0');
  if (magnitude > LARGEST) throw new UsageError('amount_out_of_range', `'${shown(trimmed)}' is too large`);
  return sign === '-' ? -magnitude : magnitude;
}

/** Writes an amount of minor units as a decimal string: '-0.42', '999', '1.501'; zero never has a sign. */
export function formatMinor(minor: bigint, currency: string): string {
  return formatScaled(minor, minorUnits(currency));
}

/** Writes an integer that counts 10^-decimals as a decimal string, keeping every decimal. */
export function formatScaled(value: bigint, decimals: number): string {
  const sign = value < 0n ? '-' : '';
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0');
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/**
 * The one rounding of the house: numerator / denominator to the nearest integer, halves away from zero, so that a
 * refund rounds to the exact negative of what it refunds. Source: SEMANTICS §5.
 * @throws RangeError unless the denominator is positive
 */
export function divRoundHalfAwayFromZero(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError('rounding needs a positive denominator');
  const half = denominator / 2n;
  // Truncation goes towards zero, so pushing half a denominator outwards first rounds half away from zero. With an odd
  // denominator there is no exact half, and its truncated half still separates the two neighbours correctly.
  return (numerator < 0n ? numerator - half : numerator + half) / denominator;
}

/**
 * Splits a total in proportion to the weights so that the parts add up to it exactly. Each part is its exact share cut
 * towards zero; what is left over goes, one unit each, to the largest remainders, ties by index: pass the weights in
 * the order of their ids. Source: SEMANTICS §5.
 * @throws RangeError for a negative weight, or when something is to be split over weights that sum to zero
 */
export function largestRemainder(total: bigint, weights: readonly bigint[]): bigint[] {
  if (weights.some((weight) => weight < 0n)) throw new RangeError('a weight is negative');
  const sum = weights.reduce((soFar, weight) => soFar + weight, 0n);
  if (sum === 0n) {
    if (total !== 0n) throw new RangeError('there is nothing to split the total over');
    return weights.map(() => 0n);
  }
  const magnitude = total < 0n ? -total : total;
  const parts = weights.map((weight) => (magnitude * weight) / sum);
  const remainders = weights.map((weight, index) => ({ index, remainder: (magnitude * weight) % sum }));
  remainders.sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));

  let left = magnitude - parts.reduce((soFar, part) => soFar + part, 0n);
  for (const { index } of remainders) {
    if (left === 0n) break;
    parts[index]! += 1n;
    left -= 1n;
  }
  return total < 0n ? parts.map((part) => -part) : parts;
}

/** Rewrites '1.234,56' as '1234.56'; groups, where there are any, must be whole thousands. */
function inPlainStyle(text: string, style: DecimalStyle): string {
  const [whole = '', ...fractions] = text.split(style.decimal);
  if (fractions.length > 1) throw notANumber(text, style);
  const fraction = fractions.length === 0 ? '' : `.${fractions[0]}`;
  if (style.group === undefined || !whole.includes(style.group))
    return refuseForeignPoint(whole, text, style) + fraction;

  const [first = '', ...groups] = whole.split(style.group);
  if (!/^[+-]?\d{1,3}$/.test(first) || !groups.every((group) => /^\d{3}$/.test(group))) {
    throw new UsageError('amount_grouping', `'${shown(text)}' is not grouped in thousands by '${style.group}'`);
  }
  return first + groups.join('') + fraction;
}

/** With a decimal comma, a lone point is neither a decimal sign nor a group: guessing would be wrong by a thousand. */
function refuseForeignPoint(whole: string, text: string, style: DecimalStyle): string {
  if (style.decimal !== '.' && whole.includes('.')) throw notANumber(text, style);
  return whole;
}

function notANumber(text: string, style: DecimalStyle): UsageError {
  if (text === '') return new UsageError('amount_blank', 'the amount is blank');
  if (/^[+-]?[\d.,]*\d[eE][+-]?\d+$/.test(text)) {
    return new UsageError('amount_exponent', `'${shown(text)}' is written with an exponent`, {
      hint: 'write all its digits',
    });
  }
  const expected = `expected digits${style.group === undefined ? '' : `, groups by '${style.group}'`} and a decimal '${style.decimal}'`;
  return new UsageError('amount_not_a_number', `'${shown(text)}' is not an amount: ${expected}`);
}

/** A field may be megabytes long; a message may not. */
function shown(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
