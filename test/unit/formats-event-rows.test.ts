import { describe, expect, it } from 'vitest';
import { EventReader } from '../../src/formats/event-rows.ts';
import type { EventDraft } from '../../src/formats/event-values.ts';
import { bindMapping } from '../../src/formats/mapping-binding.ts';
import { EVENT_FIELDS, readMapping, type EventField } from '../../src/formats/mapping.ts';
import type { RecordProblem } from '../../src/formats/records.ts';

type Row = Partial<Record<EventField, string>>;
const FILES = { mapping: 'map.toml', data: 'in.csv' };
const GOOD: Row = {
  external_id: 'e1',
  occurred_at: '2026-10-05T09:30:00Z',
  net: '125.50',
  currency: 'EUR',
  instance: 'shop',
};

/** Reads one row whose columns are named like the fields they fill. */
function read(
  row: Row,
  more = '',
  options: { zone?: string; leaveOut?: EventField[] } = {},
): { draft: EventDraft | null; problems: RecordProblem[] } {
  const fields = EVENT_FIELDS.filter((field) => !(options.leaveOut ?? []).includes(field));
  const columns = fields.map((field) => `${field} = "${field}"`).join('\n');
  const mapping = readMapping(`source = "x"\n[columns]\n${columns}\n${more}`, 'map.toml');
  const reader = new EventReader(
    mapping,
    bindMapping(mapping, EVENT_FIELDS, FILES),
    options.zone ?? 'UTC',
    '2026-11-21',
  );
  const problems: RecordProblem[] = [];
  return {
    draft: reader.read(
      EVENT_FIELDS.map((field) => row[field] ?? ''),
      problems,
    ),
    problems,
  };
}
const PAYMENT = '[kind]\notherwise = "payment"\n';
const draftOf = (row: Row, more = PAYMENT, options = {}) => {
  const { draft, problems } = read(row, more, options);
  expect(problems).toEqual([]);
  return draft!;
};
const problemsOf = (row: Row, more = PAYMENT, options = {}) => {
  const { draft, problems } = read(row, more, options);
  expect(draft).toBeNull();
  return problems.map(({ column, field, code }) => [column, field, code]);
};

describe('an event', () => {
  it('is read with everything it may say', () => {
    const row: Row = {
      ...GOOD,
      kind: 'refund',
      net: '-100.00',
      gross: '-119.00',
      tax: '-19.00',
      quantity: '2.5',
      country: 'DE',
      transaction_type: 'addon',
      product: 'plan',
      account: 'C-1',
      sale_ref: 'INV-1',
      sale_net: '200',
      sale_gross: '238.00',
      wholesale_net: '80.00',
      sale_date: '2026-09-30',
      subscription: 'shop-pro',
    };
    expect(draftOf(row)).toEqual({
      externalId: 'e1',
      subscription: 'shop-pro',
      kind: 'refund',
      instance: 'shop',
      instanceDefaulted: false,
      account: 'C-1',
      product: 'plan',
      saleRef: 'INV-1',
      currency: 'EUR',
      net: -10_000n,
      gross: -11_900n,
      tax: -1900n,
      quantity: '2.5',
      country: 'DE',
      transactionType: 'addon',
      occurredAt: Date.UTC(2026, 9, 5, 9, 30),
      occurredOn: '2026-10-05',
      saleNet: 20_000n,
      saleGross: 23_800n,
      wholesaleNet: 8000n,
      saleDate: '2026-09-30',
    });
  });

  it('costs something wholesale by itself, or by its sale', () => {
    const cost = ({ wholesaleNet }: EventDraft) => wholesaleNet;
    expect(cost(draftOf({ ...GOOD, wholesale_net: '80' }))).toBe(8000n);
    expect(cost(draftOf({ ...GOOD, kind: 'refund', net: '-10', wholesale_net: '-8' }))).toBe(-800n);
    const negated =
      '[kind]\nrules = [{ column = "transaction_type", value = "back", kind = "refund", negate = true }]\n';
    expect(cost(draftOf({ ...GOOD, transaction_type: 'back', net: '10', wholesale_net: '8' }, negated))).toBe(-800n);
    const ofSale = { ...GOOD, kind: 'refund', net: '-10', sale_ref: 'INV-1', sale_net: '100', wholesale_net: '80' };
    expect(cost(draftOf(ofSale))).toBe(8000n);
    const place = EVENT_FIELDS.indexOf('wholesale_net') + 1;
    expect(problemsOf({ ...GOOD, wholesale_net: '-80' })).toEqual([[place, 'wholesale_net', 'wrong_sign']]);
    expect(problemsOf({ ...ofSale, wholesale_net: '-80' })).toEqual([[place, 'wholesale_net', 'sale_negative']]);
  });

  it('has what is missing of net, gross and tax from the others', () => {
    const amounts = ({ net, gross, tax }: EventDraft) => [net, gross, tax];
    expect(amounts(draftOf({ ...GOOD, net: '10' }))).toEqual([1000n, 1000n, 0n]);
    expect(amounts(draftOf({ ...GOOD, net: '10', tax: '2' }))).toEqual([1000n, 1200n, 200n]);
    expect(amounts(draftOf({ ...GOOD, net: '10', gross: '12' }))).toEqual([1000n, 1200n, 200n]);
    expect(amounts(draftOf({ ...GOOD, net: '', gross: '12', tax: '2' }))).toEqual([1000n, 1200n, 200n]);
    expect(amounts(draftOf({ ...GOOD, net: '', gross: '12', tax: '2' }, PAYMENT, { leaveOut: ['net'] }))).toEqual([
      1000n,
      1200n,
      200n,
    ]);
  });

  it.each([
    ['JPY', '999.00', 999n],
    ['KWD', '10.005', 10_005n],
    ['eur', '0.10', 10n],
  ])('counts minor units of %s', (currency, net, minor) => {
    expect(draftOf({ ...GOOD, currency, net })).toMatchObject({ net: minor, currency: currency.toUpperCase() });
  });

  it('reads other ways to write numbers', () => {
    const german = `${PAYMENT}[decimals]\ndecimal = ","\ngroup = "."\n`;
    expect(draftOf({ ...GOOD, net: '1.234,56', quantity: '1.000,5' }, german)).toMatchObject({
      net: 123_456n,
      quantity: '1000.5',
    });
    expect(draftOf({ ...GOOD, net: '1234' }, `${PAYMENT}[decimals]\nminor = true\n`)).toMatchObject({ net: 1234n });
    expect(problemsOf({ ...GOOD, net: '12.34' }, `${PAYMENT}[decimals]\nminor = true\n`)).toEqual([
      [3, 'net', 'amount_not_whole'],
    ]);
  });

  it('happens on the business date of the programme, over summer time and midnight', () => {
    const on = (text: string, zone: string, more = PAYMENT) =>
      draftOf({ ...GOOD, occurred_at: text }, more, { zone }).occurredOn;
    expect(on('2026-03-28T23:30:00Z', 'Europe/Berlin')).toBe('2026-03-29');
    expect(on('2026-03-29T21:59:59Z', 'Europe/Berlin')).toBe('2026-03-29');
    expect(on('2026-03-29T22:00:00Z', 'Europe/Berlin')).toBe('2026-03-30');
    expect(on('2026-10-25T22:59:59Z', 'Europe/Berlin')).toBe('2026-10-25');
    expect(on('2026-10-25T23:00:00Z', 'Europe/Berlin')).toBe('2026-10-26');
    // without an offset: the programme's own clock, unless the file has another
    expect(on('2026-10-05 23:30', 'America/New_York')).toBe('2026-10-05');
    expect(on('2026-10-05 23:30', 'Asia/Tokyo', `${PAYMENT}[dates]\nzone = "UTC"\n`)).toBe('2026-10-06');
    expect(on('2026-10-05', 'Pacific/Kiritimati')).toBe('2026-10-05');
  });

  it('belongs to a sale whose date is a civil date, whatever zone the times are in', () => {
    const sale = { ...GOOD, sale_ref: 'INV', sale_net: '1' };
    const zoned = (format: string) => `${PAYMENT}[dates]\nzone = "UTC"\nformat = "${format}"\n`;
    expect(draftOf({ ...sale, sale_date: '2026-10-05' }, zoned('iso'), { zone: 'America/New_York' }).saleDate).toBe(
      '2026-10-05',
    );
    expect(
      draftOf({ ...sale, sale_date: '2026-10-05T01:00:00Z' }, zoned('iso'), { zone: 'America/New_York' }).saleDate,
    ).toBe('2026-10-04');
    expect(
      draftOf({ ...sale, occurred_at: '05.10.2026', sale_date: '05.10.2026' }, zoned('dd.MM.yyyy'), {
        zone: 'America/New_York',
      }),
    ).toMatchObject({
      saleDate: '2026-10-05',
      occurredOn: '2026-10-04',
    });
  });

  it('is its own sale without sale_ref, whatever else the row says of one', () => {
    expect(draftOf({ ...GOOD, sale_net: 'nonsense' })).toMatchObject({ saleRef: null, saleNet: null });
  });

  it('is turned around where the source writes what it gave back without a minus', () => {
    const rules =
      '[kind]\nrules = [{ column = "transaction_type", value = "refund", kind = "refund", negate = true }]\n';
    expect(draftOf({ ...GOOD, transaction_type: 'refund', tax: '1.00' }, rules)).toMatchObject({
      kind: 'refund',
      net: -12_550n,
      gross: -12_650n,
      tax: -100n,
    });
  });
});

describe('a row that is no event says so by column, field and code', () => {
  it.each<[string, Row, [number | null, string, string][]]>([
    ['no id', { external_id: ' ' }, [[1, 'external_id', 'external_id_blank']]],
    ['a long id', { external_id: 'x'.repeat(501) }, [[1, 'external_id', 'text_too_long']]],
    ['no instance', { instance: '' }, [[12, 'instance', 'instance_blank']]],
    ['no date', { occurred_at: '' }, [[2, 'occurred_at', 'date_invalid']]],
    ['a date that is none', { occurred_at: '2026-02-30' }, [[2, 'occurred_at', 'date_invalid']]],
    ['a date far ahead', { occurred_at: '2062-10-05' }, [[2, 'occurred_at', 'date_far_ahead']]],
    ['a day past the last that is believed', { occurred_at: '2027-12-27' }, [[2, 'occurred_at', 'date_far_ahead']]],
    [
      'a sale dated far ahead',
      { sale_ref: 'S', sale_net: '10.00', sale_date: '2062-10-05' },
      [[17, 'sale_date', 'date_far_ahead']],
    ],
    ['no amount', { net: '' }, [[3, 'net', 'amount_blank']]],
    ['an amount that is none', { net: '12.x' }, [[3, 'net', 'amount_not_a_number']]],
    ['too many decimals', { net: '12.345' }, [[3, 'net', 'amount_decimals']]],
    ['decimals of a currency that has none', { currency: 'JPY', net: '12.50' }, [[3, 'net', 'amount_decimals']]],
    ['an amount past all bounds', { net: '99999999999999999999' }, [[3, 'net', 'amount_out_of_range']]],
    ['a penny past the limit', { net: '10000000000000.01' }, [[3, 'net', 'amount_out_of_range']]],
    [
      'a sale past the limit',
      { sale_ref: 'S', sale_net: '10000000000000.01' },
      [[14, 'sale_net', 'amount_out_of_range']],
    ],
    [
      'amounts whose sum is past all bounds',
      { net: '10000000000000.00', tax: '0.01' },
      [[4, 'gross', 'amount_out_of_range']],
    ],
    ['amounts that disagree', { net: '10', tax: '2', gross: '13' }, [[4, 'gross', 'amounts_disagree']]],
    ['no currency', { currency: '' }, [[6, 'currency', 'currency_blank']]],
    ['an unknown currency', { currency: 'EURO' }, [[6, 'currency', 'currency_unknown']]],
    ['pence', { currency: 'GBp' }, [[6, 'currency', 'currency_unknown']]],
    ['a negative payment', { net: '-1' }, [[3, 'net', 'wrong_sign']]],
    ['a payment with a negative gross', { net: '1', tax: '-2' }, [[4, 'gross', 'wrong_sign']]],
    ['a positive refund', { kind: 'refund' }, [[3, 'net', 'wrong_sign']]],
    ['a positive credit note', { kind: 'credit_note' }, [[3, 'net', 'wrong_sign']]],
    ['a positive chargeback', { kind: 'chargeback' }, [[3, 'net', 'wrong_sign']]],
    ['a negative chargeback won', { kind: 'chargeback_won', net: '-1' }, [[3, 'net', 'wrong_sign']]],
    ['a signup with money', { kind: 'signup', account: 'C', net: '1' }, [[3, 'net', 'wrong_sign']]],
    ['a signup of nobody', { kind: 'signup', net: '0' }, [[11, 'account', 'signup_without_account']]],
    ["an operator's kind", { kind: 'bonus' }, [[18, 'kind', 'kind_unknown']]],
    ['a quantity that is none', { quantity: 'many' }, [[7, 'quantity', 'quantity_invalid']]],
    ['a sale without its worth', { sale_ref: 'INV' }, [[14, 'sale_net', 'sale_net_missing']]],
    ['a sale worth less than nothing', { sale_ref: 'INV', sale_net: '-1' }, [[14, 'sale_net', 'sale_negative']]],
    [
      'a sale date that is none',
      { sale_ref: 'INV', sale_net: '1', sale_date: 'soon' },
      [[17, 'sale_date', 'date_invalid']],
    ],
    [
      'everything at once',
      { external_id: '', occurred_at: 'x', net: 'y', instance: '', kind: 'z' },
      [
        [1, 'external_id', 'external_id_blank'],
        [12, 'instance', 'instance_blank'],
        [2, 'occurred_at', 'date_invalid'],
        [18, 'kind', 'kind_unknown'],
        [3, 'net', 'amount_not_a_number'],
      ],
    ],
  ])('%s', (_, row, expected) => {
    expect(problemsOf({ ...GOOD, ...row })).toEqual(expected);
  });

  it.each([
    ['(5.00)', 'write a minus in place of the parentheses'],
    ['5.00-', "write the minus in front, as '-'"],
    ['\u22125.00', "write the minus in front, as '-'"],
    ['€5.00', 'write the number alone; the currency has a column of its own'],
    ['5.00 EUR', 'write the number alone; the currency has a column of its own'],
    ['12,50', 'set decimal = "," under [decimals]'],
    ['1.234,50', 'set decimal = "," and group = "." under [decimals]'],
    ['1,234.50', 'set group = "," under [decimals]'],
    ['1,234', 'set group = "," under [decimals]'],
    ['n/a', 'mend it, or set [decimals] to what the file uses'],
  ])('and names the remedy for %s', (net, remedy) => {
    expect(read({ ...GOOD, net }, PAYMENT).problems).toMatchObject([{ code: 'amount_not_a_number', remedy }]);
  });

  it('and names the remedy for a negative payment', () => {
    expect(read({ ...GOOD, net: '-1' }, PAYMENT).problems[0]).toMatchObject({
      reason: 'a payment of -1.00 EUR has the wrong sign',
      remedy: 'a negative invoice line is a credit note: add a kind rule with sign = "negative"',
    });
  });

  it('when no rule decides its kind', () => {
    expect(problemsOf(GOOD, '[kind]\nrules = [{ column = "net", sign = "negative", kind = "refund" }]\n')).toEqual([
      [18, 'kind', 'kind_undecided'],
    ]);
  });

  it('when its lookup has no answer', () => {
    const more = `${PAYMENT}[lookups.shops]\na = "b"\n`;
    const mapping = readMapping(
      `source = "x"\n[columns]\nexternal_id = "external_id"\noccurred_at = "occurred_at"\nnet = "net"\ncurrency = "currency"\ninstance = { column = "instance", lookup = "shops" }\n${more}`,
      'm',
    );
    const problems: RecordProblem[] = [];
    new EventReader(mapping, bindMapping(mapping, EVENT_FIELDS, FILES), 'UTC', '2026-11-21').read(
      EVENT_FIELDS.map((field) => GOOD[field] ?? ''),
      problems,
    );
    expect(problems).toEqual([
      {
        column: 12,
        field: 'instance',
        code: 'lookup_missing',
        reason: "'shop' is not in lookup shops",
        remedy: 'add it to [lookups.shops], or a default: "*" = …',
      },
    ]);
  });
});
