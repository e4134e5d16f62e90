import { currency as currencyOf } from '../../domain/currencies.ts';
import { businessDate, createTimestampParser } from '../../domain/dates.ts';
import { UsageError } from '../../domain/errors.ts';
import { parseDecimal } from '../../domain/money.ts';
import { payoutNumbersIn } from '../../domain/payout-number.ts';
import { shorten } from '../records.ts';
import type { BankProfile } from './bank-profile.ts';
import type { ReportedKind, ReportedPayment } from '../../domain/reported-payment.ts';
import { distinct, type PaymentReport, type SkippedRecord } from './payment-report.ts';
import { readReportRows, unsigned, type ReportRow } from './report-rows.ts';

/**
 * Reads the CSV of a bank as its profile says. A row that the profile ignores, or that moves nothing, is passed over and
 * told.
 * @param file name for messages
 * @throws UsageError naming line, column and field: `report_columns`, `date_invalid`, and what an amount may be wrong for
 */
export function readBankCsv(file: string, bytes: Buffer, profile: BankProfile): PaymentReport {
  const payments: ReportedPayment[] = [];
  const skipped: SkippedRecord[] = [];
  const { date, amount, debit, credit, currency, ids, reference, name, kind, reason } = profile.columns;
  const named = [date, amount, debit, credit, currency, ...ids, reference, name, kind, reason];
  const options = {
    ...{ csv: profile.csv, headingLine: profile.headingLine, columns: distinct(named) },
    remedy: 'give the file as the bank made it, or correct [columns] and heading_line in the profile',
  };
  const dayOf = dayReader(profile.dateFormat);
  readReportRows(file, bytes, options, (row) => readRow(row, profile, dayOf, payments, skipped));
  return { format: 'bank-csv', reference: null, account: null, payments, skipped };
}

function readRow(
  row: ReportRow,
  { columns, currency: everywhere, decimals, kinds }: BankProfile,
  dayOf: (text: string) => string,
  payments: ReportedPayment[],
  skipped: SkippedRecord[],
): void {
  const place = { line: row.line, column: row.placeOf(columns.amount ?? columns.debit!), path: null };
  const said = row.text(columns.kind);
  if (said !== null && kinds.ignored.includes(said)) {
    skipped.push({ ...place, code: 'ignored', reason: `'${shorten(said)}' is none of ours, says the profile` });
    return;
  }
  const currency = everywhere ?? row.read(columns.currency!, (code) => currencyOf(code).code);
  const moved =
    columns.amount === null
      ? twoColumns(row, columns, currency, decimals)
      : row.read(columns.amount, (text) => parseDecimal(text, currency, decimals));
  if (moved === 0n) {
    skipped.push({ ...place, code: 'nothing_moved', reason: 'the amount is 0' });
    return;
  }
  const kind = kindOf(moved, said, kinds);
  const texts = columns.ids.map((column) => row.text(column));
  const reason = row.text(columns.reason);
  payments.push({
    ...{ ...place, kind, currency, orders: [], payments: 1, corrected: null },
    amount: moved < 0n ? -moved : moved,
    date: row.read(columns.date, dayOf),
    ids: distinct([...texts.flatMap((text) => payoutNumbersIn(text ?? '')), ...texts]),
    bankReference: row.text(columns.reference),
    reason:
      reason === null && (kind === 'debited' || kind === 'credited')
        ? null
        : { code: reason ?? said ?? kind, text: null },
    name: row.text(columns.name),
  });
}

/** What came in less what went out; a row has one of the two. */
function twoColumns(
  row: ReportRow,
  { debit, credit }: BankProfile['columns'],
  currency: string,
  style: BankProfile['decimals'],
): bigint {
  const read = (column: string) => row.read(column, (text) => (text === '' ? 0n : unsigned(currency, style)(text)));
  return read(credit!) - read(debit!);
}

function kindOf(moved: bigint, said: string | null, kinds: BankProfile['kinds']): ReportedKind {
  if (said !== null && kinds.rejected.includes(said)) return 'rejected';
  if (moved < 0n) return 'debited';
  return said !== null && kinds.returned.includes(said) ? 'returned' : 'credited';
}

function dayReader(format: string): (text: string) => string {
  const parse = createTimestampParser(format, 'UTC');
  return (text) => {
    const parsed = parse(text);
    if ('instant' in parsed) return businessDate(parsed.instant, 'UTC');
    throw new UsageError('date_invalid', parsed.error, {
      hint: 'set [dates] format in the profile to what the file uses',
    });
  };
}
