import type { Connection } from '../../db/connection.ts';
import type { AsOf } from '../../db/queries/as-of.ts';
import type { CurrencyTotal } from '../../db/queries/currency-totals.ts';
import type { ExportColumn, RowShape } from '../../db/queries/export-columns.ts';
import { formatMinor } from '../../domain/money.ts';
import { JOURNAL_FORMATS, type JournalFormat } from '../../formats/journal.ts';

export type { ExportColumn } from '../../db/queries/export-columns.ts';

/** How a file is written: rows of columns, which the database formats, in a workbook or not; or a journal of transactions. */
export const ROW_FORMATS = ['csv', 'xlsx', 'ndjson'] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];
export const EXPORT_FORMATS = [...ROW_FORMATS, ...JOURNAL_FORMATS] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What an export is of, resolved: a period is dates, a partner is a code that exists. */
export interface ExportFilter {
  readonly period: { readonly label: string; readonly from: string; readonly to: string };
  readonly partner: string | null;
  readonly instance: string | null;
  /** As of the export's moment. */
  readonly status: string | null;
  readonly currency: string | null;
}

/** Per currency, as decimal strings. */
export interface ExportSum {
  readonly currency: string;
  readonly rows: number;
  readonly positive: string;
  readonly negative: string;
  readonly net: string;
}

/** What the books count of a currency, as a manifest says it. */
export function exportSum({ currency, rows, positive, negative }: CurrencyTotal): ExportSum {
  const [up, down] = [BigInt(positive), BigInt(negative)];
  return {
    currency,
    rows,
    positive: formatMinor(up, currency),
    negative: formatMinor(down, currency),
    net: formatMinor(up + down, currency),
  };
}

/** An export whose filter and moment are known, inside the transaction that reads that moment. */
export interface PreparedExport {
  /** Numbers of the moment that a repetition must find again. */
  readonly facts: Readonly<Record<string, number>>;
  /** A whole COPY … TO STDOUT. */
  statement(shape: RowShape): string;
  /** The same facts as a journal, in blocks with the number of rows in each; only of what is a ledger. */
  journal?(format: JournalFormat): AsyncIterable<{ readonly text: string; readonly rows: number }>;
  sums(): Promise<readonly ExportSum[]>;
}

/** A promise about a file: what its columns are, for as long as manifests name this version. */
export interface ExportSchema {
  readonly name: string;
  readonly version: number;
  readonly columns: readonly ExportColumn[];
  /** The column that the sums of a manifest are of. */
  readonly summed: string;
  /** Throws NotFoundError for codes that do not exist. */
  prepare(tx: Connection, filter: ExportFilter, asOf: AsOf): Promise<PreparedExport>;
}
