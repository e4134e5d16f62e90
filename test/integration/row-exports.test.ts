import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import type { ExportedFile } from '../../src/services/export/export-file.ts';
import { repeatExport } from '../../src/services/export/repeat-export.ts';
import { verifyExport } from '../../src/services/export/verify-export.ts';
import { writeExport, type AskedExport } from '../../src/services/export/write-export.ts';
import { hashBooks } from '../../src/services/ledger/hash-books.ts';
import { returnPayouts } from '../../src/services/payout/settle-payouts.ts';
import { askForVoid } from '../../src/services/revenue/void-revenue.ts';
import { setRule } from '../../src/services/rule/set-rule.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { paidBooks, type PaidBooks } from '../paid-books.ts';
import { accrue } from '../support/accrual.ts';
import { csvRows } from '../support/csv-rows.ts';
import { readWorkbook, type ReadCell, type ReadSheet } from '../support/workbook-reader.ts';

/** Payouts, commissions and revenue as files, of books in which everything happened (paid-books.ts). */
let database: TestDatabase;
let ctx: OpenedContext;
let checker: OpenedContext;
let books: PaidBooks;
let directory: string;
beforeEach(async () => {
  database = await testDatabase();
  ctx = await database.context();
  checker = await database.context({ actor: 'checker' });
  books = await paidBooks(ctx, checker);
  directory = mkdtempSync(join(tmpdir(), 'revshare-exports-'));
});
afterEach(async () => {
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

const tool = { version: '0.0.0-test' };
let files = 0;

async function exported(name: string, asked: Partial<AskedExport> = {}): Promise<ExportedFile> {
  const whole = { period: '2026', format: 'csv', asOf: null } as const;
  files += 1;
  return await writeExport(ctx, name, { ...whole, ...asked }, join(directory, `${name}-${files}.csv`), tool);
}

const rowsOf = ({ path }: ExportedFile) => csvRows(readFileSync(path, 'utf8'));

/** Sums per currency of a column, in the smallest unit; exact, for no figure here has more than two decimals. */
function summed(rows: readonly Record<string, string>[], column: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const row of rows)
    sums[row['currency']!] = (sums[row['currency']!] ?? 0) + Math.round(Number(row[column]) * 100);
  return sums;
}

const saidOf = ({ manifest }: ExportedFile) =>
  Object.fromEntries(manifest.sums.map(({ currency, net }) => [currency, Math.round(Number(net) * 100)]));

/** What all of these exports have in common: they prove themselves, and a repetition has the same bytes. */
async function expectRepeatable(file: ExportedFile): Promise<void> {
  expect(await verifyExport(ctx, file.path)).toMatchObject({ whole: true, repeatable: true, findings: [] });
  const again = await repeatExport(ctx, file.manifestPath, `${file.path}.again`);
  expect(readFileSync(again.path)).toEqual(readFileSync(file.path));
}

describe('payout export', () => {
  it('has a row for each payout and instance, which sum to what was sent', async () => {
    const file = await exported('payout');
    const rows = rowsOf(file);
    expect(rows.map((row) => [row['payout'], row['partner'], row['instance'], row['status']])).toEqual([
      [books.paid, 'acme', 'acme-ie', 'completed'],
      [books.paid, 'acme', 'acme-uk', 'completed'],
      [books.failed, 'zenith', 'zenith-de', 'failed'],
    ]);
    const [row] = await ctx.db.sql<
      { sent: string }[]
    >`select sent_minor as sent from payouts where number = ${books.paid}`;
    const paid = rows.filter((one) => one['payout'] === books.paid);
    expect(summed(paid, 'sent')).toEqual({ EUR: Number(row!.sent) });
    expect(summed(rows, 'gross')).toEqual(saidOf(file));
    expect(paid[0]).toMatchObject({ made_by: 'tester', approved_by: 'checker', rail: '', completed_on: '2026-11-21' });
    expect(rows[2]).toMatchObject({ reason: 'account closed', completed_on: '' });
  });

  it('tells what had become of a payout by its moment, whatever became of it since', async () => {
    const before = await exported('payout', { status: 'completed' });
    expect(before.manifest.rows).toBe(2);
    await returnPayouts(ctx, { payouts: { numbers: [books.paid] }, reason: 'no such account' });
    await expectRepeatable(before);
    const after = await exported('payout', { status: 'returned', partner: 'acme', instance: 'acme-uk' });
    expect(rowsOf(after)).toMatchObject([{ payout: books.paid, returned_on: '2026-11-21', reason: 'no such account' }]);
    await expectRepeatable(after);
    expect((await exported('payout', { currency: 'USD' })).manifest).toMatchObject({ rows: 0, sums: [] });
    await expect(exported('payout', { partner: 'nobody' })).rejects.toMatchObject({ code: 'partner_not_found' });
  });
});

describe('commission export', () => {
  it('has every decided share with where it stands, and keeps it', async () => {
    const file = await exported('commission');
    const rows = rowsOf(file);
    const [count] = await ctx.db.sql<{ entries: number }[]>`select count(*)::int as entries from entries`;
    expect(rows).toHaveLength(count!.entries);
    expect(summed(rows, 'amount')).toEqual(saidOf(file));
    const of = (id: string) => rows.find((row) => row['external_id'] === id);
    expect(of('own-1')).toMatchObject({ status: 'paid', payout: books.paid, paid_on: '2026-11-21', posted: 'yes' });
    expect(of('goods-1')).toMatchObject({ status: 'rejected', reviewed_by: 'tester', review_reason: 'test sale' });
    expect(of('gross-1')).toMatchObject({ status: 'approved', approved: 'yes', held: 'no', payout: '' });

    await ctx.db.sql`update partners set status = 'suspended' where code = 'zenith'`;
    await returnPayouts(ctx, { payouts: { numbers: [books.paid] }, reason: 'no such account' });
    await expectRepeatable(file);
    const held = rowsOf(await exported('commission', { status: 'held' }));
    expect(new Set(held.map((row) => row['partner']))).toEqual(new Set(['zenith']));
    expect(held.every((row) => row['held'] === 'yes')).toBe(true);
  });

  it('goes by the date of the event, and earnings by that of the books', async () => {
    const october = await exported('commission', { period: '2026-10' });
    expect(rowsOf(october).every((row) => row['occurred_on']!.startsWith('2026-10'))).toBe(true);
    const [both, entries] = [await exported('commission'), await exported('earnings')];
    expect(saidOf(both)).toEqual(saidOf(entries));
    const approved = await exported('earnings', { status: 'approved', currency: 'EUR' });
    expect(new Set(rowsOf(approved).map((row) => row['status']))).toEqual(new Set(['approved']));
    expect(summed(rowsOf(approved), 'amount')).toEqual(saidOf(approved));
    await expectRepeatable(approved);
  });
});

describe('revenue export', () => {
  it('has what billing reported, decided or not, and counts nothing that was taken back', async () => {
    const before = await exported('revenue');
    const rows = rowsOf(before);
    expect(rows).toHaveLength(18);
    expect(rows.filter((row) => row['status'] === 'undecided').map((row) => row['external_id'])).toEqual([
      'later-1',
      'later-2',
    ]);
    expect(rows.find((row) => row['external_id'] === 'gross-1')).toMatchObject({
      partner: 'zenith',
      net: '100.00',
      gross: '119.00',
      counted: '100.00',
    });
    const { id } = await askForVoid(ctx, { events: ['gross-1'] }, 'wrong customer');
    await approveRequest(checker, { request: id });
    await accrue(ctx, '2026-11-21');
    await expectRepeatable(before);

    const after = await exported('revenue');
    expect(after.manifest.rows).toBe(18);
    expect(rowsOf(after).find((row) => row['external_id'] === 'gross-1')).toMatchObject({
      status: 'voided',
      net: '100.00',
      counted: '0.00',
    });
    expect(summed(rowsOf(after), 'counted')).toEqual(saidOf(after));
    expect(saidOf(after)['EUR']).toBe(saidOf(before)['EUR']! - 10_000);
    await expectRepeatable(after);
  });

  it('takes a partner as who earns of it, an instance, a status and a currency', async () => {
    const ofZenith = rowsOf(await exported('revenue', { partner: 'zenith' }));
    expect(ofZenith.map((row) => row['external_id'])).toEqual(['gross-1', 'tiny-1']);
    const open = await exported('revenue', { status: 'undecided', instance: 'acme-uk' });
    expect(open.manifest.rows).toBe(2);
    await accrue(ctx, '2026-12-31');
    await expectRepeatable(open);
  });
});

describe('ledger export', () => {
  it('takes what touches a partner, and every side of it', async () => {
    const file = await exported('ledger', { partner: 'zenith' });
    expect(file.manifest.rows).toBeGreaterThan(0);
    expect(rowsOf(file).every((row) => row['partner'] === 'zenith')).toBe(true);
    await expectRepeatable(file);
  });
});

describe('workbooks', () => {
  const NAMES = ['earnings', 'ledger', 'payout', 'commission', 'revenue'] as const;
  const workbook = async (name: string) =>
    await writeExport(ctx, name, { period: '2026', format: 'xlsx', asOf: null }, join(directory, `${name}.xlsx`), tool);

  it('have what the CSV has, numbers as numbers, dates as dates, and prove themselves', async () => {
    for (const name of NAMES) {
      const file = await workbook(name);
      const plain = rowsOf(await exported(name, { asOf: file.manifest.as_of.instant }));
      const [summary, sheet] = readWorkbook(readFileSync(file.path));
      expect(sheet).toMatchObject({ name, frozen: true });
      expect(sheetRows(sheet!), name).toEqual(plain);
      const told = [...summary!.cells.values()].map(({ value }) => value);
      expect(told).toContain(`${name} version 1`);
      for (const { currency, net } of file.manifest.sums) expect(told).toEqual(expect.arrayContaining([currency, net]));
      await expectRepeatable(file);
    }
  });

  it('are not what their manifest says once they were saved again, and are made again', async () => {
    const file = await workbook('payout');
    await returnPayouts(ctx, { payouts: { numbers: [books.paid] }, reason: 'no such account' });
    const bytes = readFileSync(file.path);
    writeFileSync(file.path, Buffer.concat([bytes, Buffer.from('saved')]));
    expect(await verifyExport(ctx, file.path)).toMatchObject({ whole: false, repeatable: true, difference: null });
    const again = await repeatExport(ctx, file.manifestPath, null);
    expect(readFileSync(again.path)).toEqual(bytes);
  });

  it.skipIf(spawnSync('soffice', ['--version']).status !== 0)(
    'open in LibreOffice, whose CSV has the same numbers',
    async () => {
      for (const name of NAMES) await workbook(name);
      // The last token asks for every sheet, each as BOOK-SHEET.csv.
      const filter = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1';
      const paths = NAMES.map((name) => join(directory, `${name}.xlsx`));
      const user = `-env:UserInstallation=file://${join(directory, 'office')}`;
      const args = ['--headless', user, '--convert-to', filter, '--outdir', directory, ...paths];
      expect(spawnSync('soffice', args, { timeout: 100_000 }).status).toBe(0);
      for (const name of NAMES) {
        const plain = rowsOf(await exported(name));
        const converted = csvRows(readFileSync(join(directory, `${name}-${name}.csv`), 'utf8'));
        const amounts = (row: Record<string, string>) =>
          Object.entries(row).map(([column, cell]) => (column.endsWith('_at') || cell === '' ? '' : asNumber(cell)));
        expect(converted.map(amounts), name).toEqual(plain.map(amounts));
      }
    },
    120_000,
  );
});

/** 12.30 and 12.3 are one number; anything else is itself. */
const asNumber = (cell: string) => (/^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell);

/** The rows of a sheet as the CSV writes them. */
function sheetRows({ cells, filter }: ReadSheet): Record<string, string>[] {
  const [, width, height] = /:([A-Z]+)(\d+)$/.exec(filter!)!;
  const names = [...cells].filter(([place]) => /^[A-Z]+1$/.test(place));
  expect(names.at(-1)![0]).toBe(`${width}1`);
  return Array.from({ length: Number(height) - 1 }, (_, at) =>
    Object.fromEntries(
      names.map(([place, { value: name }]) => [name, cellText(cells.get(place.replace('1', String(at + 2))))]),
    ),
  );
}

function cellText(cell: ReadCell | undefined): string {
  if (cell === undefined) return '';
  if (!cell.format.startsWith('yyyy')) return cell.value;
  const [day, second] = [Math.floor(Number(cell.value)), Number(cell.value) % 1];
  const date = new Date(Date.UTC(1899, 11, 30 + day)).toISOString().slice(0, 10);
  if (!cell.format.includes('hh')) return date;
  // A double has a day to about a microsecond, and our own texts have no more.
  const micros = Math.round(second * 86_400_000_000);
  const time = new Date(Math.floor(micros / 1000)).toISOString().slice(11, 23);
  return `${date}T${time}${String(micros % 1000).padStart(3, '0')}Z`;
}

describe('the rule book in a manifest', () => {
  it('is what `ledger hash` says of the rules at that moment, and proved like the rest', async () => {
    const file = await exported('earnings');
    const { sections } = await hashBooks(ctx, file.manifest.as_of);
    expect(file.manifest.rule_book).toBe(sections.find(({ section }) => section === 'rules')!.sha256);
    await setRule(ctx, { scope: { kind: 'programme' }, percentage: '33%', from: '2027-01-01' });
    await expectRepeatable(file);
    expect((await exported('earnings')).manifest.rule_book).not.toBe(file.manifest.rule_book);
    writeFileSync(file.manifestPath, JSON.stringify({ ...file.manifest, rule_book: '0'.repeat(64) }));
    const found = await verifyExport(ctx, file.path);
    expect(found.findings).toEqual([expect.stringContaining('rule book')]);
    await expect(repeatExport(ctx, file.manifestPath, null)).rejects.toMatchObject({ code: 'export_differs' });
  });
});

describe('dialects of CSV', () => {
  it('writes what a German Excel reads, and repeats it', async () => {
    const file = await exported('commission', { dialect: { locale: 'de', bom: true } });
    const bytes = readFileSync(file.path);
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    const german = csvRows(bytes.toString('utf8').slice(1), ';');
    const plain = rowsOf(await exported('commission'));
    const point = (row: Record<string, string>) => ({
      ...row,
      amount: row['amount']!.replace(',', '.'),
      rate_percent: row['rate_percent']!.replace(',', '.'),
    });
    expect(german.map(point)).toEqual(plain);
    expect(german.some((row) => /^-?\d+,\d\d$/.test(row['amount']!))).toBe(true);
    expect(file.manifest.dialect).toEqual({ locale: 'de', bom: true });
    await expectRepeatable(file);
  });

  it('reads manifests that were written before there were any', async () => {
    const file = await exported('earnings');
    const { dialect, filter, rule_book: ruleBook, ...rest } = file.manifest;
    expect(ruleBook).toMatch(/^[0-9a-f]{64}$/);
    expect(dialect).toEqual({ locale: 'en', bom: false });
    const { period, partner, instance } = filter;
    writeFileSync(file.manifestPath, JSON.stringify({ ...rest, filter: { period, partner, instance } }));
    await expectRepeatable(file);
  });
});
