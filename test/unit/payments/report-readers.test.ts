import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { UsageError } from '../../../src/domain/errors.ts';
import { readBankProfile } from '../../../src/formats/payments/bank-profile.ts';
import { writeNacha } from '../../../src/formats/payments/nacha-writer.ts';
import { writePain001, type SepaPayment } from '../../../src/formats/payments/pain001-writer.ts';
import type { PaymentReport } from '../../../src/formats/payments/payment-report.ts';
import { writePayPalBatch } from '../../../src/formats/payments/paypal-batch.ts';
import { readPaymentReport } from '../../../src/formats/payments/report-reader.ts';
import {
  entry,
  nachaReturnsOf,
  payPalReportOf,
  statement,
  statementOf,
  statusReportOf,
  transfersOf,
} from '../../support/fake-bank.ts';
import {
  companyInUs,
  dutchPayee,
  germanPayee,
  nachaOrder,
  personInUs,
  sepaOrder,
} from '../../support/payment-orders.ts';

const read = (text: string): PaymentReport => readPaymentReport('report', Buffer.from(text), null, null);
const written = (payments: readonly SepaPayment[]) =>
  transfersOf(writePain001({ ...sepaOrder, payments }).files[0]!.content);
const refusal = (attempt: () => unknown): UsageError => {
  try {
    attempt();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('was read');
};

describe('a statement, camt.053', () => {
  const amounts = fc.array(fc.bigInt({ min: 1n, max: 99_999_999_999n }), { minLength: 1, maxLength: 20 });
  const versions = fc.integer({ min: 2, max: 13 });

  it('tells every payment that was written, in any version', () => {
    fc.assert(
      fc.property(amounts, versions, fc.constantFrom('single', 'details'), (drawn, version, booking) => {
        const payments = drawn.map((amount, n) => ({
          ...dutchPayee,
          amount,
          number: `P${String(n + 1).padStart(8, '0')}A`,
        }));
        const report = read(statementOf(written(payments), { version, booking }));
        expect(report.skipped).toEqual([]);
        expect(
          report.payments.map(({ kind, ids, amount, currency, date }) => [kind, ids, amount, currency, date]),
        ).toEqual(payments.map(({ number, amount }) => ['debited', [number], amount, 'EUR', '2026-11-02']));
      }),
    );
  });

  it.each(['camt.052', 'camt.054'] as const)('has the entries of a %s as well, by its own name', (name) => {
    fc.assert(
      fc.property(versions, fc.constantFrom('single', 'details', 'sum'), (version, booking) => {
        const payments = written([germanPayee, dutchPayee]);
        const made = { version, booking, returns: { P00000001A: 'AC04' } } as const;
        const found = read(statementOf(payments, { ...made, name }));
        const same = read(statementOf(payments, made));
        const withoutPlace = ({ line: _l, column: _c, path: _p, ...rest }: PaymentReport['payments'][number]) => rest;
        expect(found.format).toBe(name);
        expect([found.account, found.reference]).toEqual([same.account, same.reference]);
        expect(found.payments.map(withoutPlace)).toEqual(same.payments.map(withoutPlace));
      }),
    );
  });

  it('tells a sum with the order that it is of, where the bank tells no more', () => {
    const [only, ...more] = read(statementOf(written([germanPayee, dutchPayee]), { booking: 'sum' })).payments;
    expect(more).toEqual([]);
    expect(only).toMatchObject({ kind: 'debited', amount: 12_551n, payments: 2, ids: [], orders: ['REVSHARE-MAIN-1'] });
  });

  it('tells what came back, with the reason', () => {
    const { payments } = read(statementOf(written([germanPayee, dutchPayee]), { returns: { P00000001A: 'AC04' } }));
    expect(payments.map(({ kind, ids }) => [kind, ids[0]])).toEqual([
      ['debited', 'P00000001A'],
      ['debited', 'P00000002A'],
      ['returned', 'P00000001A'],
    ]);
    expect(payments[2]).toMatchObject({ amount: 12_550n, reason: { code: 'AC04', text: null } });
  });

  it('passes over what is not booked, and says where', () => {
    const pending = entry({
      version: 8,
      date: '2026-11-02',
      amount: '5.00',
      side: 'DBIT',
      details: [],
      status: 'PDNG',
    });
    const { payments, skipped } = read(statement(8, pending));
    expect(payments).toEqual([]);
    expect(skipped).toMatchObject([
      { code: 'not_booked', reason: 'the entry is PDNG, not booked', path: 'Document/BkToCstmrStmt/Stmt[1]/Ntry[1]' },
    ]);
  });

  it('says what the details of a booking do not tell', () => {
    const text = statementOf(written([germanPayee, dutchPayee]), { booking: 'details' }).replace(
      '>125.51<',
      '>125.60<',
    );
    expect(read(text).skipped).toMatchObject([
      { code: 'details_differ', reason: expect.stringContaining('come to 125.51 EUR and the entry to 125.60 EUR') },
    ]);
  });

  it('finds our number in the text that a bank passes on, and takes nothing for one that is none', () => {
    const booked = (text: string) =>
      `<Ntry><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RmtInf><Ustrd>${text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`;
    const ids = (text: string) => read(statement(4, booked(text))).payments[0]!.ids;
    expect(ids('payout p00000012a, thank you')).toEqual(['P00000012A']);
    expect(ids('XP00000012A P00000012 P00000012AB')).toEqual([]);
  });

  const SCHEMA = new URL('../../../../shared/data/iso20022/camt.053.001.08.xsd', import.meta.url);
  it.skipIf(!existsSync(SCHEMA))('the statements of these tests are as ISO 20022 has them', async () => {
    const schema = readFileSync(SCHEMA, 'utf8');
    for (const booking of ['single', 'details', 'sum'] as const) {
      const contents = statementOf(written([germanPayee, dutchPayee]), { booking, returns: { P00000001A: 'AC04' } });
      const { errors } = await validateXML({ xml: [{ fileName: 'file.xml', contents }], schema: [schema] });
      expect(errors).toEqual([]);
    }
  });

  const good = statementOf(written([germanPayee, dutchPayee]));
  it.each<[string, string, string, Partial<{ line: number; field: string }>]>([
    ['another message', good.replaceAll('camt.053', 'camt.055'), 'report_format', { line: 1 }],
    ['no message at all', '<html/>', 'report_format', { line: 1 }],
    ['a version that is none', good.replace('001.08', '001.01'), 'report_version', { line: 2 }],
    ['a file that is cut off', good.slice(0, -40), 'xml_malformed', {}],
    [
      'a billion laughs',
      good.replace('<Document', '<!DOCTYPE D [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><Document'),
      'xml_doctype',
      { line: 2 },
    ],
    ['a file from elsewhere', good.replace('STMT-1', '&xxe;'), 'xml_malformed', { line: 2 }],
    [
      'no statement',
      statement(8, '').replace(/<Stmt>[\s\S]*<\/Stmt>/, ''),
      'report_incomplete',
      { field: 'Document/BkToCstmrStmt' },
    ],
    [
      'an amount that is none',
      good.replace('>125.50<', '>1,25.50<'),
      'amount_not_a_number',
      { field: 'Document/BkToCstmrStmt/Stmt[1]/Ntry[1]/Amt' },
    ],
    ['an amount below 0', good.replace('>125.50<', '>-125.50<'), 'report_amount', { line: 6 }],
    [
      'an amount without a currency',
      good.replace('<Amt Ccy="EUR">125.50', '<Amt>125.50'),
      'report_currency',
      { line: 6 },
    ],
    [
      'a currency that is none',
      good.replace('<Amt Ccy="EUR">125.50', '<Amt Ccy="EUX">125.50'),
      'currency_unknown',
      { line: 6 },
    ],
    ['a direction that is none', good.replace('>DBIT<', '>OUT<'), 'report_direction', { line: 6 }],
    ['a day that is none', good.replace('<ValDt><Dt>2026-11-02', '<ValDt><Dt>2026-02-30'), 'report_date', { line: 6 }],
  ])('refuses %s', (_, text, code, place) => {
    const refused = refusal(() => read(text));
    expect(refused).toMatchObject({ code, exitCode: 2, details: place });
    expect(refused.hint).not.toBe('');
  });

  it('reads a large statement entry by entry', () => {
    const one = entry({ version: 8, date: '2026-11-02', amount: '1.00', side: 'DBIT', details: [] });
    const { payments } = read(statement(8, one.repeat(20_000)));
    expect(payments).toHaveLength(20_000);
    expect(payments.at(-1)!.path).toBe('Document/BkToCstmrStmt/Stmt[1]/Ntry[20000]');
  });
});

describe('a status report, pain.002', () => {
  const order = written([germanPayee, dutchPayee]);

  it('tells what the bank took and what it refused', () => {
    for (const version of [3, 10, 14]) {
      const { payments, skipped } = read(statusReportOf(order, { version, refused: { P00000002A: 'AC01' } }));
      expect(skipped).toEqual([]);
      expect(payments).toMatchObject([
        { kind: 'accepted', ids: ['P00000001A'], amount: 12_550n, orders: ['REVSHARE-MAIN-1'] },
        {
          kind: 'rejected',
          ids: ['P00000002A'],
          amount: 1n,
          reason: { code: 'AC01', text: 'told by the bank' },
          date: '2026-11-02',
        },
      ]);
    }
  });

  it('tells of an order that was refused whole', () => {
    expect(read(statusReportOf(order, { whole: 'FF01' })).payments).toMatchObject([
      { kind: 'rejected', ids: [], orders: ['REVSHARE-MAIN-1'], payments: 2, amount: null, reason: { code: 'FF01' } },
    ]);
  });

  it('passes over what is neither yes nor no, and says so', () => {
    const text = statusReportOf(order).replace('ACSP', 'PDNG');
    expect(read(text).skipped).toMatchObject([{ code: 'status_open', reason: expect.stringContaining('PDNG') }]);
  });
});

describe('returns in NACHA format', () => {
  const file = writeNacha(nachaOrder).files[0]!.content;
  const returns = nachaReturnsOf(file, { P00000001A: 'R03', P00000002A: 'C01' });

  it('tell what came back, and what is to be written otherwise', () => {
    const { payments, skipped } = read(returns);
    expect(skipped).toEqual([]);
    expect(payments).toMatchObject([
      {
        ...{ kind: 'returned', ids: ['P00000001A'], amount: personInUs.amount, date: '2026-11-03', name: 'Jane Doe' },
        ...{ bankReference: '121042880000001', reason: { code: 'R03', text: 'no account, or unable to locate it' } },
      },
      { kind: 'corrected', ids: ['P00000002A'], amount: null, corrected: { account: '1918171614' } },
    ]);
  });

  it('are read without line ends, too, and with those of Windows', () => {
    const { payments } = read(returns);
    expect(read(returns.replaceAll('\n', '')).payments).toEqual(payments);
    expect(read(returns.replaceAll('\n', '\r\n')).payments).toEqual(payments);
  });

  it('give back whatever was written', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 1n, max: 9_999_999_999n }), { minLength: 1, maxLength: 30 }), (amounts) => {
        const payments = amounts.map((amount, n) => ({
          ...(n % 2 === 0 ? personInUs : companyInUs),
          ...{ amount, number: `P${String(n + 1).padStart(8, '0')}A` },
        }));
        const sent = writeNacha({ ...nachaOrder, payments }).files[0]!.content;
        const report = read(nachaReturnsOf(sent, Object.fromEntries(payments.map(({ number }) => [number, 'R02']))));
        const told = new Map(report.payments.map(({ ids, amount }) => [ids[0], amount]));
        expect(told).toEqual(new Map(payments.map(({ number, amount }) => [number, amount])));
      }),
    );
  });

  it('name every part of a correction', () => {
    const corrected = (code: string, text: string) =>
      read(nachaReturnsOf(file, { P00000001A: code }, text)).payments[0]!.corrected;
    expect(corrected('C02', '121042882')).toMatchObject({ routing: '121042882', account: null });
    expect(corrected('C03', '121042882   4711')).toMatchObject({ routing: '121042882', account: '4711' });
    expect(corrected('C05', '32')).toMatchObject({ kind: 'savings' });
    expect(corrected('C06', '4711                22')).toMatchObject({ account: '4711', kind: 'checking' });
    expect(corrected('C07', '1210428824711             32')).toEqual({
      routing: '121042882',
      account: '4711',
      kind: 'savings',
      other: null,
    });
    expect(corrected('C02', '121042883')).toEqual({ routing: null, account: null, kind: null, other: '121042883' });
    expect(corrected('C09', 'NEWID')).toMatchObject({ other: 'NEWID' });
  });

  const lines = returns.split('\n');
  const spoiled = (n: number, at: number, text: string) =>
    lines
      .map((line, index) => (index === n ? line.slice(0, at) + text + line.slice(at + text.length) : line))
      .join('\n');
  it.each<[string, string, string, { line: number; column: number }]>([
    ['another amount', spoiled(2, 29, '0000012551'), 'nacha_control', { line: 5, column: 21 + 12 }],
    ['another bank', spoiled(2, 3, '12104288'), 'nacha_control', { line: 5, column: 11 }],
    ['a count that is not', spoiled(4, 4, '000009'), 'nacha_control', { line: 5, column: 5 }],
    ['letters for digits', spoiled(2, 29, '00000X2551'), 'nacha_field', { line: 3, column: 30 }],
    ['a file that is cut off', lines.slice(0, 4).join('\n'), 'nacha_cut_off', { line: 5, column: 1 }],
    ['a file without its end', lines.slice(0, 8).join('\n'), 'nacha_cut_off', { line: 9, column: 1 }],
    ['something behind its end', `${returns}${'x'.repeat(94)}`, 'nacha_order', { line: 11, column: 1 }],
    ['a long line', returns.replace('Jane Doe', 'Jane Doe '), 'nacha_line', { line: 3, column: 95 }],
    ['no such day', spoiled(0, 23, '269904'), 'nacha_field', { line: 1, column: 24 }],
    ['advices', spoiled(1, 50, 'ADV'), 'nacha_class', { line: 2, column: 51 }],
  ])('refuse %s', (_, text, code, place) => {
    expect(refusal(() => read(text))).toMatchObject({ code, details: place });
  });
});

describe('a report of PayPal', () => {
  const payment = { ...personInUs, recipient: 'jane@example.org', note: null };
  const batch = writePayPalBatch({
    payments: [payment, { ...payment, number: 'P00000002A' }, { ...payment, number: 'P00000003A' }],
    decimal: '.',
  });
  const text = (told: Record<string, string>, heading = true) => payPalReportOf(batch.files[0]!.content, told, heading);

  it('tells what became of each row, with or without its heading', () => {
    const told = { P00000002A: 'UNCLAIMED', P00000003A: 'FAILED' };
    const { format, payments } = read(text(told));
    expect(format).toBe('paypal');
    expect(payments).toMatchObject([
      {
        kind: 'debited',
        ids: ['P00000001A'],
        amount: 12_550n,
        currency: 'USD',
        date: '2026-11-02',
        reason: null,
        line: 2,
      },
      {
        kind: 'unclaimed',
        ids: ['P00000002A'],
        reason: { code: 'RECEIVER_UNREGISTERED' },
        bankReference: 'TXP00000002A',
      },
      { kind: 'rejected', ids: ['P00000003A'] },
    ]);
    expect(read(text(told, false)).payments).toEqual(payments.map((one) => ({ ...one, line: one.line - 1 })));
  });

  it('passes over what has no end yet, and refuses what it does not know', () => {
    expect(read(text({ P00000001A: 'PENDING' })).skipped).toMatchObject([{ line: 2, code: 'status_open' }]);
    const refused = refusal(() => read(text({ P00000001A: 'LOST', P00000003A: 'GONE' })));
    expect(refused).toMatchObject({ code: 'paypal_status' });
    expect(refused.message.split('\n')).toHaveLength(2);
    expect(refused.message).toContain("report:4:10 (TRANSACTION_STATUS) 'GONE' is no status of a payout");
  });
});

describe('the CSV of a bank', () => {
  const PROFILE = `
heading_line = 3
currency = "EUR"
[csv]
delimiter = ";"
encoding = "windows-1252"
[dates]
format = "dd.MM.yyyy"
[decimals]
decimal = ","
group = "."
[columns]
date = "Valuta"
amount = "Betrag"
ids = ["Verwendungszweck", "Kundenreferenz"]
reference = "Bankreferenz"
name = "Name"
kind = "Art"
[kinds]
returned = ["Retoure"]
ignored = ["Abschluss"]
`;
  const TEXT = [
    'Konto;DE75512108001245126199',
    '',
    'Valuta;Art;Name;Verwendungszweck;Kundenreferenz;Bankreferenz;Betrag',
    '02.11.2026;Überweisung;Müßig;Provision P00000001A Danke;;4711;-1.125,50',
    '03.11.2026;Retoure;Acme;;P00000002A;4712;0,01',
    '03.11.2026;Gutschrift;Kunde;Rechnung 12;;4713;99,00',
    '03.11.2026;Abschluss;;;;;-4,90',
    '03.11.2026;Überweisung;Niemand;;;;0,00',
    '',
  ].join('\r\n');
  const readCsv = (text: string, profile = PROFILE) =>
    readPaymentReport('bank.csv', Buffer.from(text, 'latin1'), null, readBankProfile(profile, 'bank.toml'));

  it('is read as its profile says', () => {
    const { payments, skipped } = readCsv(TEXT);
    expect(payments).toMatchObject([
      {
        ...{ kind: 'debited', amount: 112_550n, currency: 'EUR', date: '2026-11-02', line: 4, column: 7 },
        ...{ ids: ['P00000001A', 'Provision P00000001A Danke'], bankReference: '4711', name: 'Müßig' },
      },
      { kind: 'returned', amount: 1n, ids: ['P00000002A'], reason: { code: 'Retoure' } },
      { kind: 'credited', amount: 9900n, reason: null },
    ]);
    expect(skipped.map(({ line, code }) => [line, code])).toEqual([
      [7, 'ignored'],
      [8, 'nothing_moved'],
    ]);
  });

  it('may tell debits and credits in columns of their own', () => {
    const profile = 'columns = { date = "d", debit = "out", credit = "in", currency = "c", ids = "t" }';
    const { payments } = readCsv('d,out,in,c,t\n2026-11-02,1.50,,USD,P00000001A\n2026-11-02,,2.50,USD,x\n', profile);
    expect(payments).toMatchObject([
      { kind: 'debited', amount: 150n },
      { kind: 'credited', amount: 250n },
    ]);
  });

  it('is refused as a whole, with every wrong row', () => {
    const refused = refusal(() => readCsv(TEXT.replace('02.11.2026', '31.02.2026').replace('99,00', '99.00')));
    expect(refused.message.split('\n')).toEqual([
      expect.stringContaining('bank.csv:4:1 (Valuta) there is no day 2026-2-31'),
      expect.stringContaining("bank.csv:6:7 (Betrag) '99.00' is not grouped in thousands"),
    ]);
    expect(refusal(() => readCsv(TEXT.replace('Valuta', 'Datum')))).toMatchObject({
      code: 'report_columns',
      details: { line: 3 },
    });
    expect(refusal(() => read('a,b\n1,2\n'))).toMatchObject({ code: 'profile_missing' });
  });

  it('has a profile whose mistakes are told together', () => {
    const refused = refusal(() => readBankProfile('[columns]\ndate = "d"\namont = "a"\n', 'bank.toml'));
    expect(refused).toMatchObject({ code: 'profile_invalid' });
    expect(refused.message).toContain('columns.amont: unknown key — did you mean amount?');
    expect(refused.message).toContain('columns.ids');
    const contrary = refusal(() => readBankProfile('[columns]\ndate = "d"\nids = "i"\ndebit = "x"\n', 'bank.toml'));
    expect(contrary.message.split('\n')).toEqual([
      'bank.toml:',
      '  columns.amount: name one column of signed amounts, or debit and credit, and not both',
      '  currency: write it once, or name columns.currency',
    ]);
    expect(refusal(() => readBankProfile('x', 'bank.toml'))).toMatchObject({
      code: 'profile_syntax',
      details: { line: 1 },
    });
  });
});

describe('any bytes', () => {
  it('are read, or refused with a place and a code', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc
        .constantFrom(
          statementOf(written([germanPayee])),
          nachaReturnsOf(writeNacha(nachaOrder).files[0]!.content, { P00000001A: 'R03' }),
        )
        .chain((good) =>
          fc
            .tuple(fc.nat(good.length), fc.nat(40), fc.string({ maxLength: 6 }))
            .map(([at, cut, put]) => good.slice(0, at) + put + good.slice(at + cut)),
        ),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(Array.isArray(read(text).payments)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
