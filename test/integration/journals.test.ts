import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import type { JournalTarget } from '../../src/domain/accounting.ts';
import { parsePeriod } from '../../src/domain/dates.ts';
import { closePeriod } from '../../src/runner/close-period.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { exportJournal, reverseJournal, type WrittenJournal } from '../../src/services/journal/write-journal.ts';
import { listJournals } from '../../src/services/journal/list-journals.ts';
import { listAccounts } from '../../src/services/ledger/list-ledger.ts';
import { askForReopening } from '../../src/services/period/change-period.ts';
import { recordRevenue } from '../../src/services/revenue/record-revenue.ts';
import { generateStatements } from '../../src/services/statement/generate-statements.ts';
import { listStatements } from '../../src/services/statement/list-statements.ts';
import { voidStatement } from '../../src/services/statement/void-statement.ts';
import { refusal } from '../attacks.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { paidBooks } from '../paid-books.ts';
import { accrue } from '../support/accrual.ts';

/** The books of paid-books.ts with October closed, handed over to other programs. */
const page = { limit: 99, offset: 0 };
const october = parsePeriod('2026-10', '2026-11-21');

let database: TestDatabase;
let ctx: OpenedContext;
let checker: OpenedContext;
let directory: string;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  checker = await database.context({ actor: 'checker' });
  await paidBooks(ctx, checker);
  directory = mkdtempSync(join(tmpdir(), 'revshare-journals-'));
  writeFileSync(join(directory, 'accounts.toml'), PROFILE);
  await generateStatements(ctx, { period: october });
  await closePeriod(ctx, { month: '2026-10' });
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await database.drop();
});

const PROFILE = ['quickbooks', 'xero', 'netsuite']
  .map((books) => `[${books}.accounts]\nwallet = "2110 Payables"\ncommission_expense = "6120 Commissions"\n`)
  .join('\n');

const at = (name: string) => join(directory, name);
const read = (name: string) => readFileSync(at(name), 'utf8');
async function exported(
  format: JournalTarget,
  more: { name?: string; currency?: string; by?: 'period' } = {},
): Promise<WrittenJournal> {
  const { name = `october.${format}`, currency = null, by = 'day' } = more;
  const profile = { path: at('accounts.toml'), label: 'accounts.toml' };
  return await exportJournal(ctx, { period: '2026-10', format, currency, grouping: by, profile }, at(name));
}

/** 'ACCOUNT CURRENCY AMOUNT' of October by our chart and partner, without what is 0. */
async function ours(): Promise<string[]> {
  const sums = new Map<string, number>();
  for (const { account, currency, balance } of await listAccounts(ctx, { asOf: '2026-10-31' }, page)) {
    const key = `${account.split(':').slice(0, 3).join(':')} ${currency}`;
    sums.set(key, Math.round((sums.get(key) ?? 0) + Number(balance) * 1000));
  }
  return [...sums]
    .filter(([, sum]) => sum !== 0)
    .map(([key, sum]) => `${key} ${sum}`)
    .sort();
}

/** Whether a program is here; where it is not, its test is left out, and says so. */
function found(program: string): boolean {
  const there = spawnSync(program, ['--version']).error === undefined;
  if (!there)
    process.stderr.write(`\n${program} IS NOT INSTALLED: the test that reads our journal with it is LEFT OUT\n`);
  return there;
}
const cells = (csv: string) =>
  csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map((cell) => cell.replaceAll('"', '').trim()));

describe('plain-text accounting', () => {
  it.skipIf(!found('hledger'))('hledger finds nothing wrong, and every balance we have', async () => {
    await exported('hledger');
    execFileSync('hledger', [
      '-f',
      at('october.hledger'),
      'check',
      'accounts',
      'commodities',
      'balancednoautoconversion',
    ]);
    const balance = ['balance', '--flat', '--no-total', '--layout=bare', '-O', 'csv'];
    const theirs = cells(execFileSync('hledger', ['-f', at('october.hledger'), ...balance]).toString());
    expect(theirs.map(([account, code, sum]) => `${account} ${code} ${Math.round(Number(sum) * 1000)}`).sort()).toEqual(
      await ours(),
    );
  });

  it.skipIf(!found('bean-query'))('beancount finds nothing wrong, and every balance we have', async () => {
    await exported('beancount');
    execFileSync('bean-check', [at('october.beancount')]);
    const query = 'select account, currency, sum(number) as amount group by account, currency';
    const theirs = cells(execFileSync('bean-query', ['-f', 'csv', at('october.beancount'), query]).toString());
    const sums = theirs.map(
      ([account, code, sum]) => `${account!.toLowerCase()} ${code} ${Math.round(Number(sum) * 1000)}`,
    );
    expect(sums.filter((sum) => !sum.endsWith(' 0')).sort()).toEqual(await ours());
  });
});

describe('a journal', () => {
  it('balances per entry and currency, and moves what the period was closed with', async () => {
    const { totals, entries } = await exported('generic');
    const rows = cells(read('october.generic'));
    const sums = new Map<string, number>();
    const debits = new Map<string, number>();
    for (const [number, , , , debit, credit, currency] of rows) {
      const key = `${number} ${currency}`;
      sums.set(key, Math.round(((sums.get(key) ?? 0) + Number(debit) - Number(credit)) * 1000) / 1000);
      debits.set(currency!, (debits.get(currency!) ?? 0) + Number(debit));
    }
    expect([...sums.values()].filter((sum) => sum !== 0)).toEqual([]);
    expect(sums.size).toBe(entries);
    expect(totals.map((total) => Number(total.split(' ')[0]))).toEqual(
      [...debits.keys()].sort().map((code) => Math.round(debits.get(code)! * 1000) / 1000),
    );
  });

  it('is handed over once: asked again it is the same, byte for byte, and nothing else is', async () => {
    const again = await exported('generic', { name: 'again.csv' });
    expect(again).toMatchObject({ made: false, number: (await exported('generic')).number });
    expect(read('again.csv')).toBe(read('october.generic'));
    await expect(exported('generic', { by: 'period' })).rejects.toMatchObject({ code: 'journal_refused' });
    await expect(exported('generic', { currency: 'EUR' })).rejects.toMatchObject({ code: 'journal_refused' });
    await expect(
      exportJournal(
        ctx,
        { period: '2026-11', format: 'generic', currency: null, grouping: 'day', profile: null },
        at('x'),
      ),
    ).rejects.toMatchObject({ code: 'journal_refused' });
    expect(existsSync(at('x'))).toBe(false);
  });

  it('is taken back whole, and handed over anew after that', async () => {
    const first = await exported('netsuite', { currency: 'EUR' });
    const taken = { number: Number(first.number.slice(1)), reason: 'other accounts', dated: null };
    const back = await reverseJournal(ctx, taken, at('back.csv'));
    expect(back).toMatchObject({ made: true, reverses: first.number, totals: first.totals, status: 'reversal' });
    const sides = (name: string, debit: number) =>
      cells(read(name))
        .map((row) => `${row[1]} ${row[5]} ${row[debit]}`)
        .sort();
    expect(sides('back.csv', 6)).toEqual(sides('october.netsuite', 7));
    expect((await reverseJournal(ctx, taken, at('back-again.csv'))).made).toBe(false);
    expect(read('back-again.csv')).toBe(read('back.csv'));
    await expect(reverseJournal(ctx, { ...taken, dated: '2026-11-01' }, at('x'))).rejects.toMatchObject({
      message: `it was taken back by ${back.number} on the days of its entries, not on 2026-11-01`,
    });
    await expect(
      reverseJournal(ctx, { ...taken, number: Number(back.number.slice(1)) }, at('x')),
    ).rejects.toMatchObject({ code: 'journal_refused' });
    expect((await exported('netsuite', { currency: 'EUR', by: 'period' })).made).toBe(true);
  });

  it('stands when its period opens and closes anew, and doctor says that it is outdated', async () => {
    const { id } = await askForReopening(ctx, { month: '2026-10', reason: 'a payment was missing' });
    await approveRequest(checker, { request: id });
    const fields = { external_id: 'late-1', instance: 'acme-uk', kind: 'payment', net: '50.00', currency: 'EUR' };
    await recordRevenue(ctx, { fields: { ...fields, occurred_at: '2026-10-20' } });
    await accrue(ctx, '2026-11-21');
    for (const { number, partner } of await listStatements(ctx, { live: true }, page)) {
      if (partner === 'acme') await voidStatement(ctx, { number: Number(number.slice(2)), reason: 'a payment came' });
    }
    await generateStatements(ctx, { period: october });
    await closePeriod(ctx, { month: '2026-10' });
    const before = read('october.generic');
    expect((await exported('generic')).made).toBe(false);
    expect(read('october.generic')).toBe(before);
    const { checks } = await runDoctor(ctx, { only: ['periods'] });
    expect(checks.filter(({ result }) => result !== 'ok').map(({ name, result }) => `${name} ${result}`)).toEqual([
      'journals_current warning',
    ]);
    const [live] = await listJournals(ctx, { format: 'generic', live: true }, page);
    const taken = { number: Number(live!.number.slice(1)), reason: 'a payment came', dated: '2026-11-01' };
    await expect(reverseJournal(ctx, { ...taken, dated: '2026-09-30' }, at('x'))).rejects.toMatchObject({
      message: `${live!.number} begins on 2026-10-01, after 2026-09-30`,
    });
    const back = await reverseJournal(ctx, taken, at('back.csv'));
    await expect(reverseJournal(ctx, { ...taken, dated: null }, at('x'))).rejects.toMatchObject({
      hint: '--date 2026-11-01 writes the same file again',
    });
    expect(back.dated).toBe('2026-11-01');
    expect(existsSync(at('x'))).toBe(false);
    expect((await exported('generic')).made).toBe(true);
    expect(read('october.generic')).not.toBe(before);
  });
});

describe('the database refuses a journal', () => {
  const journal = (told: Readonly<Record<string, string>> = {}) => {
    const columns = {
      ...{ number: 'next_journal_number()', starts_on: `date '2026-10-01'`, format: `'quickbooks'`, grouping: `'day'` },
      ...{ totals: `debited_in('2026-10-01', null)`, entries: '1', content_hash: `repeat('0', 64)`, file_name: `'x'` },
      ...{ taken_at: 'now()', seen: 'pg_current_snapshot()' },
      ...told,
    };
    return `insert into journals (${Object.keys(columns).join(', ')}) select ${Object.values(columns).join(', ')}`;
  };
  const LIVE = `(select max(id) from journals where format = 'generic' and not reversed and reverses_id is null)`;

  it.each([
    ['honest', journal(), 'nothing'],
    ['of another number', journal({ number: '999' }), 'RV002'],
    ['of a period that is open', journal({ starts_on: `date '2026-11-01'` }), 'RV033'],
    ['that moves something else', journal({ totals: `'{"EUR": "1"}'` }), 'RV033'],
    ['that was handed over already', journal({ format: `'generic'` }), 'RV033'],
    ['twice', `${journal()}; ${journal({ currency: `'EUR'`, totals: `debited_in('2026-10-01', 'EUR')` })}`, 'RV033'],
    ['that takes back another than it says', journal({ reverses_id: LIVE, reason: `'x'` }), 'RV033'],
    ['that is rewritten', `update journals set file_name = 'y'`, '42501'],
    ['that is taken away', 'delete from journals', '42501'],
  ])('%s: %s', async (_, sql, refused) => {
    expect(await refusal(ctx.db, async (tx) => await tx.sql.unsafe(sql))).toBe(refused);
    const auditor = await database.as('reading', 'auditor');
    expect(await refusal(auditor, async (tx) => await tx.sql.unsafe(sql))).toBe('42501');
  });
});
