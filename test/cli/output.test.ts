import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OutputFormat } from '../../src/config.ts';
import { wantsColor } from '../../src/cli/output/color.ts';
import { columnsOf } from '../../src/cli/output/columns.ts';
import { plainJson, plainText } from '../../src/cli/output/plain-text.ts';
import { printList, printRow, section, type PrintSettings } from '../../src/cli/output/printer.ts';

interface Row {
  readonly code: string;
  readonly name: string | null;
  readonly minor: bigint;
  readonly currency: string;
  readonly ppm: number | null;
  readonly at: string;
  readonly house: boolean;
}
const c = columnsOf<Row>();
const columns = [
  c.code('code', (row) => row.code),
  c.text('full_name', (row) => row.name),
  c.money('amount', ({ minor, currency }) => ({ minor, currency })),
  c.code('currency', (row) => row.currency),
  c.rate('rate', (row) => row.ppm),
  c.flag('house', (row) => row.house),
  c.instant('recorded_at', (row) => row.at, { detail: true }),
];
const acme: Row = {
  code: 'acme',
  name: 'Acme',
  minor: -1230n,
  currency: 'EUR',
  ppm: 125_000,
  at: '2026-11-21 12:00:00.5+00',
  house: false,
};
const yen: Row = { ...acme, code: 'hana', name: null, minor: 999n, currency: 'JPY', ppm: null, house: true };

async function printed(
  rows: readonly Row[],
  format: OutputFormat | null,
  over: Partial<PrintSettings> = {},
): Promise<string> {
  let text = '';
  const settings: PrintSettings = {
    out: { write: async (more) => void (text += more) },
    paint: (_, plain) => plain,
    format,
    isTTY: false,
    columns: null,
    ...over,
  };
  await printList(settings, columns, rows, (row) => row.code);
  return text;
}

describe('one declaration, every format', () => {
  test('a table for a terminal: numbers to the right, details left out', async () => {
    expect(await printed([acme, yen], null, { isTTY: true })).toBe(
      'CODE  FULL NAME  AMOUNT  CURRENCY   RATE  HOUSE\n' +
        'acme  Acme       -12.30  EUR       12.5%  no\n' +
        'hana                999  JPY              yes\n',
    );
  });

  test('TSV without a heading in a pipe, with every column', async () => {
    expect(await printed([acme, yen], null)).toBe(
      'acme\tAcme\t-12.30\tEUR\t12.5%\tfalse\t2026-11-21T12:00:00.5Z\n' +
        'hana\t\t999\tJPY\t\ttrue\t2026-11-21T12:00:00.5Z\n',
    );
    expect(await printed([acme], 'tsv', { isTTY: true })).toBe(await printed([acme], null));
  });

  test('JSON with money and rates as strings, and nothing left out', async () => {
    expect(JSON.parse(await printed([acme, yen], 'json'))).toEqual([
      {
        code: 'acme',
        full_name: 'Acme',
        amount: '-12.30',
        currency: 'EUR',
        rate: '12.5%',
        house: false,
        recorded_at: '2026-11-21T12:00:00.5Z',
      },
      {
        code: 'hana',
        full_name: null,
        amount: '999',
        currency: 'JPY',
        rate: null,
        house: true,
        recorded_at: '2026-11-21T12:00:00.5Z',
      },
    ]);
    expect(await printed([], 'json')).toBe('[]\n');
  });

  test('NDJSON, a row a line; nothing for nothing', async () => {
    const lines = (await printed([acme, yen], 'ndjson')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { code: string }).code)).toEqual(['acme', 'hana']);
    expect(await printed([], 'ndjson')).toBe('');
  });

  test('CSV with a heading; codes alone as id', async () => {
    expect(await printed([acme], 'csv')).toBe(
      'code,full_name,amount,currency,rate,house,recorded_at\nacme,Acme,-12.30,EUR,12.5%,false,2026-11-21T12:00:00.5Z\n',
    );
    expect(await printed([acme, yen], 'id')).toBe('acme\nhana\n');
  });

  test('CSV guards text against formulas and leaves numbers alone', async () => {
    const names = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '  =1', '＝1', '|calc', 'A=1', 'say "hi", then'];
    const text = await printed(
      names.map((name) => ({ ...acme, name })),
      'csv',
    );
    expect(
      text
        .split('\n')
        .slice(1, -1)
        .map((line) => line.slice('acme,'.length).split(',-12.30')[0]),
    ).toEqual(["'=1+1", "'+1", "'-1", "'@SUM(A1)", "' =1", "'  =1", "'＝1", "'|calc", 'A=1', '"say ""hi"", then"']);
  });
});

describe('a narrow terminal', () => {
  test('cuts the longest text and nothing else', async () => {
    const long = { ...acme, name: 'A very long name of a company with limited liability' };
    const table = await printed([long, yen], null, { isTTY: true, columns: 60 });
    for (const line of table.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(60);
    expect(table).toContain('…');
    expect(table).toContain('-12.30  EUR       12.5%');
  });

  test('cuts nothing where there is no terminal', async () => {
    const long = { ...acme, name: 'x'.repeat(300) };
    expect(await printed([long], 'table')).toContain('x'.repeat(300));
  });
});

describe('one row', () => {
  const versions = section<Row, { n: number }>(
    'versions',
    [columnsOf<{ n: number }>().number('n', (row) => row.n)],
    () => [{ n: 1 }, { n: 2 }],
  );
  const shown = async (format: OutputFormat | null, isTTY = false) => {
    let text = '';
    const settings: PrintSettings = {
      out: { write: async (more) => void (text += more) },
      paint: (_, plain) => plain,
      format,
      isTTY,
      columns: null,
    };
    await printRow(settings, columns, acme, (row) => row.code, [versions]);
    return text;
  };

  test('is fields and sections on a terminal', async () => {
    const text = await shown(null, true);
    expect(text).toContain('code         acme\nfull name    Acme\n');
    expect(text).toContain('recorded at  2026-11-21T12:00:00.5Z\n');
    expect(text).toContain('\nversions\nN\n1\n2\n');
  });

  test('is field and value, a line each, in a pipe', async () => {
    expect((await shown(null)).split('\n').slice(0, 3)).toEqual(['code\tacme', 'full_name\tAcme', 'amount\t-12.30']);
  });

  test('is one object with its sections in JSON', async () => {
    expect(JSON.parse(await shown('json'))).toMatchObject({
      code: 'acme',
      amount: '-12.30',
      versions: [{ n: 1 }, { n: 2 }],
    });
    expect(await shown('id')).toBe('acme\n');
    expect((await shown('csv')).split('\n')).toHaveLength(3);
  });
});

describe('stored text', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007rest', 'rest'],
    ['\u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u009b31mred', 'red'],
    ['a\tb\r\nc', 'a b c'],
    ['\u202eevil\u202c \u2066x\u2069', 'evil x'],
    ['nul\u0000bell\u0007del\u007f', 'nulbelldel'],
    ['cut \u001b[3', 'cut '],
    ['Łódź ₦ 日本 👍🏽', 'Łódź ₦ 日本 👍🏽'],
  ])('%j reaches a terminal as %j', (stored, seen) => {
    expect(plainText(stored)).toBe(seen);
  });

  test('leaves nothing a terminal would obey, whatever is stored', () => {
    const nasty = fc.string({
      unit: fc.constantFrom(
        '\u001b',
        '[',
        ']',
        'm',
        '3',
        ';',
        '\u009b',
        '\u0007',
        '\u202e',
        '\n',
        'a',
        '\\',
        '\u009c',
        'P',
      ),
    });
    fc.assert(
      fc.property(nasty, (stored) => {
        const seen = plainText(stored);

        expect(seen).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        expect(stripVTControlCharacters(seen)).toBe(seen);
      }),
    );
  });

  test('JSON keeps every character, escaped', () => {
    const stored = { name: '\u001b[31m\u202eevil\u009b\u007f\u2028' };
    const text = plainJson(stored);

    expect(text).toMatch(/^[\u0020-\u007e]*$/);
    expect(JSON.parse(text)).toEqual(stored);
  });
});

describe('colour', () => {
  test.each<['auto' | 'always' | 'never', Record<string, string>, boolean, boolean]>([
    ['auto', {}, true, true],
    ['auto', {}, false, false],
    ['auto', { NO_COLOR: '1' }, true, false],
    ['auto', { NO_COLOR: '' }, true, true],
    ['auto', { FORCE_COLOR: '1' }, false, true],
    ['auto', { FORCE_COLOR: '0' }, true, false],
    ['auto', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    ['auto', { TERM: 'dumb' }, true, false],
    ['always', { NO_COLOR: '1' }, false, true],
    ['never', { FORCE_COLOR: '1' }, true, false],
  ])('%s with %j and a terminal: %s → %s', (choice, env, isTTY, wanted) => {
    expect(wantsColor(choice, env, isTTY)).toBe(wanted);
  });
});
