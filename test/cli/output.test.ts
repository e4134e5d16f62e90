import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OutputFormat } from '../../src/config.ts';
import { wantsColor } from '../../src/cli/output/color.ts';
import { columnsOf, type Column } from '../../src/cli/output/columns.ts';
import { displayWidth, ellipsize } from '../../src/cli/output/fit.ts';
import { plainJson, plainText } from '../../src/cli/output/plain-text.ts';
import { printList, printRow, section, type PrintSettings } from '../../src/cli/output/printer.ts';
import { run } from './terminal.ts';

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
    actorsClaimed: false,
    note: async () => {},
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

  /** What a table of these columns looks like at a width, and what is said beside it. */
  async function fitted<R>(list: readonly Column<R>[], rows: readonly R[], width: number) {
    const said: string[] = [];
    let text = '';
    const settings: PrintSettings = {
      out: { write: async (more) => void (text += more) },
      paint: (_, plain) => plain,
      format: 'table',
      isTTY: true,
      columns: width,
      actorsClaimed: false,
      note: async (note) => void said.push(note),
    };
    await printList(settings, list, rows, () => '');
    return { text, said, lines: text.trimEnd().split('\n') };
  }

  test('leaves out what is declared aside, then from the right, never the code, money or its currency', async () => {
    const list = [
      c.code('code', (row) => row.code),
      c.text('note', () => 'paid by bank transfer', { aside: true }),
      c.money('amount', ({ minor, currency }) => ({ minor, currency })),
      c.code('currency', (row) => row.currency),
      c.date('from', () => '2026-10-01'),
      c.flag('house', (row) => row.house),
    ];
    const at = async (width: number) => {
      const { lines, said } = await fitted(list, [acme], width);
      return [lines[0], ...said];
    };
    expect(await at(64)).toEqual(['CODE  NOTE                   AMOUNT  CURRENCY  FROM        HOUSE']);
    expect(await at(63)).toEqual(['CODE  NOTE                  AMOUNT  CURRENCY  FROM        HOUSE']);
    expect(await at(52)).toEqual([
      'CODE  AMOUNT  CURRENCY  FROM        HOUSE',
      '1 column hidden (note); -o json shows all',
    ]);
    expect(await at(40)).toEqual(['CODE  AMOUNT  CURRENCY  FROM', '2 columns hidden (note, house); -o json shows all']);
    expect(await at(10)).toEqual(['CODE  AMOUNT  CURRENCY', '3 columns hidden (note, from, house); -o json shows all']);
  });

  test('never cuts a list of amounts: half of one is another', async () => {
    const list = [
      c.code('code', (row) => row.code),
      c.amounts('gross', () => ['1234.00 EUR', '999500 JPY']),
      c.text('name', () => 'A very long name of a company'),
    ];
    expect((await fitted(list, [acme], 46)).lines[1]).toBe('acme  1234.00 EUR, 999500 JPY  A very long na…');
    expect((await fitted(list, [acme], 20)).lines[1]).toBe('acme  1234.00 EUR, 999500 JPY');
  });

  test('counts what a terminal shows: wide characters, joined marks, emoji; and keeps columns straight', async () => {
    const names = [
      '東京販売代理店株式会社東京販売代理店株式会社',
      'Zoe\u0308 Lo\u0301dz\u0301 and e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301 more',
      '👍🏽 thumbs 👩‍👩‍👧‍👦 family 🇩🇪 flag and more of it',
      "=cmd|'/C calc'!A1 =cmd|'/C calc'!A1",
      '\u001b[31mred\u001b[0m and \u202eevil\u202c and a lot more',
      '../../../../../../../../../etc/passwd',
    ];
    const rows = names.map((name) => ({ ...acme, name }));
    for (const width of [60, 61, 62, 66]) {
      const { lines } = await fitted(columns, rows, width);
      for (const line of lines) {
        expect(displayWidth(line), line).toBeLessThanOrEqual(width);
        expect(displayWidth(line.slice(0, line.search(/-12\.30|AMOUNT/)))).toBe(
          displayWidth(lines[0]!.slice(0, lines[0]!.indexOf('AMOUNT'))),
        );
      }
    }
  });

  test('is never overrun where only texts are long, whatever they hold, and cuts no character in two', () => {
    const hostile = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 40 }), (stored, width) => {
        const text = plainText(stored);
        const cut = ellipsize(text, width);
        expect(displayWidth(cut)).toBeLessThanOrEqual(Math.max(width, 1));
        if (cut !== text) expect(text.startsWith(cut.slice(0, -1))).toBe(true);
      }),
    );
  });

  test('COLUMNS says the width of a terminal, and nothing of a pipe', async () => {
    const config = (env: Record<string, string>, tty?: number) =>
      run(['config', 'list', '--show-origin', '--color', 'never'], {
        env: { REVSHARE_HOME: `/${'long/'.repeat(30)}`, ...env },
        ...(tty === undefined ? {} : { tty }),
      });
    const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));
    expect(widest((await config({}, 90)).stdout)).toBeLessThanOrEqual(90);
    expect(widest((await config({ COLUMNS: '60' }, 90)).stdout)).toBeLessThanOrEqual(60);
    expect(widest((await config({ COLUMNS: 'x' }, 90)).stdout)).toBeGreaterThan(60);
    expect(widest((await config({ COLUMNS: '60' })).stdout)).toBeGreaterThan(150);
  });

  test('cuts nothing where there is no terminal', async () => {
    const long = { ...acme, name: 'x'.repeat(300) };
    expect(await printed([long], 'table')).toContain('x'.repeat(300));
  });
});

describe('who did it', () => {
  const c = columnsOf<{ by: string }>();
  const list = [c.code('run', () => '1'), c.actor('made_by', (row) => row.by)];

  test.each([
    [true, 'json', '"actors":"claimed"', 0],
    [true, 'ndjson', '"actors":"claimed"', 0],
    [true, 'table', 'ana', 1],
    [true, 'tsv', 'ana', 1],
    [false, 'ndjson', '"made_by":"ana"}', 0],
    [false, 'table', 'ana', 0],
  ] as const)('is claimed where logins prove nobody: %s, %s', async (actorsClaimed, format, says, notes) => {
    let text = '';
    const said: string[] = [];
    const settings: PrintSettings = {
      ...{ out: { write: async (more: string) => void (text += more) }, paint: (_: unknown, plain: string) => plain },
      ...{ format, isTTY: false, columns: null, actorsClaimed, note: async (note: string) => void said.push(note) },
    };
    await printList(settings, list, [{ by: 'ana' }], () => '1');
    expect(text.replaceAll(/\s*\n\s*|(?<=:) /g, '')).toContain(says);
    expect(said).toEqual(Array(notes).fill('actors are claimed: at this machine anyone can use any login'));
    said.length = 0;
    await printList(settings, [list[0]!], [{ by: 'ana' }], () => '1');
    expect(said).toEqual([]);
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
      actorsClaimed: false,
      note: async () => {},
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
