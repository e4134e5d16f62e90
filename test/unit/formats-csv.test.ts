import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCsvReader, type CsvOptions } from '../../src/formats/csv-reader.ts';
import { FIELD_LIMIT, RECORD_LIMIT } from '../../src/formats/records.ts';
import { collect, type Collected } from '../support/record-sink.ts';

const read = (bytes: string | Uint8Array, options: CsvOptions = {}, step?: number): Collected =>
  collect((sink) => createCsvReader('in.csv', options, sink), bytes, step);

/** The same file in one piece, byte by byte and in pieces that cut everywhere must read the same. */
function readInPieces(bytes: string | Uint8Array, options: CsvOptions = {}): Collected {
  const whole = read(bytes, options);
  for (const step of [1, 2, 3, 7, 64]) expect(read(bytes, options, step)).toEqual(whole);
  return whole;
}

function failure(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('records', () => {
  it('come with the line they begin on and their bytes', () => {
    const text = 'a,b\n1,2\n"x\ny","say ""hi"""\r\n\n3,\n';
    const { header, records, rejects } = readInPieces(text);
    expect(header).toEqual(['a', 'b']);
    expect(rejects).toEqual([]);
    expect(records.map(({ line, fields }) => [line, ...fields])).toEqual([
      [2, '1', '2'],
      [3, 'x\ny', 'say "hi"'],
      [6, '3', ''],
    ]);
    expect(records.map(({ start, end }) => text.slice(start, end))).toEqual([
      '1,2\n',
      '"x\ny","say ""hi"""\r\n',
      '3,\n',
    ]);
  });

  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
  ])('end with %s, and the last one with nothing', (_, end) => {
    const { records } = readInPieces(['a,b', '1,2', '"3","4"'].join(end));
    expect(records.map(({ fields, line }) => [line, ...fields])).toEqual([
      [2, '1', '2'],
      [3, '3', '4'],
    ]);
  });

  it('may be none, under a header', () => {
    expect(readInPieces('a,b\n')).toEqual({ header: ['a', 'b'], records: [], rejects: [] });
  });

  it('may follow a byte order mark, which belongs to no name', () => {
    const { header, records } = readInPieces('\uFEFFa,b\n1,2\n');
    expect(header).toEqual(['a', 'b']);
    expect(records[0]).toMatchObject({ line: 2, start: 7 });
  });

  it('may have another delimiter, and no quoting at all', () => {
    expect(readInPieces('a;b\n"1;2"\n', { delimiter: ';', quote: '' }).records[0]!.fields).toEqual(['"1', '2"']);
    expect(readInPieces("a\tb\n'1\t2'\t3\n", { delimiter: '\t', quote: "'" }).records[0]!.fields).toEqual([
      '1\t2',
      '3',
    ]);
  });

  it('are decoded from UTF-8, latin1 and windows-1252', () => {
    const text = 'name,at\nŁódź — „ß“,日本\nplain,ascii\n';
    expect(readInPieces(text).records.map(({ fields }) => fields)).toEqual([
      ['Łódź — „ß“', '日本'],
      ['plain', 'ascii'],
    ]);
    const latin1 = Buffer.from('name\nGrün\n', 'latin1');
    expect(readInPieces(latin1, { encoding: 'latin1' }).records[0]!.fields).toEqual(['Grün']);
    const windows = Buffer.from([...Buffer.from('name\n'), 0x80, 0x31, 0x30, 0x0a]);
    expect(readInPieces(windows, { encoding: 'windows-1252' }).records[0]!.fields).toEqual(['€10']);
  });

  it('read back whatever a writer of CSV wrote', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'ß', '漢', '"', ',', '\n', '\r\n', ' ', '7'), maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        (rows, step) => {
          const text = stringify([['x', 'y', 'z'], ...rows], { quoted: true });
          expect(read(text, {}, step).records.map(({ fields }) => fields)).toEqual(rows);
        },
      ),
    );
  });
});

describe('a damaged record is rejected with line, column and reason, and the rest is read', () => {
  it.each([
    [
      'too few fields',
      'a,b,c\n1,2,3\n1,2\n4,5,6\n',
      { line: 3, column: 3, field: 'c', code: 'field_count', reason: 'has 2 fields, the header has 3' },
    ],
    [
      'too many fields',
      'a,b\n1,2\n1,2,3\n4,5\n',
      { line: 3, column: 3, field: null, code: 'field_count', reason: 'has 3 fields, the header has 2' },
    ],
    [
      'a NUL byte',
      'a,b\n1,2\n1,x\0y\n4,5\n',
      { line: 3, column: 2, field: 'b', code: 'nul_byte', reason: 'holds a NUL byte' },
    ],
    [
      'text after a quote',
      'a,b\n1,2\n"1"x,2\n4,5\n',
      { line: 3, column: 1, field: 'a', code: 'text_after_quote', reason: 'has text after its closing quote' },
    ],
    ['a quote inside', 'a,b\n1,2\n1,5" disk\n4,5\n', { line: 3, column: 2, field: 'b', code: 'quote_in_field' }],
    ['a space before a quote', 'a,b\n1,2\n1, "2"\n4,5\n', { line: 3, column: 2, field: 'b', code: 'quote_in_field' }],
    [
      'a lone carriage return',
      'a,b\n1,2\n1,x\ry\n4,5\n',
      { line: 3, column: 2, field: 'b', code: 'stray_carriage_return' },
    ],
  ])('%s', (_, text, problem) => {
    const { records, rejects } = readInPieces(text);
    expect(rejects).toHaveLength(1);
    expect(rejects[0]).toMatchObject(problem);
    expect(records.map(({ line }) => line)).toEqual([2, 4]);
    expect(rejects[0]!.reason).not.toBe('');
  });

  it('invalid UTF-8, with its byte', () => {
    const bytes = Buffer.concat([Buffer.from('a,b\n1,2\nä,x'), Buffer.from([0xe4, 0x21]), Buffer.from('\n4,5\n')]);
    const { records, rejects } = readInPieces(bytes);
    expect(rejects[0]).toMatchObject({ line: 3, column: 2, field: 'b', code: 'invalid_encoding', start: 8 });
    expect(rejects[0]!.reason).toBe(
      'is not valid utf-8: byte 2 of the field is 0xE4 (the record begins at byte 8 of the file)',
    );
    expect(records.map(({ line }) => line)).toEqual([2, 4]);
  });

  it('a quote closed by the next quoted field, lines further down', () => {
    const { records, rejects } = readInPieces('a,b\n1,"2\n3,4\n5,"6"\n7,8\n');
    expect(rejects).toEqual([expect.objectContaining({ line: 2, column: 2, field: 'b', code: 'text_after_quote' })]);
    expect(records.map(({ line }) => line)).toEqual([5]);
  });

  it.each([
    ['plain', 'x'.repeat(5_000_000)],
    ['quoted', `"${'y\n'.repeat(2_500_000)}"`],
  ])('a %s field of 5 MB', (_, field) => {
    const lines = field.split('\n').length;
    const { records, rejects } = read(`a,b\n1,2\n3,${field}\n5,6\n`);
    expect(rejects).toEqual([
      expect.objectContaining({
        line: 3,
        column: 2,
        field: 'b',
        code: 'field_too_large',
        reason: `is longer than ${FIELD_LIMIT} bytes`,
      }),
    ]);
    expect(records.map(({ line }) => line)).toEqual([2, 3 + lines]);
  });

  it('a record that is not even kept, with what follows it in place', () => {
    const text = `a,b\n1,2\n3,"${'z""\n'.repeat(RECORD_LIMIT / 2)}"\n5,6\n`;
    const { records, rejects } = read(text);
    expect(rejects).toEqual([
      expect.objectContaining({ line: 3, column: 2, field: 'b', code: 'field_too_large', start: 8 }),
    ]);
    expect(records.map(({ line, fields, start, end }) => [line, ...fields, text.slice(start, end)])).toEqual([
      [2, '1', '2', '1,2\n'],
      [4 + RECORD_LIMIT / 2, '5', '6', '5,6\n'],
    ]);
    expect(text.slice(rejects[0]!.start, rejects[0]!.start + 4)).toBe('3,"z');
    expect(text.slice(0, rejects[0]!.end).endsWith('"\n')).toBe(true);
  });
});

describe('what makes the file unreadable is refused by line and column', () => {
  it.each([
    ['an empty file', '', 'file_empty', 1, null],
    ['nothing but blank lines', '\n\r\n\n', 'file_empty', 1, null],
    ['a duplicate header', 'a,b,a\n1,2,3\n', 'header_duplicate', 1, 3],
    ['a header without a name', 'a,,c\n1,2,3\n', 'header_blank', 1, 2],
    ['a NUL in the header', 'a,b\0\n', 'header_damaged', 1, 2],
    ['a damaged header', 'a,"b"c\n1,2\n', 'header_damaged', 1, 2],
    ['old Mac line ends', 'a,b\r1,2\r', 'header_damaged', 1, 2],
    ['an unclosed quote', 'a,b\n1,2\n3,"4\n5,6\n7,8\n', 'quote_unclosed', 3, 2],
    ['an unclosed quote far into a record', 'a,b\n"1\n2","3\n4\n', 'quote_unclosed', 3, 2],
  ])('%s', (_, text, code, line, column) => {
    for (const step of [1, 3, 1 << 18]) {
      expect(failure(() => read(text, {}, step))).toMatchObject({
        code,
        exitCode: 2,
        details: { file: 'in.csv', line, column },
      });
    }
  });

  it('an unclosed quote with more behind it than is ever kept', () => {
    const error = failure(() => read(`a,b\n1,2\n3,"${'4,5\n'.repeat(RECORD_LIMIT / 2)}`));
    expect(error).toMatchObject({ code: 'quote_unclosed', details: { line: 3, column: 2, field: 'b' } });
    expect((error as Error).message).toContain('in.csv:3:2 (b) opens a quote that is never closed');
  });

  it.each([
    ['UTF-16', Buffer.from('\uFEFFa,b\n', 'utf16le'), 'encoding_utf16'],
    ['a spreadsheet', Buffer.from('PK\x03\x04rest'), 'file_not_text'],
    ['a gzipped file', Buffer.from([0x1f, 0x8b, 8, 0]), 'file_not_text'],
  ])('%s', (_, bytes, code) => {
    expect(failure(() => read(bytes))).toMatchObject({ code });
  });
});
