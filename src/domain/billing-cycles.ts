import { addMonthsClamped } from './dates.ts';
import type { Days } from './date-ranges.ts';

/** How often a subscription is paid for. Source: SEMANTICS §1. */
export const BILLING_CYCLES = ['monthly', 'quarterly', 'annual'] as const;
export type BillingCycle = (typeof BILLING_CYCLES)[number];

const MONTHS: Readonly<Record<BillingCycle, number>> = { monthly: 1, quarterly: 3, annual: 12 };

/** A cycle: its place, counted from 0, and its days. */
export interface CycleDays extends Days {
  readonly index: number;
  readonly from: string;
  readonly to: string;
}

/**
 * The n-th cycle of a subscription that began on `anchor`. Each begins so many months after the anchor and not after the
 * cycle before, so that a day that a short month has not is there again in the next: from 31 January monthly 28 or 29
 * February, then 31 March.
 */
export function nthCycle(anchor: string, cycle: BillingCycle, index: number): CycleDays {
  const months = MONTHS[cycle];
  return { index, from: addMonthsClamped(anchor, index * months), to: addMonthsClamped(anchor, (index + 1) * months) };
}

/** The cycle that a day lies in; null before the first one. */
export function cycleOn(anchor: string, cycle: BillingCycle, day: string): CycleDays | null {
  if (day < anchor) return null;
  const months = monthsBetween(anchor, day);
  const index = Math.floor(months / MONTHS[cycle]);
  const found = nthCycle(anchor, cycle, index);
  // The month may be reached before its day is.
  return day < found.from ? nthCycle(anchor, cycle, index - 1) : found;
}

function monthsBetween(from: string, to: string): number {
  const months = (date: string) => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7));
  return months(to) - months(from);
}
