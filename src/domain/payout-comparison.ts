import { WHOLE_PPM } from './rates.ts';

/** What a checker looks at first: money to somebody who got none before, or elsewhere than the last, and amounts unlike it. */
export type PayoutFinding = 'new_payee' | 'instrument_changed' | 'above_band' | 'below_band' | 'not_in_run';

export interface ComparedPayout {
  /** By how much it differs from the last, in parts per million of that; null where one of the two is missing. */
  readonly changePpm: number | null;
  /** Null: within the band. */
  readonly finding: PayoutFinding | null;
}

/**
 * A payout beside the last one of the same payee and currency, either of which may be missing. The band is symmetric and
 * belongs to what is unremarkable: 50 % finds nothing in 100.00 → 150.00. Money that goes elsewhere than the last is found
 * whatever it comes to. Pure.
 */
export function comparePayout(
  gross: bigint | null,
  last: bigint | null,
  bandPpm: number,
  elsewhere = false,
): ComparedPayout {
  if (last === null) return { changePpm: null, finding: 'new_payee' };
  if (gross === null) return { changePpm: null, finding: 'not_in_run' };
  const change = (gross - last) * BigInt(WHOLE_PPM);
  // Towards zero, which is close enough for a person; what is found is decided on the exact amounts.
  const changePpm = Number(change / last);
  if (elsewhere) return { changePpm, finding: 'instrument_changed' };
  const band = last * BigInt(bandPpm);
  return { changePpm, finding: change > band ? 'above_band' : change < -band ? 'below_band' : null };
}
