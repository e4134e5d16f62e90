import { currency as currencyOf } from '../../domain/currencies.ts';
import { UsageError } from '../../domain/errors.ts';
import { shorten } from '../records.ts';
import type { ReportedKind, ReportedPayment } from '../../domain/reported-payment.ts';
import { distinct, type PaymentReport, type SkippedRecord } from './payment-report.ts';
import { readReportRows, unsigned, type ReportRow } from './report-rows.ts';

/** The columns of PayPal's payout reports (part, interim and final), which may come with or without this heading. */
export const PAYPAL_COLUMNS = [
  ...['REF_ID', 'PAYOUT_ITEM_ID', 'TRANSACTION_ID', 'RECIPIENT_NAME', 'RECIPIENT', 'CURRENCY_CODE', 'PAYOUT_AMOUNT'],
  ...['FEE', 'TOTAL', 'TRANSACTION_STATUS', 'ERROR_ENUM', 'ERROR_MESSAGE', 'TIME_PROCESSED', 'TIME_CLAIMED'],
] as const;
type PayPalColumn = (typeof PAYPAL_COLUMNS)[number];

const STATUSES: Readonly<Record<string, ReportedKind>> = {
  SUCCESS: 'debited',
  UNCLAIMED: 'unclaimed',
  RETURNED: 'returned',
  REFUNDED: 'returned',
  REVERSED: 'returned',
  FAILED: 'rejected',
  DENIED: 'rejected',
  BLOCKED: 'rejected',
};
const OPEN = ['PENDING', 'ONHOLD', 'NEW', 'PROCESSING'];

/**
 * Reads a payout report of PayPal: what became of each payout, by the number that it was sent with. What is still open
 * is passed over and told.
 * @param file name for messages
 * @throws UsageError naming line, column and field: `report_columns`, `paypal_status`, and what a CSV may be unreadable for
 */
export function readPayPalReport(file: string, bytes: Buffer): PaymentReport {
  const payments: ReportedPayment[] = [];
  const skipped: SkippedRecord[] = [];
  const options = {
    columns: ['REF_ID', 'CURRENCY_CODE', 'PAYOUT_AMOUNT', 'TRANSACTION_STATUS'],
    remedy: `give the payout report as PayPal made it, with ${PAYPAL_COLUMNS.join(', ')}`,
    heading: startsWithHeading(bytes) ? undefined : PAYPAL_COLUMNS.slice(0, columnsOf(bytes)),
  };
  readReportRows(file, bytes, options, (row) => readRow(row, payments, skipped));
  return { format: 'paypal', reference: null, account: null, payments, skipped };
}

/** Whether a file looks like a report of PayPal's: by its heading, or by the shape of its first line. */
export function looksLikePayPal(bytes: Buffer): boolean {
  const first = firstLine(bytes);
  return (
    startsWithHeading(bytes) || /^[A-Za-z0-9_-]{1,30},[A-Z0-9]{10,20},[A-Z0-9]{0,20},[^,]*,[^,]*,[A-Z]{3},/.test(first)
  );
}

function startsWithHeading(bytes: Buffer): boolean {
  return /^\uFEFF?"?REF_ID"?,/.test(firstLine(bytes));
}

/** The last column is there only where something waited to be claimed. */
function columnsOf(bytes: Buffer): number {
  const withoutQuoted = firstLine(bytes).replace(/"[^"]*"/g, '');
  return Math.min(Math.max(withoutQuoted.split(',').length, PAYPAL_COLUMNS.length - 1), PAYPAL_COLUMNS.length);
}

function firstLine(bytes: Buffer): string {
  return bytes.subarray(0, 4096).toString('utf8').split(/\r?\n/, 1)[0] ?? '';
}

function readRow(row: ReportRow, payments: ReportedPayment[], skipped: SkippedRecord[]): void {
  const text = (column: PayPalColumn) => row.text(column);
  const place = { line: row.line, column: row.placeOf('REF_ID'), path: null };
  const status = row.read('TRANSACTION_STATUS', statusOf);
  if (status.kind === null) {
    skipped.push({ ...place, code: 'status_open', reason: `${status.text} at PayPal: it has no end yet` });
    return;
  }
  const currency = row.read('CURRENCY_CODE', (code) => currencyOf(code).code);
  const reason = text('ERROR_ENUM');
  payments.push({
    ...{ ...place, kind: status.kind, currency, orders: [], payments: 1, corrected: null },
    amount: row.read('PAYOUT_AMOUNT', unsigned(currency)),
    date: dateOf(text('TIME_CLAIMED') ?? text('TIME_PROCESSED')),
    ids: distinct([text('REF_ID')]),
    bankReference: text('TRANSACTION_ID') ?? text('PAYOUT_ITEM_ID'),
    reason:
      reason === null && status.kind === 'debited'
        ? null
        : { code: reason ?? status.text, text: text('ERROR_MESSAGE') },
    name: text('RECIPIENT_NAME') ?? text('RECIPIENT'),
  });
}

function statusOf(text: string): { readonly kind: ReportedKind | null; readonly text: string } {
  const status = text.toUpperCase();
  const kind = STATUSES[status];
  if (kind !== undefined || OPEN.includes(status)) return { kind: kind ?? null, text: status };
  throw new UsageError('paypal_status', `'${shorten(text)}' is no status of a payout`, {
    hint: `PayPal writes ${[...Object.keys(STATUSES), ...OPEN].join(', ')}`,
  });
}

/** 2018-01-16T10:33:22Z; a report may leave it out. */
function dateOf(text: string | null): string | null {
  return /^\d{4}-\d{2}-\d{2}/.exec(text ?? '')?.[0] ?? null;
}
