import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInvoicePrinter } from '../../src/formats/paper/invoice-pdf.ts';
import type { Context } from '../../src/services/context.ts';
import { setDeductions } from '../../src/services/deduction/deductions.ts';
import { verifyIssuedFile } from '../../src/services/export/verify-issued-file.ts';
import { writeInvoices, type InvoicesToWrite } from '../../src/services/invoice/write-invoices.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { completePayouts, returnPayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { setTaxMode } from '../../src/services/tax-mode/tax-modes.ts';
import { openBooks } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { earn } from '../support/earnings.ts';
import { readPdf } from '../support/pdf-pages.ts';

/** Invoices on paper: acme is billed with VAT and gives its money back, zenith by reverse charge. Today is 21 November 2026. */
let database: TestDatabase;
let ctx: Context;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'revshare-invoices-'));
  database = await testDatabase();
  ctx = await database.context();
  const checker = await database.context({ actor: 'checker' });
  const operator = await database.as('tester');
  const books = await openBooks(operator);
  const from = '2026-01-01';
  await setTaxMode(ctx, { partner: 'acme', mode: 'self_billed', vatPpm: 190_000, taxId: 'DE123456789', from });
  await setTaxMode(ctx, { partner: 'zenith', mode: 'reverse_charge', taxId: 'ATU12345678', from });
  await setDeductions(ctx, { withholdingPpm: 100_000, fee: '1.00', currency: 'EUR', from });
  await earn(operator, books, [
    { instance: 'acme-uk', amount: 11_000 },
    { instance: 'acme-ie', amount: 900 },
    { instance: 'zenith-de', amount: 5_000 },
  ]);
  const { run, payouts } = await generatePayouts(ctx);
  await approveRun(checker, { run: run! });
  await submitPayouts(ctx, { run: run! });
  for (const { number } of payouts) await completePayouts(ctx, { payouts: { numbers: [number] } });
});
afterAll(async () => {
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

async function files(which: InvoicesToWrite, paper: 'a4' | 'letter' = 'a4'): Promise<Map<string, Buffer>> {
  const print = await openInvoicePrinter({ paper, actorsClaimed: false });
  const written = await writeInvoices(ctx, which, directory, print);
  return new Map(written.files.map(({ number, file }) => [number!, readFileSync(file)]));
}
const linesOf = async (bytes: Buffer) => (await readPdf(bytes)).pages.flat();

describe('the file of an invoice', () => {
  it('is proved by printing it again, on whatever paper; and is not what was altered', async () => {
    const printers = await Promise.all(
      (['a4', 'letter'] as const).map((paper) => openInvoicePrinter({ paper, actorsClaimed: false })),
    );
    const writers = {
      statements: () => Promise.reject(new Error('asked for')),
      invoices: () => Promise.resolve(printers),
    };
    await files({ numbers: [2] }, 'letter');
    const file = join(directory, 'SB000002-zenith-EUR.pdf');
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(await verifyIssuedFile(ctx, file, writers)).toMatchObject({
      ...{ of: 'invoice SB000002', whole: true, findings: [], notes: [], sha256 },
    });
    const other = join(directory, 'theirs.pdf');
    writeFileSync(other, readFileSync(file, 'latin1').replace('%%EOF', '%%eof'), 'latin1');
    expect(await verifyIssuedFile(ctx, other, writers)).toMatchObject({
      ...{ of: 'invoice SB000002', whole: false },
      findings: ['it is not what SB000002 says as PDF, by the brand of its partner as it is now'],
    });
    for (const done of [file, other]) rmSync(done);
  });
});

describe('a printed invoice', () => {
  it('says who supplied whom with what, for how much, of which VAT, and how it was paid', async () => {
    const printed = await files({ numbers: [1] });
    expect(readdirSync(directory)).toEqual(['SB000001-acme-EUR.pdf']);
    const { tagged, language, title, pages } = await readPdf(printed.get('SB000001')!);
    expect({ tagged, language, title, pages: pages.length }).toEqual({
      ...{ tagged: true, language: 'en', pages: 1 },
      title: 'Self-billed invoice SB000001, Acme, 21 November 2026, EUR',
    });
    const lines = pages.flat();
    const of = lines.indexOf('Partner services supplied');
    expect(lines.slice(of, of + 14)).toEqual([
      'Partner services supplied',
      'Instance From To Entries EUR, VAT included',
      expect.stringMatching(/^acme-ie \S+ \S+ 1 9\.00$/),
      expect.stringMatching(/^acme-uk \S+ \S+ 1 110\.00$/),
      'Gross 119.00',
      'Amounts in EUR',
      'VAT Rate Net VAT Gross',
      'Included in what is paid 19% 100.00 19.00 119.00',
      'How it was paid',
      'EUR',
      'Gross 119.00',
      'Tax withheld −11.90',
      'Transfer fee −1.00',
      expect.stringMatching(/^Sent by payout P\d+A 106\.10$/),
    ]);
    expect(lines).toContain('Self-billing.');
    expect(lines.join('\n')).toContain('Tax number DE123456789 · acme');
  });

  it('of reverse charge says who owes the VAT, which it has none of', async () => {
    const lines = await linesOf((await files({ partner: 'zenith' }, 'letter')).get('SB000002')!);
    expect(lines).toContain('Reverse charge 0% 50.00 0.00 50.00');
    expect(lines).toContain('Self-billing. Reverse charge: VAT is owed by the recipient of the service.');
    expect(lines).toContain('Instance From To Entries EUR');
  });

  it('is the same bytes again, also once it is taken back by a credit note, which says of what', async () => {
    const before = (await files({})).get('SB000001')!;
    const [payout] = await ctx.db.sql<{ number: string }[]>`
      select u.number from invoices i join payouts u on u.id = i.payout_id where i.number = 1`;
    await returnPayouts(ctx, { payouts: { numbers: [payout!.number] }, reason: 'unknown account' });
    const now = await files({ from: '2026-11-01', to: '2026-12-01' });
    expect([...now.keys()]).toEqual(['SB000001', 'SB000002', 'SB000003']);
    expect(now.get('SB000001')!.equals(before)).toBe(true);
    const lines = await linesOf(now.get('SB000003')!);
    expect(lines[0]).toMatch(/Credit note$/);
    expect(lines).toContain('It takes back invoice SB000001, all of it.');
    expect(lines).toContain('What came back');
  });

  it('is refused by name where nothing prints the supplier’s, and the others are written', async () => {
    const print = await openInvoicePrinter({ paper: 'a4', actorsClaimed: false });
    const written = await writeInvoices(
      ctx,
      {},
      directory,
      async (invoice, brand) =>
        await print(invoice.partner === 'zenith' ? { ...invoice, partnerName: 'บริษัท' } : invoice, brand),
    );
    expect(written.files.map(({ number }) => number)).toEqual(['SB000001', 'SB000003']);
    expect(written.refused).toEqual([expect.stringContaining('the invoice of zenith cannot be printed')]);
    await expect(writeInvoices(ctx, { numbers: [9] }, directory, print)).rejects.toMatchObject({
      code: 'invoice_not_found',
    });
    await expect(writeInvoices(ctx, { partner: 'acne' }, directory, print)).rejects.toMatchObject({
      code: 'partner_not_found',
    });
  });
});
