import { isDate } from '../../domain/dates.ts';
import { UsageError } from '../../domain/errors.ts';
import type { ReportedPayment, ReportPlace } from '../../domain/reported-payment.ts';
import { parseDecimal } from '../../domain/money.ts';
import { unreadableFile, type RecordProblem } from '../records.ts';

/** What a file may be that tells what became of payments. */
export const REPORT_FORMATS = ['camt.053', 'camt.052', 'camt.054', 'pain.002', 'nacha', 'paypal', 'bank-csv'] as const;
/** A report of one payment, which a provider sent by itself; drizzle/0037_api_rails.sql says the same. */
type EventFormat = 'stripe-event' | 'paypal-event' | 'razorpay-event';
export type FileFormat = (typeof REPORT_FORMATS)[number];
export type ReportFormat = FileFormat | EventFormat;

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
