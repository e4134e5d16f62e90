import type { Connection } from '../../db/connection.ts';
import type { AsOf } from '../../db/queries/as-of.ts';
import type { ExportColumn, ExportFormat as RowFormat } from '../../db/queries/export-columns.ts';
import { JOURNAL_FORMATS, type JournalFormat } from '../../formats/journal.ts';

export type { ExportColumn, ExportFormat as RowFormat } from '../../db/queries/export-columns.ts';

/** How a file is written: rows of columns, which the database formats; or a journal of transactions. */
export const EXPORT_FORMATS = ['csv', 'ndjson', ...JOURNAL_FORMATS] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export function isJournal(format: ExportFormat): format is JournalFormat {
  return format !== 'csv' && format !== 'ndjson';
}

/** What an export is of, resolved: a period is dates, a partner is a code that exists. */
export interface ExportFilter {
  readonly period: { readonly label: string; readonly from: string; readonly to: string };
  readonly partner: string | null;
  readonly instance: string | null;
}

/** Per currency, as decimal strings. */
export interface ExportSum {
  readonly currency: string;
  readonly rows: number;
  readonly positive: string;
  readonly negative: string;
  readonly net: string;
}

/** An export whose filter and moment are known, inside the transaction that reads that moment. */
export interface PreparedExport {
  /** Numbers of the moment that a repetition must find again. */
  readonly facts: Readonly<Record<string, number>>;
  /** A whole COPY … TO STDOUT. */
  statement(format: RowFormat): string;
  /** The same facts as a journal, in blocks with the number of rows in each; only of what is a ledger. */
  journal?(format: JournalFormat): AsyncIterable<{ readonly text: string; readonly rows: number }>;
  sums(): Promise<readonly ExportSum[]>;
}

/** A promise about a file: what its columns are, for as long as manifests name this version. */
export interface ExportSchema {
  readonly name: string;
  readonly version: number;
  readonly columns: readonly ExportColumn[];
  /** Throws NotFoundError for codes that do not exist. */
  prepare(tx: Connection, filter: ExportFilter, asOf: AsOf): Promise<PreparedExport>;
}
