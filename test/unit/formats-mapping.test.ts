import { describe, expect, it } from 'vitest';
import { bindMapping, mappedColumns } from '../../src/formats/mapping-binding.ts';
import { readMapping } from '../../src/formats/mapping.ts';
import { describeProblems } from '../../src/formats/records.ts';
import { ONLINE_RETAIL_MAP } from '../support/revenue.ts';

const MINIMAL = `source = "billing"
[columns]
external_id = "id"
occurred_at = "at"
net = "amount"
currency = "currency"
instance = "shop"
`;
const FILES = { mapping: 'map.toml', data: 'in.csv' };

function mistakes(text: string): unknown {
  try {
    readMapping(text, 'map.toml');
  } catch (error) {
    return (error as { details?: { mistakes?: unknown } }).details?.mistakes ?? error;
  }
  return [];
}

describe('a mapping file', () => {
  it('of the issue is read as it stands', () => {
    const mapping = readMapping(ONLINE_RETAIL_MAP, 'map.toml');
    expect(mapping).toMatchObject({ source: 'online-retail', format: null, otherwise: 'payment' });
    expect(mappedColumns(mapping)).toEqual([
      'invoice_no',
      'product',
      'customer_id',
      'invoice_date',
      'amount',
      'currency',
      'country',
    ]);
    const names = ['invoice_no', 'product', 'invoice_date', 'customer_id', 'country', 'amount', 'currency', 'lines'];
    const { fields, kinds } = bindMapping(mapping, names, FILES);
    const row = ['C536365', 'goods', '2010-12-01T08:26:00Z', ' 17850 ', 'United Kingdom', '-139.12', 'GBP', '7'];
    expect(fields.external_id!.read(row)).toBe('C536365/goods/17850');
    expect(fields.instance!.read(row)).toBe('uk');
    expect(fields.instance!.read(row.with(4, 'Atlantis'))).toBe('world');
    expect(fields.external_id!.place).toEqual({ column: 1, field: 'invoice_no' });
    expect(kinds.decide(row)).toEqual({ kind: 'credit_note', negate: false });
    expect(kinds.decide(row.with(0, '536365'))).toBeNull();
  });

  it('takes every spelling of a field', () => {
    const mapping = readMapping(
      `source = "billing"
format = "ndjson"
[columns]
external_id = { columns = ["a", "b"], separator = "-" }
occurred_at = { column = "at", format = "dd.MM.yyyy" }
net = "amount"
currency = { constant = "EUR" }
instance = { column = "shop", lookup = "shops", default = "main" }
quantity = { constant = 1 }
kind = "type"
[kind]
rules = [{ column = "amount", sign = "negative", kind = "credit_note" }, { column = "type", value = "back", kind = "refund", negate = true }]
[lookups.shops]
one = "shop-1"
[dates]
format = "unix_ms"
zone = "Europe/Berlin"
[decimals]
decimal = ","
group = "."
minor = true
[csv]
delimiter = ";"
quote = ""
encoding = "latin1"
`,
      'map.toml',
    );
    expect(mapping).toMatchObject({
      format: 'ndjson',
      otherwise: null,
      dates: { format: 'unix_ms', zone: 'Europe/Berlin' },
      decimals: { style: { decimal: ',', group: '.' }, minor: true },
      csv: { delimiter: ';', quote: '', encoding: 'latin1' },
    });
    const { fields, kinds } = bindMapping(mapping, ['a', 'b', 'at', 'amount', 'shop', 'type'], FILES, false);
    expect(fields.external_id!.read(['x-y', 'z', '', '', '', ''])).toBe('x\\-y-z');
    expect(fields.external_id!.read(['x', 'y-z', '', '', '', ''])).toBe('x-y\\-z');
    expect(fields.external_id!.read([' ', '', '', '', '', ''])).toBe('');
    expect(fields.external_id!.place).toEqual({ column: null, field: 'a' });
    expect(fields.currency!.read([])).toBe('EUR');
    expect(fields.instance!.read(['', '', '', '', 'one', ''])).toBe('shop-1');
    expect(fields.instance!.read(['', '', '', '', '', ''])).toBe('main');
    expect(fields.instance!.read(['', '', '', '', 'two', ''])).toBeNull();
    expect(fields.instance!.missed(['', '', '', '', 'two', ''])).toEqual({ value: 'two', lookup: 'shops' });
    const kindOf = (amount: string, type: string) => kinds.decide(['', '', '', amount, '', type]);
    expect(kindOf('-0,01', '')).toEqual({ kind: 'credit_note', negate: false });
    expect(kindOf('-0,00', 'back')).toEqual({ kind: 'refund', negate: true });
    expect(kindOf('1', 'other')).toBeNull();
  });

  it('joins columns so that different parts never make the same id', () => {
    const mapping = readMapping(MINIMAL.replace('"id"', '["a", "b"]'), 'map.toml');
    const { fields } = bindMapping(mapping, ['a', 'b', 'at', 'amount', 'currency', 'shop'], FILES);
    const ids = [
      ['1/2', '3'],
      ['1', '2/3'],
      ['1\\', '/2/3'],
      ['1\\/', '2/3'],
      ['1/2/3', ''],
    ].map((parts) => fields.external_id!.read(parts));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    ['nothing', '', ['source: is missing', 'columns: is missing']],
    [
      'no columns that matter',
      'source = "x"\n[columns]\n',
      [
        expect.stringMatching(/^columns.external_id: is missing — /),
        expect.stringMatching(/^columns.occurred_at: is missing/),
        expect.stringMatching(/^columns.currency: is missing/),
        expect.stringMatching(/^columns.instance: is missing/),
        expect.stringMatching(/^columns.net: is missing .* gross and tax together/),
      ],
    ],
    ['an unknown table', `${MINIMAL}[lookup.x]\na = "b"\n`, ['lookup: unknown key — did you mean lookups?']],
    [
      'an unknown field',
      `${MINIMAL}colour = "x"\n`,
      [expect.stringMatching(/^columns.colour: unknown key — known here: external_id, /)],
    ],
    ['a mistyped field', `${MINIMAL}acount = "x"\n`, ['columns.acount: unknown key — did you mean account?']],
    [
      'a mistyped key of a field',
      `${MINIMAL}account = { colum = "x" }\n`,
      ['columns.account.colum: unknown key — did you mean column?'],
    ],
    [
      'neither column nor columns',
      `${MINIMAL}account = { default = "x" }\n`,
      ['columns.account: wants either column or columns'],
    ],
    [
      'a number for a column',
      `${MINIMAL}account = 7\n`,
      [expect.stringMatching(/^columns.account: must be a column, a list/)],
    ],
    [
      'an empty list',
      `${MINIMAL}account = []\n`,
      [expect.stringMatching(/^columns.account: must be a column, a list/)],
    ],
    [
      'a lookup that is not there',
      `${MINIMAL}product = { column = "p", lookup = "produts" }\n[lookups.products]\na = "b"\n`,
      ['columns.product.lookup: there is no table [lookups.produts] — did you mean products?'],
    ],
    [
      'an unknown kind',
      `${MINIMAL}[kind]\notherwise = "bonus"\n`,
      [expect.stringMatching(/^kind.otherwise: 'bonus' is no kind of billing event \(payment, /)],
    ],
    [
      'a rule with two tests',
      `${MINIMAL}[kind]\nrules = [{ column = "a", prefix = "C", value = "d", kind = "refund" }]\n`,
      ['kind.rules.0: wants exactly one of prefix, value and sign'],
    ],
    [
      'a rule with an unknown sign',
      `${MINIMAL}[kind]\nrules = [{ column = "a", sign = "minus", kind = "refund" }]\n`,
      ['kind.rules.0.sign: must be "negative", "positive" or "zero"'],
    ],
    [
      'a sale without its worth',
      `${MINIMAL}sale_ref = "invoice"\n`,
      [expect.stringMatching(/^columns.sale_net: is missing/)],
    ],
    [
      'a worth without a sale',
      `${MINIMAL}sale_net = "total"\n`,
      ['columns.sale_net: means nothing without columns.sale_ref'],
    ],
    [
      'an unknown zone',
      `${MINIMAL}[dates]\nzone = "Mars/Olympus"\n`,
      [expect.stringMatching(/^dates.zone: there is no time zone 'Mars\/Olympus' — /)],
    ],
    [
      'a format that is none',
      `${MINIMAL}[dates]\nformat = "yyyy"\n`,
      [expect.stringMatching(/^dates.format: 'yyyy' is not a date format/)],
    ],
    [
      'a format on an amount',
      MINIMAL.replace('"amount"', '{ column = "amount", format = "iso" }'),
      ['columns.net.format: only occurred_at and sale_date have a format'],
    ],
    [
      'group and decimal alike',
      `${MINIMAL}[decimals]\ndecimal = ","\ngroup = ","\n`,
      ["decimals.group: ',' is the decimal sign already"],
    ],
    ['a long delimiter', `${MINIMAL}[csv]\ndelimiter = "||"\n`, ['csv.delimiter: must be one ASCII character']],
    [
      'an unknown encoding',
      `${MINIMAL}[csv]\nencoding = "ebcdic"\n`,
      [expect.stringMatching(/^csv.encoding: 'ebcdic' is not an encoding/)],
    ],
    [
      'a source that is no name',
      MINIMAL.replace('"billing"', '"My Billing"'),
      [expect.stringMatching(/^source: must be 1–63 lower-case/)],
    ],
  ])('says what is wrong with %s', (_, text, expected) => {
    expect(mistakes(text)).toEqual(expected);
  });

  it('that is not TOML is refused by line and column', () => {
    expect(mistakes('source = "x"\n[columns\n')).toMatchObject({
      code: 'mapping_syntax',
      details: { file: 'map.toml', line: 2 },
    });
  });

  it('naming columns the file does not have is refused, with the nearest that it has', () => {
    const mapping = readMapping(MINIMAL, 'map.toml');
    expect(() => bindMapping(mapping, ['id', 'at', 'amout', 'currency', 'Shop'], FILES)).toThrow(
      "map.toml:\n  columns.net: in.csv has no column 'amount' — did you mean amout?\n" +
        "  columns.instance: in.csv has no column 'shop' — did you mean Shop?",
    );
    expect(() => bindMapping(mapping, ['id', 'at', 'amount', 'currency', 'place'], FILES)).toThrow(
      "columns.instance: in.csv has no column 'shop' — it has id, at, amount, currency, place",
    );
  });
});

describe('what is wrong with a file', () => {
  it('is said once for each kind, with the first of its lines', () => {
    const bad = (line: number, reason: string) => ({
      ...{ line, column: 4, field: 'net', code: 'amount', reason, remedy: 'round it' },
    });
    const problems = [
      bad(2, 'too fine'),
      ...[3, 4, 5, 6, 7, 8, 9].map((line) => bad(line, 'no number')),
      bad(10, 'too fine'),
    ];
    expect(describeProblems('in.csv', problems, true)).toEqual([
      'in.csv:2:4 (net) too fine — round it; so in 2 records (lines 2, 10)',
      'in.csv:3:4 (net) no number — round it; so in 7 records (lines 3, 4, 5, 6, 7, 8 …)',
    ]);
    expect(describeProblems('in.csv', problems.slice(0, 1), false)).toEqual(['in.csv:2:4 (net) too fine — round it']);
    // a charge and its refund, of one record
    expect(describeProblems('in.csv', [bad(2, 'x'), bad(2, 'x'), bad(3, 'x'), bad(3, 'x')], true)).toEqual([
      'in.csv:2:4 (net) x — round it; so in 2 records (lines 2, 3)',
    ]);
  });

  it.each([
    ['id;at;amount;currency;shop', ';'],
    ['id\tat\tamount', '\\t'],
    ['id', null],
  ])('%j names the delimiter that it probably has', (heading, delimiter) => {
    const bind = () => bindMapping(readMapping(MINIMAL, 'map.toml'), [heading], FILES);
    expect(bind).toThrow(
      expect.objectContaining({
        code: 'mapping_unknown_column',
        hint: expect.stringContaining(delimiter === null ? 'mend the mapping' : `[csv] delimiter = "${delimiter}"`),
      }),
    );
  });
});
