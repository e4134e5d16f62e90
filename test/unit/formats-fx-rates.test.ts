import { describe, expect, it, test } from 'vitest';
import { readRateFile } from '../../src/formats/fx-rates.ts';

const read = (text: string) => readRateFile('rates.csv', Buffer.from(text));
const told = (text: string) =>
  read(text).rates.map(
    ({ line, date, base, quote, rate, source }) => `${line}: ${date} ${base}/${quote} ${rate} ${source}`,
  );
const wrong = (text: string) => read(text).problems.map(({ line, column, code }) => `${line}:${column} ${code}`);
const HEADING = 'date,base,quote,rate,source\n';

describe('a file of exchange rates', () => {
  test.each([
    ['its own columns', `${HEADING}2026-10-30,EUR,USD,1.0853,ECB\n`, ['2: 2026-10-30 EUR/USD 1.0853 ECB']],
    [
      'in any order, with others between',
      'rate,note,quote,base,source,date\r\n1.10,x,USD,EUR,books,2026-10-30\r\n',
      ['2: 2026-10-30 EUR/USD 1.1 books'],
    ],
    [
      'one that says the same twice',
      `${HEADING}2026-10-30,EUR,USD,1.1,ECB\n2026-10-30,EUR,USD,1.10,ECB\n`,
      ['2: 2026-10-30 EUR/USD 1.1 ECB'],
    ],
    [
      'the history of the ECB, with its comma too many',
      'Date,USD,CYP,JPY,\n2026-10-30,1.0853,N/A,165.42,\n2026-10-29,1.0812,0.58,N/A,\n',
      ['2: 2026-10-30 EUR/USD 1.0853 ECB', '2: 2026-10-30 EUR/JPY 165.42 ECB', '3: 2026-10-29 EUR/USD 1.0812 ECB'],
    ],
    [
      'the same without it, CRLF, a byte order mark',
      '\uFEFFDate,USD\r\n2026-10-30,1.0853\r\n',
      ['2: 2026-10-30 EUR/USD 1.0853 ECB'],
    ],
    ['nothing but a heading', HEADING, []],
  ])('%s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
    expect(wrong(text)).toEqual([]);
  });

  it('names currencies that it leaves out', () => {
    expect(read('Date,USD,CYP,XQQ,\n2026-10-30,1.0853,N/A,2,\n').leftOut).toContain('XQQ');
  });

  test.each([
    ['2026-10-32,EUR,USD,1.1,ECB', ['2:1 date_invalid']],
    ['2026-10-30,EUX,USD,1.1,ECB', ['2:2 currency_unknown']],
    ['2026-10-30,eur,USD,1.1,ECB', ['2:2 currency_unknown']],
    ['2026-10-30,EUR,EUR,1.1,ECB', ['2:3 fx_pair']],
    ['2026-10-30,EUR,USD,"1,1",ECB', ['2:4 fx_rate_not_a_number']],
    ['2026-10-30,EUR,USD,0,ECB', ['2:4 fx_rate_not_positive']],
    ['2026-10-30,EUR,USD,1.1,', ['2:5 fx_source']],
    ['2026-10-30,EUR,USD,1.1', ['2:5 field_count']],
    ['2026-10-30,EUR,USD,1.1,ECB\n2026-10-30,EUR,USD,1.2,ECB', ['3:null fx_rate_twice']],
  ])('%s', (rows, expected) => {
    expect(wrong(`${HEADING}${rows}\n`)).toEqual(expected);
  });

  it('tells a wrong rate of the ECB by its column', () => {
    expect(wrong('Date,USD,JPY,\n2026-10-30,1.0853,165.42.1,\nyesterday,1,2,\n')).toEqual([
      '2:3 fx_rate_not_a_number',
      '3:1 date_invalid',
    ]);
  });

  test.each([
    ['fx_columns', 'date,base,quote,rate\n'],
    ['fx_columns', 'Datum,USD\n'],
    ['file_empty', ''],
  ])('%s', (code, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ exitCode: 2, code }));
  });
});
