import { isDate } from '../../domain/dates.ts';
import { UsageError } from '../../domain/errors.ts';
import { parseDecimal } from '../../domain/money.ts';
import { unreadableFile, type RecordProblem } from '../records.ts';

/** What a file may be that tells what became of payments. */
export const REPORT_FORMATS = ['camt.053', 'pain.002', 'nacha', 'paypal', 'bank-csv'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

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

/** What a reader passed over, and why it is no payment to look at. */
export interface SkippedRecord extends ReportPlace {
  /** Stable snake_case. */
  readonly code: string;
  readonly reason: string;
}

export interface PaymentReport {
  readonly format: ReportFormat;
  /** How the file names itself: statements, messages; for messages to people. */
  readonly reference: string | null;
  /** The account it is about; null where it does not say. */
  readonly account: string | null;
  readonly payments: readonly ReportedPayment[];
  readonly skipped: readonly SkippedRecord[];
}

/** Refuses the whole file: what cannot be read is not guessed at. */
export function refuseReport(
  file: string,
  { line, column, path }: ReportPlace,
  problem: Omit<RecordProblem, 'column' | 'field'>,
): never {
  throw unreadableFile(file, line, { column, field: path, ...problem });
}

/**
 * Reads an unsigned amount. @throws UsageError naming the place
 */
export function reportedAmount(file: string, place: ReportPlace, text: string, currency: string): bigint {
  const amount = at(file, place, () => parseDecimal(text, currency));
  if (amount >= 0n) return amount;
  return refuseReport(file, place, {
    ...{ code: 'report_amount', reason: `the amount ${text} is below 0` },
    remedy: 'here the direction is told beside the amount: ask the bank for a file that does',
  });
}

/** Reads the day of a date, or of a date with a time. @throws UsageError naming the place */
export function reportedDate(file: string, place: ReportPlace, text: string): string {
  const day = text.slice(0, 10);
  if (isDate(day) && (text.length === 10 || /^T|^[Z+-]/.test(text.slice(10)))) return day;
  return refuseReport(file, place, {
    ...{ code: 'report_date', reason: `'${text.slice(0, 40)}' is no date` },
    remedy: 'it is written YYYY-MM-DD; ask the bank for the file again',
  });
}

/** A refusal of a value, told at its place. */
function at<T>(file: string, place: ReportPlace, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { code, message, hint = '' } = error;
    return refuseReport(file, place, { code, reason: message, remedy: hint });
  }
}

/** Texts that say something, each once. */
export function distinct(texts: readonly (string | null)[]): string[] {
  return [...new Set(texts.filter((text) => text !== null && text !== ''))] as string[];
}
