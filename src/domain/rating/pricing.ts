import { minorUnits } from '../currencies.ts';
import { divRoundHalfAwayFromZero } from '../money.ts';
import type { FrozenRate, RuleVersion, WindowUse } from './model.ts';
import { EMPTY_WINDOW, slices } from './windows.ts';

/**
 * What rules pay, in millionths of the sale currency's minor unit: there a rate in ppm is exact, so that an amount is
 * rounded once, at its end. Source: SEMANTICS §3, §5.
 */
export const MILLION = 1_000_000n;

/** One term of what a rule pays: a rate of an amount, or what an attribution slot holds of a flat amount. */
export type PricePart =
  { readonly amount: bigint; readonly ratePpm: number } | { readonly flat: bigint; readonly sharePpm: number };

/** What the rule pays for a base, before any cap, term by term: `priceOf` adds them up, and explain retells them. */
export function priceParts(rule: RuleVersion, base: bigint, position: WindowUse | null, sharePpm: number): PricePart[] {
  const { ratePpm, flatMinor, brackets, bracketMode } = rule;
  if (brackets === null) {
    const parts: PricePart[] = ratePpm === null ? [] : [{ amount: base, ratePpm }];
    if (flatMinor !== null) parts.push({ flat: flatMinor, sharePpm });
    return parts;
  }
  // Posts at the first bracket's rate; the window is trued up when it has closed.
  if (bracketMode === 'whole') return [{ amount: base, ratePpm: brackets[0]!.ratePpm }];
  return slices(brackets, (position ?? EMPTY_WINDOW).base, base);
}

/**
 * What it pays for a credit that names no sale: its percentage alone. Nobody can tell where in its window the sale stood,
 * so brackets count as at their beginning.
 */
export function creditParts({ ratePpm, brackets }: RuleVersion, base: bigint): PricePart[] {
  return [{ amount: base, ratePpm: ratePpm ?? brackets![0]!.ratePpm }];
}

/** The terms together; and the rate, where it is one. */
export function priceOf(parts: readonly PricePart[]): { exact: bigint; ratePpm: number | null } {
  let exact = 0n;
  let ratePpm: number | null = null;
  let rates = 0;
  for (const part of parts) {
    if ('flat' in part) {
      exact += part.flat * BigInt(part.sharePpm);
    } else {
      exact += part.amount * BigInt(part.ratePpm);
      ratePpm = part.ratePpm;
      rates += 1;
    }
  }
  return { exact, ratePpm: rates === 1 ? ratePpm : null };
}

/** At most the rule's cap for a sale, and at most what its window has room for. */
export function capped(rule: RuleVersion, exact: bigint, position: WindowUse | null, sharePpm: number): bigint {
  const { capSale, capWindow } = rule.limits;
  let least = exact;
  if (capSale !== null) least = lesser(least, capSale * BigInt(sharePpm));
  if (capWindow !== null) {
    const room = capWindow - (position ?? EMPTY_WINDOW).full;
    least = lesser(least, room > 0n ? room * MILLION : 0n);
  }
  return least;
}

/** From the sale's currency into the one the share is paid in. */
export interface Conversion {
  readonly from: string;
  readonly to: string;
  /** Null: from and to are the same. */
  readonly fxRate: FrozenRate | null;
}

/** Converted first where it is converted, so that there is one rounding and not two. Source: SEMANTICS §5. */
export function roundConverted(millionths: bigint, conversion: Conversion): bigint {
  const { numerator, denominator } = converted(millionths, conversion);
  return divRoundHalfAwayFromZero(numerator, denominator);
}

/** The amount in minor units of the currency it is paid in, before it is rounded. */
export function converted(
  millionths: bigint,
  { from, to, fxRate }: Conversion,
): { readonly numerator: bigint; readonly denominator: bigint } {
  if (fxRate === null) return { numerator: millionths, denominator: MILLION };
  const [whole = '', fraction = ''] = fxRate.rate.split('.');
  const numerator = millionths * BigInt(whole + fraction);
  const denominator = MILLION * 10n ** BigInt(fraction.length);
  const decimals = minorUnits(to) - minorUnits(from);
  return decimals >= 0
    ? { numerator: numerator * 10n ** BigInt(decimals), denominator }
    : { numerator, denominator: denominator * 10n ** BigInt(-decimals) };
}

export function roundMillionths(millionths: bigint): bigint {
  return divRoundHalfAwayFromZero(millionths, MILLION);
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
