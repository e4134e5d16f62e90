/**
 * What a report says of a payment:
 * - `debited`: the money has left the account;
 * - `credited`: money came in, and the report does not say that it was sent from here;
 * - `returned`: money that was sent from here came back;
 * - `rejected`: refused before it left;
 * - `accepted`: taken for processing; nothing has moved yet;
 * - `unclaimed`: it left and waits for the payee;
 * - `corrected`: it was paid, and the payee's bank tells what to write next time.
 */
export const REPORTED_KINDS = [
  'debited',
  'credited',
  'returned',
  'rejected',
  'accepted',
  'unclaimed',
  'corrected',
] as const;
export type ReportedKind = (typeof REPORTED_KINDS)[number];

/** Where something stands in a file. */
export interface ReportPlace {
  readonly line: number;
  /** From 1; null where the line is meant. */
  readonly column: number | null;
  /** In XML the way to the element; null elsewhere. */
  readonly path: string | null;
}

/** The one shape of all reports. */
export interface ReportedPayment extends ReportPlace {
  readonly kind: ReportedKind;
  /** Minor units, 0 or more; null where the report does not say. */
  readonly amount: bigint | null;
  readonly currency: string | null;
  /** The day on which the bank moved the money, else the day of the report; null where neither is told. */
  readonly date: string | null;
  /** What may be our own number of it, likeliest first; of a booking of several, the numbers of all that are told. */
  readonly ids: readonly string[];
  /** What may be our own name of the order, the file, that it was part of. */
  readonly orders: readonly string[];
  /** What the bank or provider calls it: unique there, and the same in every report of it. */
  readonly bankReference: string | null;
  /**
   * How many payments one booking stands for, whose amounts are not told one by one; null where that is not told either;
   * 1 for a payment by itself.
   */
  readonly payments: number | null;
  /** Why it was returned or rejected, or what was corrected. */
  readonly reason: { readonly code: string; readonly text: string | null } | null;
  readonly corrected: CorrectedAccount | null;
  /** The other side, as the report calls it. */
  readonly name: string | null;
}

/** What the payee's bank wants to be written next time; what it does not tell is null. */
export interface CorrectedAccount {
  readonly routing: string | null;
  readonly account: string | null;
  readonly kind: 'checking' | 'savings' | null;
  /** Anything else, as it stands in the file. */
  readonly other: string | null;
}
