import { stripVTControlCharacters } from 'node:util';
import { cellText, heading } from './cells.ts';
import type { Paint } from './color.ts';
import { isNumeric, type Column } from './columns.ts';

const YES_NO = { yes: 'yes', no: 'no' };
const GAP = 2;
/** A text is never cut below this, or it says nothing. */
const NARROWEST = 10;

/**
 * A list as a table: columns two spaces apart, numbers to the right. Where the terminal is too narrow the longest texts
 * are cut with an ellipsis; codes, dates and money never are.
 */
export async function tableText<R>(
  columns: readonly Column<R>[],
  rows: readonly R[],
  paint: Paint,
  width: number | null,
): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const cells = rows.map((row) => columns.map((column) => cellText(column.cell(row), YES_NO)));
  const table = new Table({
    head: columns.map(({ name }) => paint('bold', heading(name))),
    colAligns: columns.map(({ kind }) => (isNumeric(kind) ? 'right' : 'left')),
    // Our own colours only: cli-table3 would paint the heading red.
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    chars: WITHOUT_LINES,
    ...columnWidths(columns, cells, width),
  });
  table.push(...cells);
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

const WITHOUT_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '' },
  middle: ' '.repeat(GAP),
};

function columnWidths<R>(
  columns: readonly Column<R>[],
  cells: readonly (readonly string[])[],
  width: number | null,
): { colWidths?: number[] } {
  if (width === null || columns.length === 0) return {};
  const natural = columns.map(({ name }, index) =>
    Math.max(displayWidth(heading(name)), ...cells.map((row) => displayWidth(row[index] ?? ''))),
  );
  const room = width - GAP * (columns.length - 1);
  const widths = [...natural];
  for (;;) {
    const over = widths.reduce((sum, one) => sum + one, 0) - room;
    const widest = columns.reduce<number | null>((found, { kind }, index) => {
      const canShrink = kind === 'text' && widths[index]! > NARROWEST;
      return canShrink && (found === null || widths[index]! > widths[found]!) ? index : found;
    }, null);
    if (over <= 0 || widest === null) return { colWidths: widths };
    widths[widest] = Math.max(NARROWEST, widths[widest]! - over);
  }
}

/** Columns of a terminal; wide characters of CJK and emoji take two. Enough to decide where to cut. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) {
    width += WIDE.test(character) ? 2 : /\p{Mark}/u.test(character) ? 0 : 1;
  }
  return width;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

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
