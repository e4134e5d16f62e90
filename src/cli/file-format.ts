import { extname } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import type { ExportFormat } from '../services/export/schema.ts';

/** Endings that promise something else than what we write; any other is the user's own business. */
const PROMISES: Readonly<Record<string, string>> = {
  '.csv': 'csv',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.json': 'json',
  '.xlsx': 'xlsx',
  '.xls': 'xls',
  '.ods': 'ods',
  '.pdf': 'pdf',
  '.xml': 'xml',
};

const NAMES: Readonly<Record<ExportFormat, string>> = {
  csv: 'a CSV file',
  xlsx: 'a workbook',
  ndjson: 'an NDJSON file',
  hledger: 'a journal of hledger',
  ledger: 'a journal of ledger',
  beancount: 'a journal of beancount',
};

/**
 * The name of a file that is written in a format, unless its ending says another one: a spreadsheet refuses, or worse
 * repairs, a CSV that is called .xlsx.
 * @param offered the formats that --format takes, where the command has one
 * @throws UsageError `file_ending`
 */
export function fileOf(name: string, format: ExportFormat, offered: readonly string[] = []): string {
  const ending = extname(name).toLowerCase();
  const promised = PROMISES[ending];
  if (promised === undefined || promised === format) return name;
  const instead = `${name.slice(0, -ending.length)}.${format}`;
  throw new UsageError('file_ending', `${name} would be ${NAMES[format]} with the ending of another`, {
    hint: offered.includes(promised)
      ? `give --format ${promised}, or --out ${instead}`
      : `give --out ${instead}${format === 'csv' || format === 'xlsx' ? '; spreadsheets open it' : ''}`,
  });
}
