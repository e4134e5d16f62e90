/** What is owed of an entry that is in no status of its own: since when it may be paid, or until when not. */
export interface Place {
  /** Days since it may be paid; below 0: days until then. Null: without an end. */
  readonly from: number | null;
  readonly to: number | null;
  /** What stands before any date. */
  readonly status?: 'in_payout' | 'held' | 'pending';
}

const anyDay = { from: null, to: null };

/**
 * Where an entry stands in an ageing of what is owed, one place each, so that the places of a wallet sum to its balance. What
 * waits for its date or has it is told by days; what a payout has drafted, a hold keeps or a person has not seen is not due.
 */
export const AGES = {
  later: { from: null, to: -31 },
  within_30: { from: -30, to: -1 },
  due_0_30: { from: 0, to: 30 },
  due_31_60: { from: 31, to: 60 },
  due_61_90: { from: 61, to: 90 },
  due_over_90: { from: 91, to: null },
  held: { ...anyDay, status: 'held' },
  pending: { ...anyDay, status: 'pending' },
  in_payout: { ...anyDay, status: 'in_payout' },
} as const satisfies Record<string, Place>;

export type Age = keyof typeof AGES;

export const AGE_NAMES = Object.keys(AGES) as Age[];
