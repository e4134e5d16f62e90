import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { repeatExport } from '../../src/services/export/repeat-export.ts';
import { streamAsked, writeExport } from '../../src/services/export/write-export.ts';
import { verifyExport } from '../../src/services/export/verify-export.ts';
import type { ExportFormat } from '../../src/services/export/schema.ts';
import { ledgerPeriod } from '../../src/services/ledger/ledger-period.ts';
import { listAccounts, listTransfers } from '../../src/services/ledger/list-ledger.ts';
import { trialBalance } from '../../src/services/ledger/trial-balance.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { paidBooks } from '../paid-books.ts';

/** Books in which everything happened (paid-books.ts), as programs of other people read them. */
let database: TestDatabase;
let ctx: OpenedContext;
let directory: string;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await paidBooks(ctx, await database.context({ actor: 'checker' }));
  directory = mkdtempSync(join(tmpdir(), 'revshare-ledger-'));
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await database.drop();
});

const tool = { version: '0.0.0-test' };
const all = { limit: 500, offset: 0 };

async function exported(format: ExportFormat, asked: { period?: string; to?: string } = {}): Promise<string> {
  const path = join(directory, `books-${asked.period ?? asked.to ?? 'all'}.${format}`);
  const { label: period } = await ledgerPeriod(ctx, asked);
  await writeExport(ctx, 'ledger', { format, period, asOf: null }, path, tool);
  return path;
}

/** 'ACCOUNT CURRENCY AMOUNT', sorted; accounts at 0 are left out, as every balance report does. */
async function ours(asOf?: string): Promise<string[]> {
  return (await listAccounts(ctx, { asOf }, all))
    .filter(({ balance }) => !/^0(\.0+)?$/.test(balance))
    .map(({ account, currency, balance }) => `${account} ${currency} ${balance}`)
    .sort();
}

/** Whether a program is here; where it is not, its test is left out, and says so. */
function found(program: string): boolean {
  const there = spawnSync(program, ['--version']).error === undefined;
  if (!there)
    process.stderr.write(`\n${program} IS NOT INSTALLED: the test that reads our journal with it is LEFT OUT\n`);
  return there;
}

function cells(csv: string): string[][] {
  return csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.replaceAll('"', '').trim()));
}

describe('hledger', () => {
  const balance = (path: string) =>
    cells(
      execFileSync('hledger', ['-f', path, 'balance', '--flat', '--no-total', '--layout=bare', '-O', 'csv']).toString(),
    )
      .slice(1)
      .map((row) => row.join(' '))
      .sort();

  it.skipIf(!found('hledger'))('finds nothing wrong, and the balance we have, per account and currency', async () => {
    const path = await exported('hledger');
    execFileSync('hledger', ['-f', path, 'check', '--strict', 'ordereddates']);
    expect(balance(path)).toEqual(await ours());
    expect(balance(await exported('hledger', { to: '2026-10-06' }))).toEqual(await ours('2026-10-05'));
  });
});

describe('beancount', () => {
  it.skipIf(!found('bean-check'))('finds nothing wrong, and the balance we have', async () => {
    const path = await exported('beancount');
    execFileSync('bean-check', [path]);
    const query = 'select account, currency, sum(number) group by account, currency';
    const theirs = cells(execFileSync('bean-query', ['-f', 'csv', path, query]).toString())
      .slice(1)
      .filter(([, , number]) => Number(number) !== 0)
      .map((row) => row.join(' ').toLowerCase());
    // Of these books no code has what beancount tells by its bytes.
    expect(theirs.sort()).toEqual((await ours()).map((line) => line.toLowerCase()).sort());
  });
});

describe('ledger', () => {
  it.skipIf(!found('ledger'))('has the balance we have', async () => {
    const path = await exported('ledger');
    const format = '%(account)|%(quantity(scrub(display_total)))|%(commodity(scrub(display_total)))\n';
    for (const currency of ['EUR', 'JPY', 'KWD']) {
      const args = [
        '-f',
        path,
        'balance',
        '--flat',
        '--no-total',
        '-l',
        `commodity == '${currency}'`,
        '--format',
        format,
      ];
      const theirs = execFileSync('ledger', args).toString().trim();
      const balances = theirs === '' ? [] : theirs.split('\n').map((line) => line.split('|'));
      expect(balances.map(([account, amount]) => `${account} ${currency} ${Number(amount)}`).sort()).toEqual(
        (await ours())
          .filter((line) => line.split(' ')[1] === currency)
          .map((line) => line.replace(/[^ ]+$/, (amount) => String(Number(amount))))
          .sort(),
      );
    }
  });
});

describe('an export of the ledger', () => {
  it.each(['hledger', 'beancount', 'ledger', 'csv', 'ndjson'] as const)(
    'as %s is proved and made again',
    async (format) => {
      const path = await exported(format, { period: '2026-10' });
      const first = readFileSync(path);
      expect((await verifyExport(ctx, path)).findings).toEqual([]);
      const again = await repeatExport(ctx, `${path}.manifest.json`, join(directory, `again.${format}`));
      expect(readFileSync(again.path)).toEqual(first);
      const { rows, sums } = again.manifest;
      const listed = await listTransfers(ctx, {}, all, { from: '2026-10-01', to: '2026-11-01' });
      expect(rows).toBe(listed.length);
      expect(sums.every(({ net }) => /^0(\.0+)?$/.test(net))).toBe(true);
    },
  );

  it('has a row for every transfer, with names of the chart', async () => {
    let text = '';
    const { label: period } = await ledgerPeriod(ctx, {});
    await streamAsked(ctx, 'ledger', { format: 'csv', period, asOf: null }, async (block) => {
      text += block.toString('utf8');
    });
    const listed = await listTransfers(ctx, {}, all);
    const rows = cells(text.replaceAll('\r', '')).slice(1);
    expect(
      rows.map(([id, date, kind, debit, credit, code, amount]) => [id, date, kind, debit, credit, code, amount]),
    ).toEqual(
      listed.map((one) => [String(one.id), one.date, one.kind, one.debit, one.credit, one.currency, one.amount]),
    );
  });

  it('of dates on which nothing was posted is empty and whole', async () => {
    const path = await exported('hledger', { to: '2020-01-01' });
    expect(readFileSync(path, 'utf8')).toBe('');
    expect((await verifyExport(ctx, path)).findings).toEqual([]);
  });
});

describe('accounts and the trial balance', () => {
  it.each([null, '2026-10-05', '2026-11-20', '2026-11-21'])('as of %s sum to zero and to each other', async (asOf) => {
    const { accounts, differences } = await trialBalance(ctx, asOf);
    expect(differences.filter(({ difference }) => Number(difference) !== 0)).toEqual([]);
    const sums = new Map<string, number>();
    for (const { type, currency, balance } of await listAccounts(ctx, { asOf: asOf ?? undefined }, all)) {
      const key = `${type} ${currency}`;
      sums.set(key, (sums.get(key) ?? 0) + Math.round(Number(balance) * 1000));
    }
    for (const { account, currency, balance } of accounts) {
      expect(sums.get(`${account} ${currency}`)).toBe(Math.round(Number(balance) * 1000));
    }
  });

  it('as of an instant say what had been posted by then, whatever its posting date', async () => {
    const [first] = await ctx.db.sql<{ at: string }[]>`
      select to_char(min(recorded_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at from postings`;
    expect((await trialBalance(ctx, first!.at)).accounts).toEqual([]);
    const now = await trialBalance(ctx, null);
    const [last] = await ctx.db.sql<{ at: string }[]>`
      select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`;
    expect(await trialBalance(ctx, last!.at)).toEqual(now);
  });

  it('take only what there is', async () => {
    await expect(listAccounts(ctx, { partner: 'acne' }, all)).rejects.toMatchObject({ code: 'partner_not_found' });
    await expect(trialBalance(ctx, '2026-13-01')).rejects.toMatchObject({ code: 'as_of_invalid' });
    await expect(trialBalance(ctx, '2099-01-01T00:00:00Z')).rejects.toMatchObject({ code: 'as_of_future' });
  });
});
