import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../src/services/context.ts';
import { setDeductions } from '../../src/services/deduction/deductions.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { verifyExport } from '../../src/services/export/verify-export.ts';
import { writeExport } from '../../src/services/export/write-export.ts';
import { listInvoices, showInvoice } from '../../src/services/invoice/invoices.ts';
import { trialBalance } from '../../src/services/ledger/trial-balance.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { completePayouts, markUnclaimed, returnPayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { setTaxMode, showTaxMode } from '../../src/services/tax-mode/tax-modes.ts';
import { attack, attackers, refusal, repels, type Logins } from '../attacks.ts';
import { openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { csvRows } from '../support/csv-rows.ts';
import { expectCleanDoctor } from '../support/doctor.ts';
import { earn } from '../support/earnings.ts';

/** Self-billed invoices of what completes. Today is 21 November 2026. */
let database: TestDatabase;
let logins: Logins;
let books: Books;
let ctx: Context;
let checker: Context;
beforeEach(async () => {
  database = await testDatabase();
  logins = await attackers(database);
  books = await openBooks(logins.operator);
  [ctx, checker] = [await database.context(), await database.context({ actor: 'checker' })];
});
afterEach(async () => await database.drop());

const FROM = '2026-01-01';
const page = { limit: 100, offset: 0 };
const TAX_ID = 'DE123456789';
const german = { partner: 'acme', mode: 'self_billed', vatPpm: 190_000, taxId: TAX_ID, from: FROM } as const;

/** Earns it in two instances of acme's and one of zenith's, and sends it; returns the payouts by partner. */
async function sent(amounts: { acme: number; zenith: number } = { acme: 11_900, zenith: 5_000 }) {
  await earn(logins.operator, books, [
    { instance: 'acme-uk', amount: amounts.acme - 900 },
    { instance: 'acme-ie', amount: 900 },
    { instance: 'zenith-de', amount: amounts.zenith },
  ]);
  const { run, payouts } = await generatePayouts(ctx);
  await approveRun(checker, { run: run! });
  await submitPayouts(ctx, { run: run! });
  return new Map(payouts.map(({ partner, number }) => [partner, number]));
}
const completed = async (...numbers: string[]) => await completePayouts(ctx, { payouts: { numbers } });
const billed = async () =>
  (await listInvoices(ctx, {}, page)).map(({ number, kind, partner, net, vat, gross, credits }) => [
    ...[number, kind, partner, net, vat, gross, credits],
  ]);
const balanceOf = async (account: string) =>
  (await trialBalance(ctx)).accounts.find((one) => one.account === account)?.balance ?? null;

describe('what completes of a self-billed partner', () => {
  it('has an invoice of the VAT that it includes, which leaves expense for an account of its own', async () => {
    await setTaxMode(ctx, german);
    const payouts = await sent();
    const expense = await balanceOf('commission_expense');
    await completed(payouts.get('acme')!, payouts.get('zenith')!);
    expect(await billed()).toEqual([['SB000001', 'invoice', 'acme', '100.00', '19.00', '119.00', null]]);
    expect([expense, await balanceOf('commission_expense'), await balanceOf('input_vat')]).toEqual([
      '169.00',
      '150.00',
      '19.00',
    ]);
    expect(await showInvoice(ctx, 1)).toMatchObject({
      payout: payouts.get('acme'),
      taxId: TAX_ID,
      note: 'Self-billing.',
      issuedOn: '2026-11-21',
      supplied: [
        { instance: 'acme-ie', amount: '9.00', entries: 1 },
        { instance: 'acme-uk', amount: '110.00', entries: 1 },
      ],
    });
    await expectCleanDoctor(ctx);
  });

  it('keeps gross = sent + withheld + fee, and VAT is of the gross', async () => {
    await setTaxMode(ctx, german);
    await setDeductions(ctx, { withholdingPpm: 100_000, fee: '1.00', currency: 'EUR', from: FROM });
    const payouts = await sent();
    await completed(payouts.get('acme')!);
    expect(await showInvoice(ctx, 1)).toMatchObject({
      ...{ gross: '119.00', net: '100.00', vat: '19.00' },
      ...{ sent: '106.10', withheld: '11.90', fee: '1.00' },
    });
    await expectCleanDoctor(ctx);
  });

  it('is rounded once, half away from zero', async () => {
    await setTaxMode(ctx, { ...german, vatPpm: 250_000 });
    const payouts = await sent({ acme: 1_003, zenith: 100 });
    await completed(payouts.get('acme')!);
    // 10.03 / 1.25 = 8.024
    expect(await billed()).toEqual([['SB000001', 'invoice', 'acme', '8.02', '2.01', '10.03', null]]);
  });

  it('of reverse charge has no VAT, and says who owes it', async () => {
    await setTaxMode(ctx, { partner: 'acme', mode: 'reverse_charge', taxId: 'ATU12345678', from: FROM });
    const payouts = await sent();
    await completed(payouts.get('acme')!);
    expect(await showInvoice(ctx, 1)).toMatchObject({
      ...{ net: '119.00', vat: '0.00', gross: '119.00', mode: 'reverse_charge' },
      note: 'Self-billing. Reverse charge: VAT is owed by the recipient of the service.',
    });
    expect(await balanceOf('input_vat')).not.toBe('19.00');
    await expectCleanDoctor(ctx);
  });

  it('comes back with a credit note, whatever the mode has become', async () => {
    await setTaxMode(ctx, german);
    const payouts = await sent();
    await completed(payouts.get('acme')!);
    await setTaxMode(ctx, { partner: 'acme', mode: 'none', from: FROM });
    await returnPayouts(ctx, { payouts: { numbers: [payouts.get('acme')!] }, reason: 'unknown account' });
    expect(await billed()).toEqual([
      ['SB000001', 'invoice', 'acme', '100.00', '19.00', '119.00', null],
      ['SB000002', 'credit_note', 'acme', '100.00', '19.00', '119.00', 'SB000001'],
    ]);
    expect([await balanceOf('input_vat'), await balanceOf('commission_expense')]).toEqual(['0.00', '169.00']);
    await expectCleanDoctor(ctx);
  });

  it('goes by the day on which the bank paid; what nobody takes is billed when it is taken', async () => {
    await setTaxMode(ctx, { ...german, from: '2026-11-21' });
    const payouts = await sent();
    await markUnclaimed(ctx, { payouts: { numbers: [payouts.get('acme')!] }, reason: 'not collected' });
    expect(await billed()).toEqual([]);
    await completed(payouts.get('acme')!);
    expect(await billed()).toHaveLength(1);
  });
});

describe('numbers', () => {
  it('follow each other without a gap, whatever was rolled back', async () => {
    await setTaxMode(ctx, german);
    await setTaxMode(ctx, { ...german, partner: 'zenith' });
    const payouts = await sent();
    const dry = await database.context({ dryRun: true });
    await completePayouts(dry, { payouts: { numbers: [payouts.get('acme')!] } });
    await Promise.all([completed(payouts.get('zenith')!), completed(payouts.get('acme')!)]);
    expect((await billed()).map(([number]) => number)).toEqual(['SB000001', 'SB000002']);
    await expectCleanDoctor(ctx);
  });
});

describe('a tax mode', () => {
  it('is dated, kept when it is said otherwise, and bills nothing afterwards', async () => {
    const payouts = await sent();
    await completed(payouts.get('acme')!);
    await setTaxMode(ctx, german);
    expect(await billed()).toEqual([]);
    const { checks } = await runDoctor(ctx, { only: ['payouts_billed'] });
    expect(checks.map(({ result, offenders }) => [result, offenders])).toEqual([['warning', 1]]);
    await setTaxMode(ctx, { ...german, vatPpm: 200_000, from: '2026-07-01' });
    const shown = await showTaxMode(ctx, 'acme');
    expect([shown.vatPpm, shown.from, shown.versions.length]).toEqual([200_000, '2026-07-01', 3]);
    expect((await showTaxMode(ctx, 'acme', '2026-06-30')).vatPpm).toBe(190_000);
    expect((await showTaxMode(ctx, 'acme', '2025-12-31')).mode).toBe('none');
    expect((await setTaxMode(ctx, { ...german, to: '2026-07-01' })).changed).toBe(false);
  });

  it.each([
    ['tax_id_missing', { mode: 'reverse_charge' }],
    ['vat_missing', { mode: 'self_billed', taxId: TAX_ID }],
    ['vat_unfit', { mode: 'reverse_charge', taxId: TAX_ID, vatPpm: 190_000 }],
    ['vat_unfit', { mode: 'none', vatPpm: 190_000 }],
    ['window_empty', { ...german, to: FROM }],
    ['partner_not_found', { ...german, partner: 'acne' }],
  ] as const)('%s', async (code, asked) => {
    await expect(setTaxMode(ctx, { partner: 'acme', from: FROM, ...asked })).rejects.toMatchObject({ code });
  });
});

it('the export has them in sequence, credit notes below zero, and proves itself', async () => {
  await setTaxMode(ctx, german);
  const payouts = await sent();
  await completed(payouts.get('acme')!);
  await returnPayouts(ctx, { payouts: { numbers: [payouts.get('acme')!] }, reason: 'unknown account' });
  const directory = mkdtempSync(join(tmpdir(), 'revshare-invoices-'));
  try {
    const asked = { period: '2026-11', format: 'csv', asOf: null } as const;
    const file = await writeExport(ctx, 'invoice', asked, join(directory, 'invoices.csv'), { version: '0.0.0-test' });
    const rows = csvRows(readFileSync(file.path, 'utf8'));
    expect(
      rows.map((row) => [row['invoice'], row['kind'], row['net'], row['vat'], row['gross'], row['credits']]),
    ).toEqual([
      ['SB000001', 'invoice', '100.00', '19.00', '119.00', ''],
      ['SB000002', 'credit_note', '-100.00', '-19.00', '-119.00', 'SB000001'],
    ]);
    expect(file.manifest.sums).toMatchObject([{ currency: 'EUR', rows: 2, net: '0.00' }]);
    expect(await verifyExport(ctx, file.path)).toMatchObject({ whole: true, findings: [] });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

describe('what the database refuses', () => {
  const change = (posting: string) => `
    insert into main.payout_status_changes (payout_id, status, value_date, posting_id)
    select id, 'completed', '2026-11-21', ${posting} from main.payouts p where p.status = 'processing' and p.partner_id = (select id from main.partners where code = 'acme')`;

  it('a completion whose VAT is not posted', async () => {
    await setTaxMode(ctx, german);
    await sent();
    const refused = await refusal(logins.operator, async (tx) => {
      await tx.sql.unsafe(`insert into main.postings (kind) values ('payout')`);
      await tx.sql.unsafe(change('(select max(id) from main.postings)'));
      await tx.sql.unsafe(`
        insert into main.ledger_accounts (type, currency) values ('cash', 'EUR'), ('input_vat', 'EUR') on conflict do nothing;
        insert into main.transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
        select (select max(id) from main.postings), m.debit_id, m.credit_id, m.amount, m.kind, '2026-11-21'
        from main.payout_movements((select max(id) from main.postings)) m where m.kind <> 'vat_invoice'`);
    });
    expect(refused).toBe('RV011');
  });
});

describe('invoices are the database’s to write', () => {
  beforeEach(async () => {
    await setTaxMode(ctx, german);
    const payouts = await sent();
    await completed(payouts.get('acme')!);
  });

  repels(
    () => ({ logins }),
    [
      attack('one of one’s own', ['42501', '23505'], async ({ sql }) => {
        await sql.unsafe(`
          insert into main.invoices (number, kind, payout_id, change_id, tax_mode_id, mode, vat_ppm, tax_id, partner_name, net_minor, vat_minor,
            gross_minor, issued_on)
          select number, kind, payout_id, change_id, tax_mode_id, mode, vat_ppm, tax_id, partner_name, net_minor, vat_minor, gross_minor, issued_on
          from main.invoices`);
      }),
      attack('another amount', ['42501', 'RV001'], async ({ sql }) => {
        await sql.unsafe(`update main.invoices set net_minor = net_minor - 1, gross_minor = gross_minor - 1`);
      }),
      attack('one less', ['42501', 'RV001'], async ({ sql }) => {
        await sql.unsafe(`delete from main.invoices`);
      }),
      attack('a mode that is not dated by a number of its own', 'RV002', async ({ sql }) => {
        await sql.unsafe(
          `insert into main.tax_modes (partner_id, mode, vat_ppm, tax_id, valid, known_seq)
           select id, 'reverse_charge', 0, 'X1', '[2027-01-01,)', 1 from main.partners where code = 'zenith'`,
        );
      }),
      attack('a mode that is rewritten', ['42501', 'RV001'], async ({ sql }) => {
        await sql.unsafe(`update main.tax_modes set vat_ppm = 0`);
      }),
    ],
  );
});
