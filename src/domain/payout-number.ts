import { UsageError } from './errors.ts';

/** Payouts by number, or those of a run. */
export type PayoutSelection = { readonly numbers: readonly string[] } | { readonly run: number };

/**
 * Reads the number of a payout, in any case: P00000012A. The letter counts the attempts at paying the same money.
 * @throws UsageError `payout_number`
 */
export function parsePayoutNumber(text: string): string {
  const number = text.trim().toUpperCase();
  if (isPayoutNumber(number)) return number;
  throw new UsageError('payout_number', `'${text.trim().slice(0, 40)}' is no number of a payout`, {
    hint: 'it looks like P00000012A; `revshare payout list` shows them',
  });
}

/** Whether the text is written as the number of a payout is. */
export function isPayoutNumber(text: string): boolean {
  return /^P\d{8,13}[A-Z]$/.test(text);
}

/**
 * Reads the number of a run.
 * @throws UsageError `run_number`
 */
export function parseRunNumber(text: string): number {
  if (/^\d{1,15}$/.test(text.trim()) && Number(text) > 0) return Number(text);
  throw new UsageError('run_number', `'${text.trim().slice(0, 40)}' is no number of a run`, {
    hint: 'it is a whole number; `revshare payout runs` shows them',
  });
}

/**
 * Reads what names either: a run is a plain number, a payout begins with P.
 * @throws UsageError `payout_number`, `run_number`
 */
export function parsePayoutSelection(text: string): PayoutSelection {
  return /^\s*p/i.test(text) ? { numbers: [parsePayoutNumber(text)] } : { run: parseRunNumber(text) };
}

/** The numbers of payouts that a text mentions, in the order in which it does. */
export function payoutNumbersIn(text: string): string[] {
  return [...new Set(text.toUpperCase().match(/(?<![A-Z0-9])P\d{8,13}[A-Z](?![A-Z0-9])/g) ?? [])];
}
