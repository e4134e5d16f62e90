import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { setDeductions } from '../../src/services/deduction/deductions.ts';
import type { ExportedFile } from '../../src/services/export/export-file.ts';
import { repeatExport } from '../../src/services/export/repeat-export.ts';
import { verifyExport } from '../../src/services/export/verify-export.ts';
import { writeExport, type AskedExport } from '../../src/services/export/write-export.ts';
import { importOpening } from '../../src/services/opening/import-opening.ts';
import { returnPayouts } from '../../src/services/payout/settle-payouts.ts';
import { listThresholds, setThreshold, type NewThreshold } from '../../src/services/tax/thresholds.ts';
import { openBooks } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { paidBooks, type PaidBooks } from '../paid-books.ts';
import { csvRows } from '../support/csv-rows.ts';

let database: TestDatabase;
let ctx: OpenedContext;
let checker: OpenedContext;
let directory: string;
beforeEach(async () => {
  database = await testDatabase();
  ctx = await database.context();
  checker = await database.context({ actor: 'checker' });
  directory = mkdtempSync(join(tmpdir(), 'revshare-tax-'));
});
afterEach(async () => {
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

let files = 0;

async function exported(asked: Partial<AskedExport> = {}): Promise<ExportedFile> {
  files += 1;
  const whole = { period: '2026', format: 'csv', asOf: null } as const;
  return await writeExport(ctx, 'tax', { ...whole, ...asked }, join(directory, `tax-${files}.csv`), {
    version: 'test',
  });
}

const rowsOf = ({ path }: ExportedFile) => csvRows(readFileSync(path, 'utf8'));
const threshold = async (more: Partial<NewThreshold>) =>
  await setThreshold(ctx, { report: 'dac7', form: null, amount: '2000', currency: 'EUR', from: 2020, ...more });

async function expectRepeatable(file: ExportedFile): Promise<void> {
  expect(await verifyExport(ctx, file.path)).toMatchObject({ whole: true, repeatable: true, findings: [] });
  const again = await repeatExport(ctx, file.manifestPath, `${file.path}.again`);
  expect(readFileSync(again.path)).toEqual(readFileSync(file.path));
}

describe('what was paid', () => {
  let books: PaidBooks;
  /** Gross of acme's payout, as it is written. */
  let gross: string;
  beforeEach(async () => {
    books = await paidBooks(ctx, checker);
    const [row] = await ctx.db.sql<{ gross: string }[]>`
      select (gross_minor * 0.01)::numeric(12, 2)::text as gross from payouts where number = ${books.paid}`;
    gross = row!.gross;
  });

  it('counts by completion, and what failed not at all', async () => {
    const file = await exported();
    expect(rowsOf(file)).toMatchObject([
      { partner: 'acme', tax_year: '2026', currency: 'EUR', payouts: '1', gross, total: gross, status: 'none' },
    ]);
    expect(file.manifest.sums).toMatchObject([{ currency: 'EUR', rows: 1, net: gross }]);
    expect((await exported({ period: '2025' })).manifest.rows).toBe(0);
    await expectRepeatable(file);
    await expect(exported({ period: '2026-Q4' })).rejects.toMatchObject({ code: 'period_no_year' });
  });

  it('is lowered in the year of the payout that came back, whenever it came back', async () => {
    const admin = database.admin();
    await admin.transaction(async ({ sql }) => {
      await sql`set local session_replication_role = replica`;
      await sql`update payout_status_changes set value_date = '2025-12-30' where status = 'completed'`;
    });
    const before = await exported({ period: '2025' });
    expect(rowsOf(before)).toMatchObject([{ tax_year: '2025', total: gross, returned: '0.00' }]);
    await returnPayouts(ctx, {
      payouts: { numbers: [books.paid] },
      reason: 'no such account',
      valueDate: '2026-11-21',
    });
    const after = await exported({ period: '2025-01-01..2026-12-31' });
    expect(rowsOf(after)).toMatchObject([{ tax_year: '2025', payouts: '0', total: '0.00', returned: gross }]);
    await expectRepeatable(before);
    await expectRepeatable(after);
  });

  it('reaches a threshold at it, by the year and by the form on file', async () => {
    await threshold({ amount: gross });
    const reached = await exported();
    expect(rowsOf(reached)).toMatchObject([{ report: 'dac7', threshold: gross, status: 'reached', form: '' }]);
    expect((await exported({ status: 'below' })).manifest.rows).toBe(0);

    // A form's own threshold goes before that of all; from 2027 on there is another, which says nothing of 2026.
    await threshold({ report: '1099-nec', amount: '600000', form: 'w9' });
    await threshold({ amount: '0.01', from: 2027 });
    expect(rowsOf(await exported())).toMatchObject([{ report: 'dac7', status: 'reached' }]);
    await setDeductions(ctx, { partner: 'acme', form: 'w9', from: '2026-01-01' });
    const below = await exported();
    expect(rowsOf(below)).toMatchObject([{ form: 'w9', report: '1099-nec', threshold: '600000.00', status: 'below' }]);

    await threshold({ report: '1099-nec', amount: '1', form: 'w9', from: 2026, to: 2027 });
    expect(rowsOf(await exported({ status: 'reached' }))).toMatchObject([{ threshold: '1.00' }]);
    await expectRepeatable(reached);
    await expectRepeatable(below);
    expect((await listThresholds(ctx)).map((row) => [row.form, row.amount, row.from, row.to])).toEqual([
      ['w9', '600000.00', 2020, 2026],
      ['w9', '1.00', 2026, 2027],
      ['w9', '600000.00', 2027, null],
      [null, gross, 2020, 2027],
      [null, '0.01', 2027, null],
    ]);
  });

  it('refuses thresholds that say nothing', async () => {
    await expect(threshold({ amount: '0' })).rejects.toMatchObject({ code: 'threshold_not_positive' });
    await expect(threshold({ from: 2026, to: 2026 })).rejects.toMatchObject({ code: 'window_empty' });
    expect((await threshold({})).changed).toBe(true);
    expect((await threshold({})).changed).toBe(false);
    expect((await threshold({ amount: null, from: 2026 })).threshold).toMatchObject({ amount: null });
    expect((await listThresholds(ctx)).map(({ from, to }) => [from, to])).toEqual([[2020, 2026]]);
  });
});

it('counts what was paid in the year before these books began', async () => {
  await openBooks(ctx.db);
  const opening = join(directory, 'opening.csv');
  writeFileSync(opening, 'record,partner,currency,paid,withheld\npartner,acme,EUR,900.00,90.00\n');
  const request = { file: opening, label: 'opening.csv', on: '2026-11-01', reason: 'from the system before' };
  const before = await exported();
  const { id } = await importOpening(ctx, request);
  expect((await exported()).manifest.rows).toBe(0);
  await approveRequest(checker, { request: id });
  const file = await exported();
  expect(rowsOf(file)).toMatchObject([
    { partner: 'acme', payouts: '0', gross: '0.00', opening_paid: '900.00', total: '900.00', total_withheld: '90.00' },
  ]);
  await expectRepeatable(before);
  await expectRepeatable(file);
});

describe('attacks by plain SQL', () => {
  const said = (valid: string, amount = '60000') =>
    `insert into tax_thresholds (currency, form, report, amount_minor, valid, known_seq)
     values ('USD', 'w9', '1099-nec', ${amount}, ${valid}, draw_known_seq('x'))`;

  it.each([
    ['two thresholds for one year', `${said(`'[2026-01-01,)'`)}; ${said(`'[2025-01-01,2027-01-01)'`)}`, '23P01'],
    ['half a year', said(`'[2026-07-01,)'`), '23514'],
    ['years without a first', said(`'(,2027-01-01)'`), '23514'],
    ['nothing', said(`'[2026-01-01,)'`, '0'), '23514'],
    ['another amount', `${said(`'[2026-01-01,)'`)}; update tax_thresholds set amount_minor = 1`, '42501'],
    ['its removal', `delete from tax_thresholds`, '42501'],
  ])('refuses %s', async (_, statement, code) => {
    await openBooks(ctx.db);
    const refused = ctx.db.transaction(async ({ sql }) => {
      for (const one of statement.split('; ')) await sql.unsafe(one);
    });
    await expect(refused).rejects.toSatisfy((error: Error & { code?: string }) =>
      [error.code, (error.cause as { code?: string } | undefined)?.code].includes(code),
    );
  });

  it('shows an auditor what an operator said, and lets neither say it retired', async () => {
    await openBooks(ctx.db);
    await threshold({});
    const auditor = await database.as('audrey', 'auditor');
    expect(await auditor.sql`select report from tax_thresholds`).toMatchObject([{ report: 'dac7' }]);
    await expect(auditor.sql.unsafe(said(`'[2026-01-01,)'`))).rejects.toThrow(/permission denied/);
    await expect(ctx.db.sql`update tax_thresholds set retired_seq = 1`).rejects.toThrow(/was not drawn/);
  });
});
