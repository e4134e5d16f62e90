import { carriedRow, gridOf, gridRow, headRow, lineHeight, type Grid, type GridRow } from './grid.ts';
import { widthOf, wrapped } from './lines.ts';
import type { Overview, Sheet } from './sheet.ts';
import type { Table } from './table.ts';
import type { Typefaces } from './typefaces.ts';

/** Where everything stands: pages of a paper, before anything is drawn. */

export interface Paper {
  readonly width: number;
  readonly height: number;
}
export const PAPERS = {
  a4: { width: 595.28, height: 841.89 },
  letter: { width: 612, height: 792 },
} as const satisfies Record<string, Paper>;
export type PaperName = keyof typeof PAPERS;

export const MARGIN = { side: 48, top: 40, foot: 48 };
/** What stands above the content of the first page, and of every other one. */
export const MASTHEAD = 122;
export const RUNNING_HEAD = 12;
export const TEXT_SIZE = 7.5;
const HEADING = 22;
const SPACE = 9;
/** A table that is not taller stands on one page. */
const SHORT = 150;

export type Block =
  | {
      readonly kind: 'overview';
      readonly y: number;
      readonly account: PlacedRows;
      readonly year: PlacedRows;
      readonly months: Overview['months'];
      readonly currency: string;
    }
  | { readonly kind: 'heading'; readonly y: number; readonly text: string; readonly goesOn: boolean }
  | { readonly kind: 'rows'; readonly y: number; readonly placed: PlacedRows }
  | { readonly kind: 'lines'; readonly y: number; readonly lines: readonly string[] };

/** Rows of a table that stand on one page. */
export interface PlacedRows {
  readonly grid: Grid;
  readonly rows: readonly GridRow[];
  /** The head is repeated for the eye alone. */
  readonly goesOn: boolean;
}

/** The pages of a sheet. */
export function pagesOf(typefaces: Typefaces, sheet: Sheet, paper: Paper): Block[][] {
  const width = paper.width - 2 * MARGIN.side;
  const bottom = paper.height - MARGIN.foot;
  const pages: Block[][] = [[]];
  let y = MARGIN.top + MASTHEAD;
  const add = (block: Block, height: number) => {
    pages.at(-1)!.push(block);
    y += height;
  };
  const turn = () => {
    pages.push([]);
    y = MARGIN.top + RUNNING_HEAD;
  };

  if (sheet.overview !== null) {
    const { months, currency } = sheet.overview;
    const account = whole(typefaces, sheet.overview.account, width * OVERVIEW.left);
    const year = whole(typefaces, sheet.overview.year, width * OVERVIEW.right);
    add({ kind: 'overview', y, account, year, months, currency }, HEADING + heightOf(account.rows) + SPACE);
  }
  for (const table of sheet.tables) addTable(table);
  addNotes();
  addTable(sheet.approval);
  return pages;

  function addTable(table: Table): void {
    const grid = gridOf(typefaces, table, width);
    const head = headRow(grid);
    const pieces = keptTogether(table.rows.map((row) => gridRow(typefaces, grid, row)));
    const over = table.carried === undefined ? 0 : carriedRow(grid, '', 0n).height;
    const all = head.height + heightOf(pieces.flat());
    const least = all <= SHORT ? all : head.height + heightOf(pieces[0]!) + over;
    if (y + HEADING + least > bottom) turn();
    add({ kind: 'heading', y, text: table.title, goesOn: false }, HEADING);
    let rows = [head];
    let height = head.height;
    let carried = 0n;
    let goesOn = false;
    const place = () => add({ kind: 'rows', y, placed: { grid, rows, goesOn } }, height);
    for (const [at, piece] of pieces.entries()) {
      const reserve = at === pieces.length - 1 ? 0 : over;
      if (y + height + heightOf(piece) + reserve > bottom) {
        if (over > 0) rows.push(carriedRow(grid, 'Carried forward', carried));
        place();
        turn();
        add({ kind: 'heading', y, text: `${table.title}, continued`, goesOn: true }, HEADING);
        goesOn = true;
        rows = over > 0 ? [head, carriedRow(grid, 'Brought forward', carried)] : [head];
        height = heightOf(rows);
      }
      rows.push(...piece);
      height += heightOf(piece);
      carried += piece.reduce((sum, { minor }) => sum + minor, 0n);
    }
    place();
    y += SPACE;
  }

  function addNotes(): void {
    const measure = (line: string) => widthOf(typefaces, 'regular', TEXT_SIZE, line);
    const notes = sheet.notes.map((note) => wrapped(measure, note, width));
    const tall = (lines: readonly string[]) => lines.length * lineHeight(TEXT_SIZE) + 3;
    if (y + HEADING + tall(notes[0]!) > bottom) turn();
    add({ kind: 'heading', y, text: 'Notes', goesOn: false }, HEADING);
    for (const lines of notes) {
      if (y + tall(lines) > bottom) turn();
      add({ kind: 'lines', y, lines }, tall(lines));
    }
    y += SPACE;
  }
}

/** Of the width: the account, and beside it the year. */
export const OVERVIEW = { left: 0.54, right: 0.4 };

function whole(typefaces: Typefaces, table: Table, width: number): PlacedRows {
  const grid = gridOf(typefaces, table, width);
  return { grid, rows: table.rows.map((row) => gridRow(typefaces, grid, row)), goesOn: false };
}

/** What no page may part: a group's name from its first line, a sum from the last. */
function keptTogether(rows: readonly GridRow[]): GridRow[][] {
  const pieces: GridRow[][] = [];
  for (const row of rows) {
    const before = pieces.at(-1)?.at(-1)?.role;
    if (before === 'group' || (row.role === 'sum' && before !== undefined)) pieces.at(-1)!.push(row);
    else pieces.push([row]);
  }
  return pieces;
}

export const heightOf = (rows: readonly GridRow[]): number => rows.reduce((sum, { height }) => sum + height, 0);
