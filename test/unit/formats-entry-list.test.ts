import { describe, expect, test } from 'vitest';
import { readEntryList } from '../../src/formats/entry-list.ts';

const read = (text: string) => readEntryList('ids', Buffer.from(text)).map(({ line, entry }) => `${line}:${entry}`);

describe('a list of entries', () => {
  test.each([
    ['plain', '1.0\n2\n', ['1:1.0', '2:2']],
    ['with blanks, blank lines, a byte order mark and CRLF', '\ufeff 1.0 \r\n\r\n\t7.1\r\n', ['1:1.0', '3:7.1']],
    ['without a last line end', '1.0', ['1:1.0']],
    ['with what is no number: whoever asked is told', '1.0\nacme\n', ['1:1.0', '2:acme']],
    ['that begins with what is no number', 'acme\n1.0\n', ['1:acme', '2:1.0']],
    ['a CSV by its column', 'date,entry,amount\n2026-10-01,1.0,"1,5"\n\n2026-10-02,2.0,3\n', ['2:1.0', '4:2.0']],
    ['a CSV of that column alone', 'entry\n1.0\n', ['2:1.0']],
    ['a quoted heading', '"entry"\n1.0\n', ['2:1.0']],
    ['a CSV that names none', 'entry\n', []],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test.each([
    ['file_empty', ''],
    ['file_empty', '\n \n'],
    ['entry_column_missing', 'date,amount\n2026-10-01,5\n'],
    ['encoding_utf16', '\ufffe'],
    ['field_count', 'entry,date\n1.0\n'],
  ])('%s', (code, text) => {
    const bytes = code === 'encoding_utf16' ? Buffer.from([0xff, 0xfe, 0x31, 0]) : Buffer.from(text);
    expect(() => readEntryList('ids', bytes)).toThrow(expect.objectContaining({ exitCode: 2, code }));
  });
});
