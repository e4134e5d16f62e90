import { OWN_COLOUR, type Brand } from '../../domain/brand.ts';
import type { Canvas, Element, Style } from './canvas.ts';
import { chartInWords, drawChart } from './chart.ts';
import { GAP, lineHeight, type Grid, type GridColumn, type GridRow } from './grid.ts';
import { FAINT, INK, readableOnWhite, RULE, SHADE, WATERMARK } from './ink.ts';
import { wrapped } from './lines.ts';
import { heightOf, MARGIN, OVERVIEW, TEXT_SIZE, type Block, type Paper, type PlacedRows } from './pages.ts';
import type { Sheet } from './sheet.ts';
import type { Table } from './table.ts';

/** Of the facts beside the address. */
const LABELS = 62;
const LOGO = { width: 170, height: 40 };
const HEADING: Omit<Style, 'colour'> = { size: 9.5, weight: 'bold' };

/** Draws the pages of a sheet, one after the other; each thing once in the document's structure. */
export function paint(
  canvas: Canvas,
  sheet: Sheet,
  brand: Brand | null,
  pages: readonly (readonly Block[])[],
  paper: Paper,
): void {
  const { document } = canvas;
  const colour = brand?.colour ?? OWN_COLOUR;
  const inked = readableOnWhite(colour);
  const house = brand?.name ?? sheet.house;
  const left = MARGIN.side;
  const right = paper.width - MARGIN.side;
  const width = right - left;
  const { mark } = sheet;
  const root = canvas.group(null, 'Document');
  // A table that goes on over pages is one element.
  const elements = new Map<Table, Element>();

  for (const [at, blocks] of pages.entries()) {
    document.addPage();
    canvas.artifact(() => {
      if (mark !== null) watermark(mark);
      canvas.box(0, 0, paper.width, 5, colour);
      if (at > 0) runningHead();
      foot(at + 1);
    });
    if (at === 0) masthead();
    for (const block of blocks) drawBlock(block);
  }
  for (const element of elements.values()) element.end();
  root.end();

  function drawBlock(block: Block): void {
    switch (block.kind) {
      case 'overview':
        return overview(block);
      case 'heading':
        return block.goesOn
          ? canvas.artifact(() => headingText(left, block.y, block.text))
          : heading(left, block.y, block.text);
      case 'rows':
        return rows(left, block.y, block.placed);
      case 'lines':
        return canvas.element(root, 'P', () => {
          for (const [line, text] of block.lines.entries()) {
            canvas.text(left, block.y + line * lineHeight(TEXT_SIZE), text, { size: TEXT_SIZE, colour: INK });
          }
        });
    }
  }

  function watermark(mark: string): void {
    const style: Style = { size: 120, weight: 'bold', colour: WATERMARK };
    document.save().rotate(-52, { origin: [paper.width / 2, paper.height / 2] });
    canvas.text((paper.width - canvas.width(mark, style)) / 2, paper.height / 2 - 80, mark, style);
    document.restore();
  }

  function runningHead(): void {
    const style: Style = { size: 7, colour: FAINT };
    canvas.text(left, MARGIN.top - 12, `${house} · ${sheet.running[0]}`, style);
    canvas.textRight(right, MARGIN.top - 12, sheet.running[1], style);
    canvas.rule(left, MARGIN.top + 2, width, RULE);
  }

  function foot(page: number): void {
    const style: Style = { size: 6, colour: FAINT };
    const y = paper.height - MARGIN.foot + 14;
    canvas.rule(left, y - 4, width, RULE);
    for (const [at, line] of sheet.foot.entries()) canvas.text(left, y + at * 9, line, style);
    canvas.textRight(right, y, `Page ${page} of ${pages.length}`, { ...style, size: 7, weight: 'bold' });
  }

  function masthead(): void {
    const y = MARGIN.top - 12;
    const logo = brand?.logo ?? null;
    if (logo === null) {
      canvas.element(root, 'P', () => {
        const style: Style = { size: 15, weight: 'bold', colour: inked };
        const lines = wrapped((line) => canvas.width(line, style), house, width * 0.55, 2);
        for (const [at, line] of lines.entries()) canvas.text(left, y + 4 + at * 19, line, style);
      });
    } else {
      canvas.element(
        root,
        'Figure',
        () => document.image(Buffer.from(logo.bytes) as never, left, y, { fit: [LOGO.width, LOGO.height] }),
        { alt: house, bbox: [left, y, left + LOGO.width, y + LOGO.height] },
      );
    }
    const title: Style = { size: 19, weight: 'bold', colour: INK };
    canvas.element(root, 'H1', () => canvas.textRight(right, y, sheet.kind, title));
    canvas.element(root, 'P', () => canvas.textRight(right, y + 26, sheet.of, { size: 9.5, colour: FAINT }));
    canvas.artifact(() => canvas.rule(left, y + 48, width, inked, 1));
    parties(y + 58);
  }

  function parties(y: number): void {
    const { to, facts } = sheet;
    canvas.element(root, 'P', () => canvas.text(left, y, to.label, { size: 7, colour: FAINT }));
    const name: Style = { size: 11, weight: 'bold', colour: INK };
    const lines = wrapped((line) => canvas.width(line, name), to.name, width * OVERVIEW.left - 8, 3);
    canvas.element(root, 'P', () => {
      for (const [at, line] of lines.entries()) canvas.text(left, y + 10 + at * 14.5, line, name);
    });
    const about: Style = { size: 8, colour: FAINT };
    canvas.element(root, 'P', () => canvas.text(left, y + 12 + lines.length * 14.5, to.about, about));

    const x = right - width * OVERVIEW.right;
    const table = canvas.group(root, 'Table');
    for (const [at, [label, value]] of facts.entries()) {
      const style: Style = { size: 7.5, colour: INK };
      const [line] = wrapped((text) => canvas.width(text, style), value, right - x - LABELS, 1);
      const row = canvas.group(table, 'TR');
      canvas.element(row, 'TH', () => canvas.text(x, y + at * 11.5, label, { size: 7.5, colour: FAINT }), {
        scope: 'Row',
      });
      canvas.element(row, 'TD', () => canvas.text(x + LABELS, y + at * 11.5, line!, style));
      row.end();
    }
    table.end();
  }

  function heading(x: number, y: number, text: string): void {
    canvas.element(root, 'H2', () => headingText(x, y, text));
  }

  function headingText(x: number, y: number, text: string): void {
    canvas.text(x, y + 4, text, { ...HEADING, colour: inked });
  }

  /** The account to the left, and beside it a year of months and the year to date. */
  function overview({ y, account, year, months, currency }: Block & { kind: 'overview' }): void {
    heading(left, y, account.grid.table.title);
    rows(left, y + 22, account);
    const x = right - width * OVERVIEW.right;
    const tall = heightOf(account.rows);
    const box = heightOf(year.rows) + 26;
    heading(x, y, 'Earned, month by month');
    const chart = { x, y: y + 22, width: width * OVERVIEW.right, height: tall - box - 10 };
    canvas.element(root, 'Figure', () => drawChart(canvas, months, currency, chart, colour), {
      alt: chartInWords(months, currency),
      bbox: [chart.x, chart.y, chart.x + chart.width, chart.y + chart.height],
    });
    const top = y + 22 + tall - box;
    canvas.artifact(() => canvas.box(x, top, width * OVERVIEW.right, box, SHADE));
    canvas.element(root, 'H2', () => {
      canvas.text(x + GAP, top + 6, 'Year to date', { size: 7.5, weight: 'bold', colour: inked });
      canvas.textRight(right - GAP, top + 6, year.grid.table.title, { size: 6.5, colour: FAINT });
    });
    rows(x, top + 21, year);
  }

  function rows(x: number, y: number, { grid, rows: placed, goesOn }: PlacedRows): void {
    let element = elements.get(grid.table);
    if (element === undefined) elements.set(grid.table, (element = canvas.group(root, 'Table')));
    for (const row of placed) {
      const repeated = row.role === 'carried' || (row.role === 'head' && goesOn);
      canvas.artifact(() => ground(x, y, grid, row));
      if (repeated) canvas.artifact(() => grid.columns.forEach((column, at) => cell(x, y, grid, column, row, at)));
      else tagged(element, x, y, grid, row);
      y += row.height;
    }
  }

  function tagged(table: Element, x: number, y: number, grid: Grid, row: GridRow): void {
    const line = canvas.group(table, 'TR');
    for (const [at, column] of grid.columns.entries()) {
      if (row.role === 'group' && at > 0) break;
      const isHead = row.role === 'head' || row.role === 'group';
      canvas.element(
        line,
        isHead ? 'TH' : 'TD',
        () => cell(x, y, grid, column, row, at),
        isHead ? { scope: row.role === 'head' ? 'Column' : 'Row' } : {},
      );
    }
    line.end();
  }

  /** What stands behind a row: rules, and a tint under the name of a group. */
  function ground(x: number, y: number, grid: Grid, { role, height }: GridRow): void {
    if (role === 'group') canvas.box(x, y, grid.width, height, SHADE);
    if (role === 'sum') canvas.rule(x, y, grid.width, FAINT, 0.6);
    else if (role === 'head') canvas.rule(x, y + height - 1, grid.width, inked, 0.8);
    else canvas.rule(x, y + height, grid.width, RULE, 0.3);
  }

  function cell(x: number, y: number, grid: Grid, column: GridColumn, row: GridRow, at: number): void {
    const style: Style = {
      size: grid.size,
      weight: row.role === 'line' ? 'regular' : 'bold',
      colour: row.role === 'head' ? inked : row.role === 'carried' ? FAINT : INK,
    };
    const lines = row.cells[at] ?? [];
    for (const [line, text] of lines.entries()) {
      if (text === '') continue;
      const top = y + 1.5 + line * lineHeight(grid.size);
      const edge = x + column.x;
      if (column.kind === 'text' || column.kind === 'word') canvas.text(edge + GAP, top, text, style);
      else canvas.textRight(edge + column.width - GAP - setBack(column, row, text, style), top, text, style);
    }
  }

  /** So that decimal points stand below one another where one currency of the column has fewer decimals. */
  function setBack({ kind, decimals }: GridColumn, { role }: GridRow, text: string, style: Style): number {
    if (kind !== 'amount' || role === 'head' || decimals === 0) return 0;
    const own = text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
    return (decimals - own) * canvas.width('0', style) + (own === 0 ? canvas.width('.', style) : 0);
  }
}
