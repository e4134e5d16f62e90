import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Workbook, type Cell, type SheetColumn } from '../../src/formats/xlsx.ts';
import { readWorkbook } from '../support/workbook-reader.ts';

const COLUMNS: readonly SheetColumn[] = [
  { name: 'id', kind: 'integer' },
  { name: 'name', kind: 'text' },
  { name: 'amount', kind: 'amount' },
  { name: 'rate', kind: 'decimal' },
  { name: 'on', kind: 'date' },
  { name: 'at', kind: 'instant' },
];

function written(rows: readonly (readonly Cell[])[], largest?: number, atOnce = rows.length + 1): Buffer {
  const book = new Workbook('rows', COLUMNS, largest);
  const parts: Buffer[] = [];
  for (let at = 0; at < rows.length; at += atOnce) parts.push(book.write(rows.slice(at, at + atOnce)));
  parts.push(
    book.end([
      [
        { value: 'rows', heading: true },
        { value: rows.length, kind: 'integer' },
      ],
    ]),
  );
  return Buffer.concat(parts);
}

const one = (row: readonly Cell[]) => readWorkbook(written([row]))[1]!.cells;

describe('a workbook', () => {
  it('has a summary, and a sheet of rows with a frozen heading and a filter', () => {
    const [summary, sheet] = readWorkbook(
      written([[1, 'Łódź', '12.30', '7.25', '2026-10-02', '2026-10-02T09:30:00.250000Z']]),
    );
    expect([summary!.name, summary!.cells.get('B1')!.value]).toEqual(['summary', '1']);
    expect(sheet).toMatchObject({ name: 'rows', frozen: true, filter: 'A1:F2' });
    expect(COLUMNS.map((_, at) => sheet!.cells.get(`${'ABCDEF'[at]}1`)!.value)).toEqual(
      COLUMNS.map(({ name }) => name),
    );
    expect(Object.fromEntries(['A2', 'B2', 'C2', 'D2', 'E2'].map((place) => [place, sheet!.cells.get(place)]))).toEqual(
      {
        A2: { type: 'number', format: '0', value: '1' },
        B2: { type: 'text', format: 'General', value: 'Łódź' },
        C2: { type: 'number', format: '0.00', value: '12.30' },
        D2: { type: 'number', format: 'General', value: '7.25' },
        // 1 January 2026 is day 46,023.
        E2: { type: 'number', format: 'yyyy\\-mm\\-dd', value: '46297' },
      },
    );
    const at = sheet!.cells.get('F2')!;
    expect(at).toMatchObject({ type: 'number', format: 'yyyy\\-mm\\-dd\\ hh:mm:ss.000' });
    expect((Number(at.value) - 46_297) * 86_400).toBeCloseTo(9.5 * 3_600 + 0.25, 5);
  });

  it('shows the decimals of the currency and leaves nothing where nothing is', () => {
    const cells = one([null, null, '100', null, null, null]);
    expect([...cells.keys()].filter((place) => place.endsWith('2'))).toEqual(['C2']);
    expect(cells.get('C2')).toMatchObject({ format: '0', value: '100' });
    expect(one([null, null, '-1.501', null, null, null]).get('C2')).toMatchObject({ format: '0.000', value: '-1.501' });
  });

  it('writes a number of more than fifteen digits as marked text', () => {
    const amount = (text: string) => one([null, null, text, null, null, null]).get('C2')!;
    expect(amount('9999999999999.99')).toMatchObject({ type: 'number' });
    expect(amount('-0.00')).toMatchObject({ type: 'number' });
    expect(amount('-10000000000000.01')).toEqual({ type: 'text', format: '@', value: '-10000000000000.01' });
    const book = new Workbook('rows', COLUMNS);
    book.write([[1, null, '10000000000000.01', null, null, null]]);
    expect(book.flagged).toBe(1);
  });

  it('takes hostile texts for texts', () => {
    for (const text of [`=cmd|'/C calc'!A1`, '../../x', '<v>1</v>&amp;"]]>', '_x202E_', '_x0041_', ' kept ']) {
      expect(one([1, text, null, null, null, null]).get('B2')).toEqual({
        type: 'text',
        format: 'General',
        value: text,
      });
    }
    expect(one([1, '\u0000a\u0008\u001b[31m\uffff', null, null, null, null]).get('B2')!.value).toBe('a[31m');
    expect(one([1, 'x'.repeat(40_000), null, null, null, null]).get('B2')!.value).toHaveLength(32_767);
  });

  it('goes on in another sheet when one is full', () => {
    const rows = Array.from({ length: 7 }, (_, at) => [at, `row ${at}`, null, null, null, null]);
    const sheets = readWorkbook(written(rows, 4));
    expect(sheets.map(({ name, filter }) => [name, filter])).toEqual([
      ['summary', null],
      ['rows', 'A1:F4'],
      ['rows 2', 'A1:F4'],
      ['rows 3', 'A1:F2'],
    ]);
    expect(sheets[3]!.cells.get('B2')!.value).toBe('row 6');
    expect(sheets[3]!.cells.get('B1')!.value).toBe('name');
  });

  it('without rows has its heading', () => {
    expect(readWorkbook(written([])).map(({ name, filter }) => [name, filter])).toEqual([
      ['summary', null],
      ['rows', 'A1:F1'],
    ]);
  });

  it('has the same bytes however its rows arrive, in every zone and on every node', () => {
    const rows = Array.from({ length: 1_700 }, (_, at) => [at, `row ${at * at}`, `${at}.10`, '10', '2026-10-02', null]);
    const whole = written(rows);
    for (const atOnce of [1, 499, 500, 1_234]) expect(written(rows, undefined, atOnce).equals(whole)).toBe(true);
    const zone = process.env['TZ'];
    try {
      for (const other of ['Pacific/Kiritimati', 'America/New_York']) {
        process.env['TZ'] = other;
        expect(written(rows).equals(whole)).toBe(true);
      }
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
    // A later version of the library that compresses otherwise would break every manifest there is.
    expect(createHash('sha256').update(whole).digest('hex')).toBe(
      '6fc5fabf6a728df1fbef2ac53cada394e6287629e87502479ca95347a0908e82',
    );
  });
});
