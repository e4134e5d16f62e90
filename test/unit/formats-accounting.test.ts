import { describe, expect, it } from 'vitest';
import { journalEntries, type JournalMovement, type JournalTarget } from '../../src/domain/accounting.ts';
import { readAccountingProfile } from '../../src/formats/accounting/profile.ts';
import { accountingWriter } from '../../src/formats/accounting/writer.ts';

const moved = (currency: string, amount: bigint): JournalMovement[] => [
  { date: '2026-10-03', kind: 'earning', currency, account: 'wallet', partner: 'acme', debit: 0n, credit: amount },
  {
    date: '2026-10-03',
    kind: 'earning',
    currency,
    account: 'commission_expense',
    partner: null,
    debit: amount,
    credit: 0n,
  },
];
const entriesOf = (...movements: JournalMovement[][]) =>
  journalEntries(movements.flat(), {
    ...{ number: 'J000001', grouping: 'day', partners: true, last: '2026-10-31', reversal: null },
  });

const PROFILE = `
[quickbooks]
date_format = "YYYY-MM-DD"
[quickbooks.accounts]
wallet = { account = "Partner Payables", class = "Partners", location = "Berlin" }
commission_expense = "Commissions, \\"gross\\""
[quickbooks.names]
acme = "Acme Resale GmbH"
[xero.accounts]
wallet = { account = "820", tax_rate = "No VAT", class = "Partners" }
commission_expense = "610"
[netsuite]
subsidiary = "Parent"
partners = true
[netsuite.accounts]
wallet = "2110 Payables"
commission_expense = "6120 Commissions"
`;

function written(target: JournalTarget, entries = entriesOf(moved('EUR', 1234_50n))): string {
  return accountingWriter(target).write(entries, readAccountingProfile(PROFILE, 'accounts.toml', target)!);
}

// The column lists of these vendors' own help pages for importing journals, as of November 2026.
describe('a journal is written with the columns that', () => {
  it('QuickBooks Online publishes', () => {
    expect(written('quickbooks')).toBe(
      'Journal No,Journal Date,Account Name,Debits,Credits,Description,Name,Currency,Location,Class\n' +
        'J000001-001,2026-10-03,"Commissions, ""gross""",1234.50,,earning EUR,,EUR,,\n' +
        'J000001-001,2026-10-03,Partner Payables,,1234.50,earning EUR,Acme Resale GmbH,EUR,Berlin,Partners\n',
    );
  });

  it('Xero publishes: one signed amount, its account codes and a tax rate on each line', () => {
    expect(written('xero')).toBe(
      '*Narration,*Date,Description,*AccountCode,*TaxRate,*Amount,TrackingName1,TrackingOption1,TrackingName2,TrackingOption2\n' +
        'J000001-001 earning EUR,03/10/2026,earning EUR,610,Tax Exempt,1234.50,,,,\n' +
        'J000001-001 earning EUR,03/10/2026,earning EUR acme,820,No VAT,-1234.50,Class,Partners,,\n',
    );
  });

  it('NetSuite publishes: the head on every line', () => {
    const line = 'Journal Entry - Line: ';
    expect(written('netsuite')).toBe(
      `External ID,Date,Subsidiary,Currency,Memo,${['Account', 'Debit', 'Credit', 'Memo', 'Name', 'Class', 'Location'].map((name) => line + name).join(',')}\n` +
        'J000001-001,10/03/2026,Parent,EUR,earning EUR,6120 Commissions,1234.50,,earning EUR,,,\n' +
        'J000001-001,10/03/2026,Parent,EUR,earning EUR,2110 Payables,,1234.50,earning EUR,acme,,\n',
    );
  });
});

describe('what an import would refuse is refused before', () => {
  const refusals = (target: JournalTarget, ...currencies: string[]) =>
    accountingWriter(target).refusals(entriesOf(...currencies.map((code) => moved(code, 5n))));

  it('is told by whose import it is', () => {
    expect(refusals('xero', 'EUR')).toEqual([]);
    expect(refusals('xero', 'EUR', 'USD')).toHaveLength(1);
    expect(refusals('netsuite', 'EUR', 'JPY', 'KWD')).toEqual([
      'NetSuite takes two decimals, and KWD has 3: leave it out by --currency',
    ]);
    expect(refusals('quickbooks', 'EUR', 'KWD')).toEqual([]);
    const many = Array.from({ length: 151 }, (_, at) => ({ ...entriesOf(moved('EUR', 5n))[0]!, number: String(at) }));
    expect(accountingWriter('xero').refusals(many)).toEqual([
      'Xero takes 300 lines in a file, and these are 302: --by period makes fewer',
    ]);
  });
});

describe('a profile', () => {
  it('may say nothing of some books', () => {
    expect(readAccountingProfile(PROFILE, 'accounts.toml', 'generic')).toBeNull();
    expect(readAccountingProfile(PROFILE, 'accounts.toml', 'hledger')).toBeNull();
  });

  it('is refused with every mistake in it', () => {
    const bad = `[xero]
date_format = "D.M.Y"
[xero.accounts]
walet = "1"
cash = { acount = "x" }
commission_expense = "=cmd|' /C calc'!A1"
in_transit = "two\\nlines"
`;
    const refused = () => readAccountingProfile(bad, 'accounts.toml', 'xero');
    for (const said of [
      'xero.date_format: must be YYYY-MM-DD, MM/DD/YYYY, DD/MM/YYYY',
      'xero.accounts.walet: unknown key — did you mean wallet?',
      'xero.accounts.cash.acount: unknown key — did you mean account?',
      'xero.accounts.commission_expense: ',
      'xero.accounts.in_transit: ',
    ]) {
      expect(refused).toThrow(said);
    }
    expect(() => readAccountingProfile('[xero', 'accounts.toml', 'xero')).toThrow('accounts.toml:1');
  });
});
