import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operator, type Operator } from './operator.ts';
import { openRetailBooks, RETAIL_INVOICES } from './retail-books.ts';

// A real month, from its invoices to what accountants take away (issue "What accountants take away").
describe.skipIf(!existsSync(RETAIL_INVOICES))('December 2010 of real invoices', () => {
  let fiona: Operator;
  beforeAll(() => {
    fiona = operator();
  });
  afterAll(async () => await fiona.leave());

  it('closes: statements equal the trial balance, hledger accepts the journal, exports stay what they are', () => {
    const { must, type, home } = fiona;
    const json = <T>(...argv: string[]) => JSON.parse(must([...argv, '--json'])) as T;
    const at = (name: string) => join(home, name);
    const map = openRetailBooks(fiona);
    const [heading, ...lines] = readFileSync(RETAIL_INVOICES, 'utf8').trimEnd().split('\n');
    const days = (name: string, from: string, to: string) => {
      const chosen = lines.filter((line) => from <= line.split(',')[2]! && line.split(',')[2]! < to);
      writeFileSync(at(name), `${[heading, ...chosen].join('\n')}\n`);
      return chosen.length;
    };
    const importing = (name: string) =>
      json<{ new: number }>('revenue', 'import', at(name), '--map', map, '--create-accounts').new;

    // All but the 22nd, whose file comes too late.
    const december = days('december.csv', '2010-12-01', '2010-12-22') + days('rest.csv', '2010-12-23', '2011-01-01');
    expect(december).toBeGreaterThan(1500);
    expect(importing('december.csv') + importing('rest.csv')).toBe(december);
    const closing = ['period', 'close', '2010-12', '--confirm', '2010-12'];
    expect(type(closing)).toMatchObject({ code: 3 });
    must(['job', 'run', 'accrue-commissions', '--for', '2010-12-31']);
    const planned = json<{ plan: string; result: { checklist: { step: string; result: string }[] } }>(
      ...['period', 'close', '2010-12', '--dry-run'],
    );
    expect(json('statement', 'list')).toEqual([]);
    const closed = json<(typeof planned)['result']>(
      ...closing.slice(0, 3),
      '--confirm',
      '2010-12',
      '--plan',
      planned.plan,
    );
    expect(closed.checklist).toEqual(planned.result.checklist);
    expect(closed.checklist.filter(({ result }) => result === 'done').map(({ step }) => step)).toEqual(['statements']);

    const owed = (account: string) =>
      json<{ account: string; credit: string; debit: string }[]>('ledger', 'trial-balance', '--as-of', '2010-12-31')
        .filter((row) => row.account === account)
        .reduce((sum, { credit, debit }) => sum + pence(credit) - pence(debit), 0);
    const statements = json<{ closing: string }[]>('statement', 'list');
    expect(statements).toHaveLength(5);
    expect(statements.reduce((sum, { closing: left }) => sum + pence(left), 0)).toBe(owed('wallet'));

    must(['journal', 'export', '--period', '2010-12', '--format', 'hledger', '--out', at('december.journal')]);
    must(['earnings', 'export', '--period', '2010-12', '--format', 'csv', '--out', at('earnings.csv')]);
    if (spawnSync('hledger', ['--version']).error === undefined) {
      execFileSync('hledger', ['-f', at('december.journal'), 'check', 'accounts', 'commodities']);
      const query = ['balance', 'liabilities:wallets', '--depth=2', '--no-total', '--layout=bare', '-O', 'csv'];
      const [, row] = execFileSync('hledger', ['-f', at('december.journal'), ...query])
        .toString()
        .split('\n');
      expect(
        row!
          .replaceAll('"', '')
          .split(',')
          .map((cell) => cell.trim()),
      ).toEqual(['liabilities:wallets', 'GBP', (-owed('wallet') / 100).toFixed(2)]);
    }

    // The file that was missing: its day is closed, so it posts on the first of January and changes nothing of December.
    const frozen = json<{ control_hash: string }>('period', 'show', '2010-12');
    const before = owed('wallet');
    expect(days('late.csv', '2010-12-22', '2010-12-23')).toBeGreaterThan(10);
    importing('late.csv');
    must(['job', 'run', 'accrue-commissions', '--for', '2010-12-31']);
    const late = json<{ posting_date: string }[]>('ledger', 'transfers', '--from', '2011-01-01');
    expect(new Set(late.map(({ posting_date: date }) => date))).toEqual(new Set(['2011-01-01']));
    expect(owed('wallet')).toBe(before);
    expect(json('period', 'show', '2010-12')).toEqual(frozen);
    must(['export', 'verify', at('earnings.csv')]);
    must(['export', 'repeat', at('earnings.csv.manifest.json'), '--out', at('again.csv')]);
    expect(readFileSync(at('again.csv'))).toEqual(readFileSync(at('earnings.csv')));
    must(['journal', 'export', '--period', '2010-12', '--format', 'hledger', '--out', at('again.journal')]);
    expect(readFileSync(at('again.journal'))).toEqual(readFileSync(at('december.journal')));
    must(['statement', 'verify', '--period', '2010-12']);
    must(['doctor']);
  }, 480_000);
});

const pence = (amount: string) => Math.round(Number(amount) * 100);
