import { extname } from 'node:path';
import { UsageError } from '../domain/errors.ts';

/** Endings that promise something else than what we write; any other is the user's own business. */
const PROMISES: Readonly<Record<string, string>> = {
  '.csv': 'csv',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.json': 'json',
  '.xlsx': 'xlsx',
  '.xls': 'xlsx',
  '.ods': 'ods',
  '.pdf': 'pdf',
  '.xml': 'xml',
};

/**
 * The name of a file that is written in a format, unless its ending says another one: a spreadsheet refuses, or worse
 * repairs, a CSV that is called .xlsx.
 * @throws UsageError `file_ending`
 */
export function fileOf(name: string, format: 'csv' | 'ndjson'): string {
  const ending = extname(name).toLowerCase();
  const promised = PROMISES[ending];
  if (promised === undefined || promised === format) return name;
  const instead = `${name.slice(0, -ending.length)}.${format}`;
  throw new UsageError('file_ending', `${name} would be a ${format.toUpperCase()} file with the ending of another`, {
    hint:
      promised === 'ndjson' || promised === 'csv'
        ? `give --format ${promised}, or --out ${instead}`
        : `give --out ${instead}; spreadsheets open it`,
  });
}
