import { cellText, heading } from './cells.ts';
import type { Paint } from './color.ts';
import { isNumeric, type Column } from './columns.ts';
import { displayWidth, ellipsize, fitColumns, GAP } from './fit.ts';

const YES_NO = { yes: 'yes', no: 'no' };

export interface TableText {
  readonly text: string;
  /** Names of the columns for which the terminal is too narrow. */
  readonly hidden: readonly string[];
}

/**
 * A list as a table: columns two spaces apart, numbers to the right. Where the terminal is too narrow the longest texts
 * are cut with an ellipsis, then the least important columns are left out; what stays of codes, dates and money is whole.
 */
export async function tableText<R>(
  columns: readonly Column<R>[],
  rows: readonly R[],
  paint: Paint,
  width: number | null,
): Promise<TableText> {
  const { default: Table } = await import('cli-table3');
  const heads = columns.map(({ name }) => heading(name));
  const cells = rows.map((row) => columns.map((column) => cellText(column.cell(row), YES_NO)));
  const least = heads.map(displayWidth);
  const natural = least.map((head, at) => cells.reduce((most, row) => Math.max(most, displayWidth(row[at]!)), head));
  const { shown, hidden } = fitColumns(columns, natural, least, width);

  const table = new Table({
    head: shown.map(({ at }) => paint('bold', heads[at]!)),
    colAligns: shown.map(({ at }) => (isNumeric(columns[at]!.kind) ? 'right' : 'left')),
    // Our own colours only: cli-table3 would paint the heading red.
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    chars: WITHOUT_LINES,
  });
  table.push(...cells.map((row) => shown.map(({ at, width: room }) => ellipsize(row[at]!, room))));
  const text = table
    .toString()
    .split('\n')
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
  return { text, hidden: hidden.map((at) => columns[at]!.name) };
}

const WITHOUT_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '' },
  middle: ' '.repeat(GAP),
};

/** One row, a field per line: what `show` prints on a terminal. */
export function fieldsText<R>(columns: readonly Column<R>[], row: R, paint: Paint): string {
  const longest = Math.max(0, ...columns.map(({ name }) => name.length));
  return columns
    .map(({ name, cell }) => {
      const label = paint('bold', name.replaceAll('_', ' ').padEnd(longest));
      return `${label}  ${cellText(cell(row), YES_NO)}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join('');
}
