import { stringify } from 'csv-stringify/sync';

/**
 * A short list as CSV with a heading, RFC 4180 with line feeds; fields are quoted where they must be. Cells arrive as
 * they are to be read: what a spreadsheet might run has been guarded by whoever knows which cells are text.
 */
export function writeCsv(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return writeRows([heading, ...rows]);
}

/** The same for a file that names no columns. */
export function writeRows(rows: readonly (readonly string[])[]): string {
  return stringify(rows as string[][], { record_delimiter: 'unix' });
}
