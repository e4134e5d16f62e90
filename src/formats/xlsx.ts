import { strToU8, Zip, ZipDeflate } from 'fflate';

/**
 * Workbooks for Excel and LibreOffice (ECMA-376), written as their rows come: nothing of a sheet is kept, and the same
 * rows give the same bytes wherever they are written, since the compressor is a pinned library and not that of the node
 * that runs it. Pure: what is written is handed back.
 */

/** How a value is shown. Numbers arrive as decimal text, dates and instants (UTC) as ISO 8601. */
export type CellKind = 'text' | 'integer' | 'amount' | 'decimal' | 'date' | 'instant';
export type Cell = string | number | null;

export interface SheetColumn {
  readonly name: string;
  readonly kind: CellKind;
}

/** A line of a summary: a label, or cells of kinds that differ. */
export type SummaryLine = readonly { readonly value: Cell; readonly kind?: CellKind; readonly heading?: boolean }[];

/** A sheet of Excel holds no more, its heading included. */
const LARGEST_SHEET = 1_048_576;
/** A double keeps fifteen digits of every decimal; what is longer would come back as another number. */
const LARGEST_NUMBER = 15;
const LARGEST_TEXT = 32_767;
/** Compressed together, however the rows arrive: what is compressed in other pieces has other bytes. */
const ROWS_AT_ONCE = 500;
/** The quickest: a better one halves the pace for a quarter of the size. */
const COMPRESSION = 1;

/** ZIP keeps local time; this is the same in every zone, since none of them skipped it. */
const modified = () => new Date(1980, 0, 2, 12);

export class Workbook {
  readonly #zip: Zip;
  readonly #title: string;
  readonly #columns: readonly SheetColumn[];
  readonly #largestSheet: number;
  readonly #sheets: { readonly name: string; readonly filter: string }[] = [];
  #written: Uint8Array[] = [];
  #sheet: ZipDeflate | null = null;
  /** Of the sheet, and not compressed yet. */
  #xml = '';
  /** Of the sheet that is being written, its heading included. */
  #rows = 0;
  #flagged = 0;

  /** @param title name of the sheet of rows: letters and digits */
  constructor(title: string, columns: readonly SheetColumn[], largestSheet = LARGEST_SHEET) {
    this.#title = title;
    this.#columns = columns;
    this.#largestSheet = largestSheet;
    this.#zip = new Zip((error, bytes) => {
      if (error !== null) throw error;
      this.#written.push(bytes);
    });
    this.#part('[Content_Types].xml', CONTENT_TYPES);
    this.#part('_rels/.rels', RELATIONS);
    this.#part('xl/styles.xml', STYLES);
  }

  /** How many numbers so far had more digits than a spreadsheet keeps, and became marked text. */
  get flagged(): number {
    return this.#flagged;
  }

  /** Adds rows, each with a value for every column; returns what is to be written next. */
  write(rows: Iterable<readonly Cell[]>): Buffer {
    const kinds = this.#columns.map(({ kind }) => kind);
    for (const row of rows) {
      if (this.#sheet === null || this.#rows === this.#largestSheet) {
        this.#endSheet();
        this.#beginSheet();
      }
      this.#rows += 1;
      this.#xml += this.#row(this.#rows, row, kinds);
      if (this.#rows % ROWS_AT_ONCE === 0) this.#push();
    }
    return this.#take();
  }

  /** Ends the workbook with a summary as its first sheet; returns the rest of its bytes. */
  end(summary: readonly SummaryLine[]): Buffer {
    if (this.#sheet === null) this.#beginSheet();
    this.#endSheet();
    const lines = summary.map((line, at) => {
      const cells = line.map(({ value, kind = 'text', heading = false }, column) =>
        value === null ? '' : this.#cell(`${letters(column)}${at + 1}`, value, kind, heading),
      );
      return `<row r="${at + 1}">${cells.join('')}</row>`;
    });
    this.#part(
      'xl/worksheets/sheet1.xml',
      `${SHEET}${SUMMARY_VIEW}<sheetData>${lines.join('')}</sheetData></worksheet>`,
    );
    this.#part('xl/workbook.xml', workbookXml(this.#sheets));
    this.#part('xl/_rels/workbook.xml.rels', workbookRelations(this.#sheets.length + 1));
    this.#zip.end();
    return this.#take();
  }

  #beginSheet(): void {
    this.#sheet = this.#begin(`xl/worksheets/sheet${this.#sheets.length + 2}.xml`);
    this.#rows = 1;
    const widths = this.#columns.map(({ name, kind }, at) => {
      const width = Math.max(WIDTHS[kind], name.length + 4);
      return `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`;
    });
    const heading = this.#columns.map(({ name }, at) => text(`${letters(at)}1`, name, STYLE.heading));
    this.#xml = `${SHEET}${FROZEN_VIEW}<cols>${widths.join('')}</cols><sheetData><row r="1">${heading.join('')}</row>`;
  }

  #endSheet(): void {
    if (this.#sheet === null) return;
    const filter = `A1:${letters(this.#columns.length - 1)}${this.#rows}`;
    const name = this.#sheets.length === 0 ? this.#title : `${this.#title} ${this.#sheets.length + 1}`;
    this.#sheets.push({ name, filter });
    this.#xml += `</sheetData><autoFilter ref="${filter}"/></worksheet>`;
    this.#push(true);
    this.#sheet = null;
  }

  #row(number: number, row: readonly Cell[], kinds: readonly CellKind[]): string {
    let xml = `<row r="${number}">`;
    for (let at = 0; at < row.length; at += 1) {
      const value = row[at]!;
      if (value !== null) xml += this.#cell(`${letters(at)}${number}`, value, kinds[at]!, false);
    }
    return `${xml}</row>`;
  }

  #cell(place: string, value: string | number, kind: CellKind, heading: boolean): string {
    const written = String(value);
    if (heading) return text(place, written, STYLE.heading);
    switch (kind) {
      case 'text':
        return text(place, written, STYLE.text);
      case 'date':
        return number(place, String(serialDay(written)), STYLE.date);
      case 'instant':
        return number(place, serialInstant(written), STYLE.instant);
      case 'integer':
      case 'amount':
      case 'decimal':
        if (digitsOf(written) > LARGEST_NUMBER) {
          this.#flagged += 1;
          return text(place, written, STYLE.flagged);
        }
        return number(place, written, kind === 'amount' ? amountStyle(written) : STYLE[kind]);
    }
  }

  #push(last = false): void {
    this.#sheet!.push(strToU8(this.#xml), last);
    this.#xml = '';
  }

  /** A part that is known whole. Compressed like the sheets: what is stored as it stands some readers want sized beforehand. */
  #part(name: string, xml: string): void {
    this.#begin(name).push(strToU8(xml), true);
  }

  #begin(name: string): ZipDeflate {
    const part = new ZipDeflate(name, { level: COMPRESSION });
    part.mtime = modified();
    this.#zip.add(part);
    return part;
  }

  #take(): Buffer {
    const bytes = Buffer.concat(this.#written);
    this.#written = [];
    return bytes;
  }
}

// ── Cells ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const LETTERS: string[] = [];

/** The name of a column: A to Z, AA, AB, … */
function letters(at: number): string {
  return (LETTERS[at] ??= (at < 26 ? '' : letters(Math.floor(at / 26) - 1)) + String.fromCharCode(65 + (at % 26)));
}

function number(place: string, value: string, style: number): string {
  return `<c r="${place}" s="${style}"><v>${value}</v></c>`;
}

/** A string of its own and never a formula, whatever it begins with. Without a style it is half as long, and most cells are texts. */
function text(place: string, value: string, style: number): string {
  const styled = style === STYLE.text ? '' : ` s="${style}"`;
  const kept = value !== value.trim() ? ' xml:space="preserve"' : '';
  return `<c r="${place}"${styled} t="inlineStr"><is><t${kept}>${escaped(value.slice(0, LARGEST_TEXT))}</t></is></c>`;
}

// What XML cannot say; what ends markup; and `_x202E_`, which spreadsheets read as the character it names.
const SPECIAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff&<>]|_(?=x[0-9A-Fa-f]{4}_)/;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', _: '_x005F_' };

function escaped(value: string): string {
  if (!SPECIAL.test(value)) return value;
  return value.replace(new RegExp(SPECIAL, 'g'), (one) => ESCAPES[one] ?? '');
}

function digitsOf(decimal: string): number {
  return decimal.replace(/^-?[0.]*/, '').replace('.', '').length;
}

const DAY_MS = 86_400_000;
/** Day 0 of spreadsheets, by which 1 March 1900 and every later day have their number. */
const DAY_ZERO = Date.UTC(1899, 11, 30);

function serialDay(date: string): number {
  return (Date.parse(`${date}T00:00:00Z`) - DAY_ZERO) / DAY_MS;
}

/** To the microsecond, which is what a double holds of a day of this century; so the digits are written, and not a sum of doubles. */
function serialInstant(instant: string): string {
  const [, date, hours, minutes, seconds] = /^(.*)T(\d\d):(\d\d):(.*)Z$/.exec(instant)!;
  const part = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) / 86_400;
  return `${serialDay(date!)}${part.toFixed(15).slice(1)}`;
}

// ── Parts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const WIDTHS: Readonly<Record<CellKind, number>> = {
  text: 18,
  integer: 10,
  amount: 14,
  decimal: 12,
  date: 12,
  instant: 24,
};

/** Amounts show the decimals they are written with, and none are grouped: saved as CSV they stay numbers. */
const NUMBER_FORMATS = ['0', '0.0', '0.00', '0.000', '0.0000', 'yyyy\\-mm\\-dd', 'yyyy\\-mm\\-dd\\ hh:mm:ss.000', '@'];
const FIRST_FORMAT = 164;

const STYLE = { decimal: 0, heading: 1, integer: 2, date: 7, instant: 8, text: 9, flagged: 10 } as const;

function amountStyle(amount: string): number {
  const point = amount.indexOf('.');
  return STYLE.integer + (point === -1 ? 0 : Math.min(4, amount.length - point - 1));
}

const xf = (format: number, more = '') =>
  `<xf numFmtId="${format}" fontId="0" fillId="0" borderId="0" xfId="0"${more}/>`;
const formatOf = (at: number) => xf(FIRST_FORMAT + at, ' applyNumberFormat="1"');
const TEXT_FORMAT = FIRST_FORMAT + NUMBER_FORMATS.length - 1;

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

const solid = (colour: string) =>
  `<fill><patternFill patternType="solid"><fgColor rgb="${colour}"/><bgColor indexed="64"/></patternFill></fill>`;

const STYLES =
  `${XML}<styleSheet xmlns="${MAIN}"><numFmts count="${NUMBER_FORMATS.length}">` +
  NUMBER_FORMATS.map((code, at) => `<numFmt numFmtId="${FIRST_FORMAT + at}" formatCode="${code}"/>`).join('') +
  '</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>' +
  `<fills count="4"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>${solid('FFE7E6E6')}${solid('FFFFFF00')}</fills>` +
  '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
  `<cellXfs count="11">${xf(0)}` +
  `<xf numFmtId="${TEXT_FORMAT}" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"/>` +
  `${NUMBER_FORMATS.map((_, at) => formatOf(at)).join('')}` +
  `<xf numFmtId="${TEXT_FORMAT}" fontId="0" fillId="3" borderId="0" xfId="0" applyNumberFormat="1" applyFill="1"/></cellXfs>` +
  '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>';

// What is an .xml and no workbook or style is a sheet: how many there will be nobody knows when this is written, and
// programs that look at a file want it first.
const CONTENT_TYPES =
  `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
  `<Default Extension="xml" ContentType="${TYPE}.worksheet+xml"/>` +
  `<Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/>` +
  `<Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/></Types>`;

const RELATIONS = `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`;

const SHEET = `${XML}<worksheet xmlns="${MAIN}">`;
const FROZEN_VIEW =
  '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>';
const SUMMARY_VIEW =
  '<sheetViews><sheetView tabSelected="1" workbookViewId="0"/></sheetViews><cols><col min="1" max="1" width="28" customWidth="1"/><col min="2" max="5" width="22" customWidth="1"/></cols>';

/** The sheets by name, the summary first; a filter is known to Excel by a hidden name as well. */
function workbookXml(sheets: readonly { readonly name: string; readonly filter: string }[]): string {
  const listed = ['summary', ...sheets.map(({ name }) => name)].map(
    (name, at) => `<sheet name="${name}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`,
  );
  const filters = sheets.map(({ name, filter }, at) => {
    const range = filter.replace(/[A-Z]+|\d+/g, '$$$&');
    return `<definedName name="_xlnm._FilterDatabase" localSheetId="${at + 1}" hidden="1">'${name}'!${range}</definedName>`;
  });
  return (
    `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${listed.join('')}</sheets>` +
    `<definedNames>${filters.join('')}</definedNames></workbook>`
  );
}

function workbookRelations(sheets: number): string {
  const worksheets = Array.from(
    { length: sheets },
    (_, at) => `<Relationship Id="rId${at + 1}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${at + 1}.xml"/>`,
  );
  return (
    `${XML}<Relationships xmlns="${PACKAGE}/relationships">${worksheets.join('')}` +
    `<Relationship Id="rId${sheets + 1}" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`
  );
}
