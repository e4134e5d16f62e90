import { describe, expect, it } from 'vitest';
import { accountName, accountPath, ACCOUNT_TYPES } from '../../src/domain/chart.ts';
import { JOURNAL_FORMATS, journalWriter, type JournalTransaction } from '../../src/formats/journal.ts';

const WALLET = ['liabilities', 'wallets', 'acme_x', 'acme-shop'];
const EXPENSE = ['expenses', 'commission'];
const earned: JournalTransaction = {
  date: '2026-10-05',
  id: 7,
  description: 'earning',
  debit: EXPENSE,
  credit: WALLET,
  amount: 1255n,
  currency: 'EUR',
  facts: { posting: '3', by: 'ana' },
};

describe('the chart', () => {
  it('gives every account a name of its own, under one of the five kinds', () => {
    const names = ACCOUNT_TYPES.map((type) => accountName({ type, partner: null, instance: null }));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^(assets|liabilities|equity|income|expenses):[a-z-]+$/);
    expect(accountName({ type: 'wallet', partner: 'acme', instance: 'acme-shop' })).toBe(
      'liabilities:wallets:acme:acme-shop',
    );
    expect(accountPath({ type: 'cash', partner: null, instance: null })).toEqual(['assets', 'cash']);
  });
});

describe('a transaction', () => {
  it('is two lines that balance, with the currency’s decimals', () => {
    expect(journalWriter('hledger').transaction(earned)).toBe(
      '2026-10-05 * (7) earning\n    ; posting: 3, by: ana\n' +
        '    expenses:commission  12.55 EUR\n    liabilities:wallets:acme_x:acme-shop  -12.55 EUR\n\n',
    );
    expect(journalWriter('beancount').transaction({ ...earned, currency: 'KWD' })).toBe(
      '2026-10-05 * "earning"\n  transfer: "7"\n  posting: "3"\n  by: "ana"\n' +
        '  Expenses:Commission  1.255 KWD\n  Liabilities:Wallets:AcmeZFPx:Acme-shop  -1.255 KWD\n\n',
    );
    expect(journalWriter('ledger').transaction({ ...earned, currency: 'JPY' })).toContain('commission  1255 JPY\n');
  });

  it('tells currencies and accounts first, as each program wants them', () => {
    const accounts = [
      { path: EXPENSE, currencies: ['JPY', 'EUR'] },
      { path: WALLET, currencies: ['EUR'] },
    ];
    const names = 'account expenses:commission\naccount liabilities:wallets:acme_x:acme-shop\n\n';
    expect(journalWriter('hledger').head(accounts, '2026-10-01')).toBe(
      `commodity 1000.00 EUR\ncommodity 1000. JPY\n\n${names}`,
    );
    expect(journalWriter('ledger').head(accounts, '2026-10-01')).toBe(
      `commodity EUR\n    format 1000.00 EUR\ncommodity JPY\n    format 1000 JPY\n\n${names}`,
    );
    expect(journalWriter('beancount').head(accounts, '2026-10-01')).toBe(
      'option "operating_currency" "EUR"\noption "operating_currency" "JPY"\n\n' +
        '2026-10-01 open Expenses:Commission EUR,JPY\n' +
        '2026-10-01 open Liabilities:Wallets:AcmeZFPx:Acme-shop EUR\n\n',
    );
    for (const format of JOURNAL_FORMATS) expect(journalWriter(format).head([], '2026-10-01')).toBe('');
  });
});

describe('a hostile name', () => {
  const hostile = [
    'a  ; b',
    'a:b',
    'a\n2026-01-01 * stolen\n  assets:cash  1 EUR',
    '(virtual)',
    '[balanced]',
    '"quoted\\"',
    '\u202eevil',
    '-x',
    'ünïcode',
    'a_b',
    'aZFPb',
    'Zab',
    'z20',
    ' ',
    '%20',
  ];

  it.each(JOURNAL_FORMATS)('stays inside its own field in %s, and no two become one', (format) => {
    const written = hostile.map((name) =>
      journalWriter(format).transaction({
        ...earned,
        description: name,
        credit: ['liabilities', 'wallets', name],
        facts: { by: name },
      }),
    );
    const accounts = written.map((text) => /^ +((?:L|l)iabilities:\S*) {2}-12\.55 EUR$/m.exec(text)?.[1]);
    expect(accounts).not.toContain(undefined);
    expect(new Set(accounts).size).toBe(hostile.length);
    const lines = journalWriter(format).transaction(earned).split('\n').length;
    for (const text of written) {
      expect(text).not.toMatch(/[\u202e\r]/);
      expect(text.split('\n').length).toBeLessThanOrEqual(lines);
      expect(text).not.toMatch(/^2026-01-01/m);
    }
    if (format === 'beancount') {
      for (const name of accounts) expect(name).toMatch(/^Liabilities:Wallets:[A-Z0-9][A-Za-z0-9-]*$/);
    }
  });
});
