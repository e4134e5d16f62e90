import { widthOf, wrapped } from './lines.ts';
import type { Column, Row, Table } from './table.ts';
import type { Typefaces, Weight } from './typefaces.ts';

/** A table whose columns have their places. */
export interface Grid {
  readonly table: Table;
  readonly size: number;
  readonly columns: readonly GridColumn[];
  /** From the left edge of the first column to the right edge of the last. */
  readonly width: number;
}

export interface GridColumn extends Column {
  /** From the left edge of the table. */
  readonly x: number;
  readonly width: number;
  /** Of amounts: the most decimals in the column, below which those with fewer are set back. */
  readonly decimals: number;
}

/** A row of a grid with its cells in lines, or one that a page adds: its head, or what is carried over. */
export interface GridRow {
  readonly role: Row['kind'] | 'head' | 'carried';
  readonly cells: readonly (readonly string[])[];
  readonly height: number;
  readonly minor: bigint;
}

/** Between a column's text and its edges. */
export const GAP = 4;
/** What floating point takes of a width that was measured and is measured again. */
const HAIR = 0.01;
const LEAST_TEXT = 40;
const MOST_TEXT = 120;
const MOST_LINES = 4;
const SIZES = [7.5, 7, 6.5, 6, 5.5, 5];
/** A column is as wide as the longest of its cells; which these are is told by their letters. */
const LONGEST = 12;

/** Finds widths for the columns: figures are never broken or cut; texts give way, and then the letters get smaller. */
export function gridOf(typefaces: Typefaces, table: Table, width: number): Grid {
  const cells = table.columns.map((_, at) => cellsOf(table, at));
  const decimals = cells.map((list) => Math.max(0, ...list.map(decimalsOf)));
  for (const size of SIZES) {
    const natural = table.columns.map(({ title, kind, grows }, at) => {
      const told = cells[at]!.map((cell) => (kind === 'amount' ? withDecimals(cell, decimals[at]!) : cell));
      // Of two weights now the one is wider, now the other.
      const wide = Math.max(
        widthOf(typefaces, 'bold', size, title),
        ...told.flatMap((cell) => [widthOf(typefaces, 'bold', size, cell), widthOf(typefaces, 'regular', size, cell)]),
      );
      return (kind === 'text' && grows !== true ? Math.min(wide, MOST_TEXT) : wide) + 2 * GAP + HAIR;
    });
    const widths = fitted(table.columns, natural, width);
    if (widths === null && size !== SIZES.at(-1)) continue;
    let x = 0;
    const columns = table.columns.map((column, at) => {
      const place = { ...column, x, width: (widths ?? natural)[at]!, decimals: decimals[at]! };
      x += place.width;
      return place;
    });
    return { table, size, columns, width: x };
  }
  throw new Error('unreachable: the smallest size is taken as it is');
}

function cellsOf({ rows }: Table, at: number): string[] {
  const all = rows.filter(({ kind }) => kind !== 'group').map(({ cells }) => cells[at] ?? '');
  return all.length <= LONGEST ? all : all.sort((a, b) => b.length - a.length).slice(0, LONGEST);
}

const decimalsOf = (cell: string) => (cell.includes('.') ? cell.length - cell.indexOf('.') - 1 : 0);
const withDecimals = (cell: string, decimals: number) =>
  `${cell}${cell.includes('.') || decimals === 0 ? '' : '.'}${'0'.repeat(decimals - decimalsOf(cell))}`;

/** Texts give way, the growing one first. Null where even the narrowest leave too little room. */
function fitted(columns: readonly Column[], natural: readonly number[], width: number): number[] | null {
  const growing = growingOf(columns);
  const least = natural.map((wide, at) =>
    columns[at]!.kind === 'text' ? Math.min(wide, at === growing ? 2 * LEAST_TEXT : LEAST_TEXT) : wide,
  );
  const total = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0);
  if (total(least) > width) return null;
  const spare = width - total(natural);
  const given = growing === -1 ? 0 : Math.max(spare, least[growing]! - natural[growing]!);
  const short = spare - given;
  const soft = natural.reduce((sum, wide, at) => sum + (at === growing ? 0 : wide - least[at]!), 0);
  return natural.map((wide, at) => {
    if (at === growing) return wide + given;
    return short < 0 ? wide + (short * (wide - least[at]!)) / soft : wide;
  });
}

function growingOf(columns: readonly Column[]): number {
  const flagged = columns.findIndex(({ grows }) => grows === true);
  return flagged === -1 ? columns.findLastIndex(({ kind }) => kind === 'text' || kind === 'word') : flagged;
}

export const lineHeight = (size: number) => size * 1.36;

export function gridRow(typefaces: Typefaces, { columns, size, width }: Grid, row: Row): GridRow {
  const weight: Weight = row.kind === 'line' ? 'regular' : 'bold';
  const measure = (line: string) => widthOf(typefaces, weight, size, line);
  const cells =
    row.kind === 'group'
      ? [wrapped(measure, row.cells[0]!, width - 2 * GAP, 2)]
      : columns.map((column, at) => {
          const cell = row.cells[at] ?? '';
          return column.kind === 'text' ? wrapped(measure, cell, column.width - 2 * GAP, MOST_LINES) : [cell];
        });
  return { role: row.kind, cells, minor: row.minor ?? 0n, height: heightOf(cells, size) };
}

export function headRow({ columns, size }: Grid): GridRow {
  const cells = columns.map(({ title }) => [title]);
  return { role: 'head', cells, minor: 0n, height: heightOf(cells, size) + 2 };
}

/** What the rows of earlier pages came to. */
export function carriedRow({ columns, size, table }: Grid, label: string, minor: bigint): GridRow {
  const carried = table.carried!;
  const cells = columns.map((_, at) => (at === carried.column ? [carried.write(minor)] : at === 0 ? [label] : ['']));
  return { role: 'carried', cells, minor: 0n, height: heightOf(cells, size) };
}

function heightOf(cells: readonly (readonly string[])[], size: number): number {
  return Math.max(...cells.map((lines) => lines.length)) * lineHeight(size) + 2.4;
}
