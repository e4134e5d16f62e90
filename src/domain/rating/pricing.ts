import { minorUnits } from '../currencies.ts';
import { divRoundHalfAwayFromZero } from '../money.ts';
import type { RuleVersion, WindowUse } from './model.ts';
import { EMPTY_WINDOW, slices } from './windows.ts';

/**
 * What rules pay, in millionths of the sale currency's minor unit: there a rate in ppm is exact, so that an amount is
 * rounded once, at its end. Source: SEMANTICS §3, §5.
 */
export const MILLION = 1_000_000n;

/** What the rule pays for a base, before any cap; and the rate, where it is one. */
export function price(
  rule: RuleVersion,
  base: bigint,
  position: WindowUse | null,
  sharePpm: number,
): { exact: bigint; ratePpm: number | null } {
  const fixed = (rule.flatMinor ?? 0n) * BigInt(sharePpm);
  if (rule.brackets === null) return { exact: base * BigInt(rule.ratePpm ?? 0) + fixed, ratePpm: rule.ratePpm };
  if (rule.bracketMode === 'whole') {
    // Posts at the first bracket's rate; the window is trued up when it has closed.
    const { ratePpm } = rule.brackets[0]!;
    return { exact: base * BigInt(ratePpm), ratePpm };
  }
  const cut = slices(rule.brackets, (position ?? EMPTY_WINDOW).base, base);
  const exact = cut.reduce((sum, { amount, ratePpm }) => sum + amount * BigInt(ratePpm), 0n);
  return { exact, ratePpm: cut.length === 1 ? cut[0]!.ratePpm : null };
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
  readonly fxRate: string | null;
}

/** Converted first where it is converted, so that there is one rounding and not two. Source: SEMANTICS §5. */
export function roundConverted(millionths: bigint, { from, to, fxRate }: Conversion): bigint {
  if (fxRate === null) return roundMillionths(millionths);
  const [whole = '', fraction = ''] = fxRate.split('.');
  let numerator = millionths * BigInt(whole + fraction);
  let denominator = MILLION * 10n ** BigInt(fraction.length);
  const decimals = minorUnits(to) - minorUnits(from);
  if (decimals >= 0) numerator *= 10n ** BigInt(decimals);
  else denominator *= 10n ** BigInt(-decimals);
  return divRoundHalfAwayFromZero(numerator, denominator);
}

export function roundMillionths(millionths: bigint): bigint {
  return divRoundHalfAwayFromZero(millionths, MILLION);
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
