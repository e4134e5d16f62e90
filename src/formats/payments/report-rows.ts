import { UsageError } from '../../domain/errors.ts';
import { parseDecimal, type DecimalStyle } from '../../domain/money.ts';
import { createCsvReader, type CsvOptions } from '../csv-reader.ts';
import { fieldReader, WrongField } from '../field-reader.ts';
import { describeProblems, unreadableFile, type RecordProblem } from '../records.ts';

/** A row of a report, asked by the names of its columns. */
export interface ReportRow {
  readonly line: number;
  /** Where a column stands, from 1; null where it is not there. */
  readonly placeOf: (column: string) => number | null;
  /** Blank where the column is not there. @throws WrongField where `parse` throws a UsageError */
  read<T>(column: string, parse: (text: string) => T): T;
  /** What stands there; null for nothing. */
  text(column: string | null | undefined): string | null;
}

export interface RowsOptions {
  readonly csv?: CsvOptions;
  /** Columns that must be there. */
  readonly columns: readonly string[];
  /** Said of a file that lacks one. */
  readonly remedy: string;
  /** Put in front of a file that names no columns itself. */
  readonly heading?: readonly string[] | undefined;
  /** The line that names the columns; what a bank writes above it is passed over. */
  readonly headingLine?: number;
}

/**
 * Reads the rows of a report that is a CSV. A report is read whole or not at all: money that one row does not tell is
 * money that nobody looks for. All that is wrong is told at once.
 * @throws UsageError `report_columns`, the code of the first wrong row, and what a CSV may be unreadable for
 */
export function readReportRows(
  file: string,
  bytes: Buffer,
  options: RowsOptions,
  take: (row: ReportRow) => void,
): void {
  const { columns, remedy, heading, headingLine = 1 } = options;
  const body = fromLine(file, bytes, headingLine);
  const offset = headingLine - 1 - (heading === undefined ? 0 : 1);
  const problems: (RecordProblem & { line: number })[] = [];
  let names: readonly string[] = [];
  const reader = createCsvReader(file, options.csv ?? {}, {
    header(found, { line }) {
      names = [...found];
      const missing = columns.filter((column) => !found.includes(column));
      if (missing.length === 0) return;
      throw unreadableFile(file, line + offset, {
        ...{ column: null, field: null, code: 'report_columns', remedy },
        reason: `there is no column ${missing.join(', ')}`,
      });
    },
    record(fields, span) {
      try {
        take(rowOf(names, fields, span.line + offset));
      } catch (error) {
        if (!(error instanceof WrongField)) throw error;
        problems.push({ line: span.line + offset, ...error.problem });
      }
    },
    reject: ({ line }, problem) => problems.push({ line: line + offset, ...problem }),
  });
  if (heading !== undefined) reader.push(Buffer.from(`${heading.join(',')}\n`));
  reader.push(body);
  reader.end();
  const [first] = problems;
  if (first === undefined) return;
  throw new UsageError(first.code, describeProblems(file, problems, true).join('\n'), {
    hint: 'nothing was read: a report counts whole or not at all',
    details: { file, problems },
  });
}

function rowOf(names: readonly string[], fields: readonly string[], line: number): ReportRow {
  const field = fieldReader(names, fields);
  const read = <T>(column: string, parse: (text: string) => T) => {
    const at = names.indexOf(column);
    return at < 0 ? parse('') : field(at, parse);
  };
  return {
    line,
    placeOf: (column) => (names.includes(column) ? names.indexOf(column) + 1 : null),
    read,
    text: (column) => (column == null ? null : read(column, (text) => (text === '' ? null : text))),
  };
}

/** The file from a line on. */
function fromLine(file: string, bytes: Buffer, line: number): Buffer {
  let at = 0;
  for (let passed = 1; passed < line; passed += 1) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) {
      throw unreadableFile(file, passed, {
        ...{ column: null, field: null, code: 'report_columns', remedy: 'correct heading_line in the profile' },
        reason: `the file ends before line ${line}, which is to name the columns`,
      });
    }
    at = end + 1;
  }
  return bytes.subarray(at);
}

/** An amount that has no sign, for it is told otherwise which way the money went. */
export function unsigned(currency: string, style?: DecimalStyle): (text: string) => bigint {
  return (text) => {
    const amount = parseDecimal(text, currency, style);
    if (amount >= 0n) return amount;
    throw new UsageError('report_amount', `the amount ${text} is below 0`, { hint: 'this column has no minus' });
  };
}
