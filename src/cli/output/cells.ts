import { isNumeric, type Cell, type Column, type ColumnKind } from './columns.ts';
import { plainJson, plainText } from './plain-text.ts';

/** A cell as one harmless line of text; a flag is a word, because an empty cell would say nothing. */
export function cellText(cell: Cell, words: { yes: string; no: string } = { yes: 'true', no: 'false' }): string {
  if (cell === null) return '';
  if (typeof cell === 'boolean') return cell ? words.yes : words.no;
  if (typeof cell !== 'object') return plainText(String(cell));
  const parts = Array.isArray(cell)
    ? (cell as readonly string[])
    : Object.entries(cell).map(([name, value]) => `${name}=${typeof value === 'string' ? value : plainJson(value)}`);
  return plainText(parts.join(', '));
}

/** 'known_seq' as a person reads it. */
export function heading(name: string): string {
  return name.replaceAll('_', ' ').toUpperCase();
}

/** A row as one line of TSV, without a heading, as gh prints lists in a pipe. */
export function tsvLine<R>(columns: readonly Column<R>[], row: R): string {
  return `${columns.map(({ cell }) => cellText(cell(row))).join('\t')}\n`;
}

/**
 * A spreadsheet runs a cell that begins with one of these, and a name like `=HYPERLINK(…)` comes from outside. An
 * apostrophe makes it text. Numbers are ours and stay numbers: guarding '-12.30' would break every sum.
 */
const FORMULA = /^[\s]*[=+\-@|％＝＋－＠]/;

export function csvCell(kind: ColumnKind, cell: Cell): string {
  const text = cellText(cell);
  return !isNumeric(kind) && FORMULA.test(text) ? `'${text}` : text;
}
