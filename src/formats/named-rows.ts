import { UsageError } from '../domain/errors.ts';
import { createCsvReader } from './csv-reader.ts';
import { fieldReader, WrongField } from './field-reader.ts';
import { createNdjsonReader } from './ndjson-reader.ts';
import { formatOfName, unreadableFile, type RecordProblem, type RecordSink } from './records.ts';

/** The columns of a file that has few rows, each read whole. */
export interface NamedColumns {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** A row, asked field by field; what is not in the file is blank. */
export interface NamedRow {
  readonly line: number;
  /** @throws WrongField where `parse` throws a UsageError */
  read<T>(column: string, parse: (text: string) => T): T;
  /** The same, with null for a blank field. */
  maybe<T>(column: string, parse: (text: string) => T): T | null;
  /** Leaves the row, since this is wrong with the field. */
  refuse(column: string, code: string, reason: string, remedy: string): never;
}

export interface NamedRows<T> {
  readonly rows: readonly (T & { readonly line: number })[];
  readonly problems: readonly (RecordProblem & { readonly line: number })[];
  /** Where a column stands in the file, counted from 1; null where it is not there. */
  readonly columnOf: (name: string) => number | null;
}

/**
 * Reads the rows of a file by the names of its columns, which stand in any order: a CSV, or NDJSON where its name says so.
 * Every row that cannot be is a problem by line and column; a key that is none of the columns makes its record one.
 * @param file name for messages
 * @throws UsageError `columns_missing`, `column_unknown`, and what a CSV may be unreadable for
 */
export function readNamedRows<T extends object>(
  file: string,
  bytes: Buffer,
  columns: NamedColumns,
  parse: (row: NamedRow) => T,
): NamedRows<T> {
  const rows: (T & { line: number })[] = [];
  const problems: (RecordProblem & { line: number })[] = [];
  let header: readonly string[] = [];
  // Keys of an object stand nowhere.
  const placed = (problem: RecordProblem) => (format === 'csv' ? problem : { ...problem, column: null });
  const format = formatOfName(file);
  const sink: RecordSink = {
    header(names, { line }) {
      header = [...names];
      if (format === 'csv') assertColumns(file, line, names, columns);
    },
    record(fields, { line }) {
      try {
        rows.push({ ...parse(namedRow(header, fields, line)), line });
      } catch (error) {
        if (!(error instanceof WrongField)) throw error;
        problems.push({ line, ...placed(error.problem) });
      }
    },
    reject: ({ line }, problem) => problems.push({ line, ...problem }),
  };
  const all = [...columns.required, ...columns.optional];
  const reader = format === 'csv' ? createCsvReader(file, {}, sink) : createNdjsonReader(file, all, sink, 'refused');
  reader.push(bytes);
  reader.end();
  const columnOf = (name: string) => (format === 'csv' && header.includes(name) ? header.indexOf(name) + 1 : null);
  return { rows, problems, columnOf };
}

function namedRow(header: readonly string[], fields: readonly string[], line: number): NamedRow {
  const field = fieldReader(header, fields);
  const placeOf = (column: string) => header.indexOf(column);
  return {
    line,
    read: (column, parse) => (placeOf(column) < 0 ? parse('') : field(placeOf(column), parse)),
    maybe: (column, parse) =>
      placeOf(column) < 0 ? null : field(placeOf(column), (text) => (text === '' ? null : parse(text))),
    refuse(column, code, reason, remedy) {
      const place = placeOf(column);
      throw new WrongField({ column: place < 0 ? null : place + 1, field: column, code, reason, remedy });
    },
  };
}

function assertColumns(file: string, line: number, names: readonly string[], columns: NamedColumns): void {
  const all = [...columns.required, ...columns.optional];
  const missing = columns.required.filter((column) => !names.includes(column));
  const unknown = names.findIndex((name) => !all.includes(name));
  if (missing.length === 0 && unknown < 0) return;
  const [code, reason] =
    missing.length > 0
      ? ['columns_missing', `there is no column ${missing.join(', ')}`]
      : ['column_unknown', `nothing is known of a column '${names[unknown]!.slice(0, 40)}'`];
  throw unreadableFile(file, line, {
    ...{ column: missing.length > 0 ? null : unknown + 1, field: null, code, reason },
    remedy: `name the columns ${columns.required.join(', ')}${columns.optional.length === 0 ? '' : `, and as needed ${columns.optional.join(', ')}`}`,
  });
}

/** A field that must say something. */
export function said(text: string): string {
  if (text === '') throw new UsageError('value_blank', 'is blank', { hint: 'fill it in' });
  return text;
}
