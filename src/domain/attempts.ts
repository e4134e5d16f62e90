/**
 * What a provider says of an attempt to pay; drizzle/0037_api_rails.sql holds the same.
 * - `accepted`: it has it, and has not decided;
 * - `unclaimed`: it left and waits for the payee;
 * - `paid`: the payee has it;
 * - `refused`: nothing moved, and the same may be tried again later, by another key;
 * - `failed`: nothing moved, and nothing ever will;
 * - `returned`: it left, and came back;
 * - `unknown`: nobody can tell yet.
 */
export const ATTEMPT_OUTCOMES = ['accepted', 'unclaimed', 'paid', 'refused', 'failed', 'returned', 'unknown'] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** Attempts at one payout before a person has to look at it. */
export const MOST_ATTEMPTS = 10;

/** Seconds from the refusal of the nth attempt to the next one: a quarter of an hour, then twice as long, a day at most. */
export function backOffSeconds(nth: number): number {
  return Math.min(900 * 2 ** (nth - 1), 86_400);
}
