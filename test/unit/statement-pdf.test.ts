import { beforeAll, describe, expect, it } from 'vitest';
import { statementWriter } from '../../src/cli/statement-writer.ts';
import type { Statement } from '../../src/domain/statement.ts';
import { isolated, piecesOf } from '../../src/formats/paper/lines.ts';
import { openStatementPrinter, type StatementPrinter } from '../../src/formats/paper/statement-pdf.ts';
import { openTypefaces } from '../../src/formats/paper/typefaces.ts';
import { readPdf } from '../support/pdf-pages.ts';
import { statementToPrint } from '../support/printed-statement.ts';

let print: StatementPrinter;
beforeAll(async () => {
  print = await openStatementPrinter({ paper: 'a4', actorsClaimed: false });
});
const printed = async (statement: Statement) => await readPdf(await print(statement, null));
const cents = (text: string) => BigInt(text.replaceAll(/[,.]/g, '').replace('−', '-'));

describe('a printed statement', () => {
  it('says what the statement says, from opening to closing', async () => {
    const { pages } = await printed(statementToPrint({ note: 'Thank you for a good month.' }));
    const lines = pages.flat();
    for (const line of [
      'Opening balance, 1 October 2026 20.00',
      'Paid out −15.00',
      'Tax withheld −4.80',
      'Transfer fees −0.20',
      'Closing balance, 31 October 2026 30.03',
      'Payable from 11 November 2026 1 10.00',
      'Sent, and not arrived yet 7.00',
      '2026-10-14 P00000001A arrived 20.00 4.80 0.20 15.00',
      'Northwind Shop (acme-shop) missing details 2026-10-03 2026-10-09',
      '2026-10-05 C-2 INV-1002/1 earning 2 20% 50.10 10.02',
      'Thank you for a good month.',
      'Payout run 1 ana ben 2026-10-11',
      'Closing of its months cleo 2026-11-22',
      `Content SHA-256 ${'a3f1'.repeat(16)}`,
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.join('\n')).toMatch(/IBAN DE89(…|\.\.\.)3000/);
    expect(lines.join('\n')).toContain('accrual run 12');
    expect(lines.join('\n')).not.toContain('DRAFT');
  });

  it('has one page where there is little to say', async () => {
    expect((await printed(statementToPrint({ short: true }))).pages).toHaveLength(1);
  });

  it('is tagged, with its language and a title', async () => {
    const { tagged, language, title } = await printed(statementToPrint());
    expect({ tagged, language }).toEqual({ tagged: true, language: 'en' });
    expect(title).toBe('Statement ST000002, Acme Resale GmbH, 1–31 October 2026, EUR');
  });

  it('is the same bytes for the same statement, whatever was printed before it', async () => {
    const one = await print(statementToPrint(), null);
    await print(statementToPrint({ partner: 'Łódź شركة', entries: 60 }), null);
    expect((await print(statementToPrint(), null)).equals(one)).toBe(true);
    const again = await openStatementPrinter({ paper: 'a4', actorsClaimed: false });
    expect((await again(statementToPrint(), null)).equals(one)).toBe(true);
  });

  it('carries its sums from page to page, under a head that is repeated, and counts its pages', async () => {
    const statement = statementToPrint({ entries: 200 });
    const { pages } = await printed(statement);
    expect(pages.length).toBeGreaterThan(3);
    let sum = 0n;
    for (const [at, page] of pages.entries()) {
      expect(page.some((line) => line.endsWith(`Page ${at + 1} of ${pages.length}`))).toBe(true);
      const brought = page.find((line) => line.startsWith('Brought forward'));
      if (brought !== undefined) {
        expect(cents(brought.split(' ').at(-1)!)).toBe(sum);
        expect(page).toContain('Every entry, continued');
        expect(page).toContain('Posted Account Reference Kind Rule Rate Base EUR');
      }
      for (const line of page) {
        const entry = / INV-\d+\/1 (?:earning|refund) 2 20% \S+ (\S+)$/.exec(line);
        if (entry !== null) sum += cents(entry[1]!);
      }
      const carried = page.find((line) => line.startsWith('Carried forward'));
      if (carried !== undefined) expect(cents(carried.split(' ').at(-1)!)).toBe(sum);
      else
        expect(at === pages.length - 1 || brought === undefined || page.some((line) => line.startsWith('All'))).toBe(
          true,
        );
    }
    expect(sum).toBe(BigInt(statement.content.totals.entries));
  });

  it('leaves no group without a line, and no sum without what it sums, on a page', async () => {
    for (const entries of [30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42]) {
      const { pages } = await printed(statementToPrint({ entries }));
      for (const page of pages) {
        const body = page.filter((line) => !line.startsWith('Statement ST') && !line.startsWith('Content'));
        expect(body.at(-1)).not.toMatch(/^(Earnings|Reversals): /);
        const afterHead = page[page.indexOf('Every entry, continued') + 2];
        if (page.includes('Every entry, continued')) expect(afterHead).toMatch(/^Brought forward/);
        expect(page[page.indexOf(afterHead ?? '') + 1]).not.toMatch(/^Total /);
      }
    }
  });

  it('prints Latin, Greek, Cyrillic and Arabic, and signs of currencies', async () => {
    const { pages } = await printed(
      statementToPrint({ partner: 'Łódź Ελλάς Волга ₦€₹', instance: 'متجر', accounts: { 'acme-shop/C-1': 'Ådø Ψ' } }),
    );
    const text = pages.flat().join('\n');
    expect(text).toContain('Łódź Ελλάς Волга ₦€₹');
    expect(text).toContain('C-1 Ådø Ψ');
    // The dots of a letter are glyphs of their own, which stand for no letter.
    expect([...text].filter((letter) => letter > ' ').join('')).toContain('متجر');
  });

  it('orders what is read from right to left by the bidirectional algorithm, its brackets mirrored', async () => {
    const typefaces = await openTypefaces();
    const seen = (line: string) => piecesOf(typefaces, 'regular', line).map(({ text }) => text);
    expect(seen('شركة (فرع 2)')).toEqual(['(', '2', ' ', 'شركة )فرع']);
    expect(seen('Acme شركة GmbH')).toEqual(['Acme ', 'شركة', ' GmbH']);
    expect(seen(`${isolated('شركة 7')} (acme)`)).toEqual(['7', ' ', 'شركة', ' (acme)']);
    expect(piecesOf(typefaces, 'bold', 'شركة (7)').map(({ read }) => read)).toEqual([')', '7', ' (', 'شركة']);
  });

  it('refuses a script that is not printed, naming the partner and the letter', async () => {
    for (const unprintable of [
      { partner: 'บริษัท' },
      { instance: '商店' },
      { reference: () => '請求書-1' },
      { note: '😀' },
    ]) {
      await expect(print(statementToPrint(unprintable), null)).rejects.toMatchObject({
        code: 'letter_missing',
        exitCode: 3,
        message: expect.stringContaining('the statement of acme cannot be printed') as string,
      });
    }
  });

  it('takes hostile names for names', async () => {
    const { write } = await statementWriter({ print: { actorsClaimed: false } as never }, { format: 'pdf' });
    const partner = "=cmd|'/C calc'!A1 ../../x \u001b[31mred\u202eevil\u2069\r\n) Tj (x";
    const bytes = await write(statementToPrint({ partner, note: '<b>&amp; %PDF endobj' }), null);
    const { pages, title } = await readPdf(Buffer.from(bytes));
    expect(title).toContain("=cmd|'/C calc'!A1 ../../x redevil ) Tj (x, 1–31");
    const text = pages.flat().join(' ');
    expect(text).toContain("=cmd|'/C calc'!A1 ../../x redevil ) Tj (x");
    expect(text).toContain('<b>&amp; %PDF endobj');
  });

  it('breaks what is too long, and cuts nothing off', async () => {
    const reference = (at: number) => `INV-2026-10-${at}-${'long-'.repeat(12)}end`;
    const { pages, width } = await printed(statementToPrint({ partner: 'W'.repeat(200), reference }));
    expect(width).toBeCloseTo(595.28);
    const text = pages.flat().join('').replaceAll(/\s/g, '');
    expect(text).toContain('long-end');
    expect(text.split('W').length - 1).toBeGreaterThan(60);
  });

  it('stands on other paper, and says when it is a draft', async () => {
    const letter = await openStatementPrinter({ paper: 'letter', actorsClaimed: true });
    const { width, height, pages, title } = await readPdf(await letter(statementToPrint({ draft: true }), null));
    expect([width, height]).toEqual([612, 792]);
    expect(title).toContain('Draft statement, Acme');
    for (const page of pages) expect(page.join('\n')).toContain('DRAFT');
    expect(pages.flat().join('\n')).toContain('as they claimed');
  });

  it.each([true, false])(
    'is not taken for the last word once it is void, its months closed (%s) or open',
    async (closed) => {
      const statement = statementToPrint({ voided: true });
      const { pages, title } = await printed(closed ? statement : { ...statement, closed: null });
      expect(title).toContain('Void statement ST');
      for (const page of pages) expect(page.join('\n')).toContain('VOID');
      const text = pages.flat().join('\n');
      expect(text).toContain('This statement is void; one that was made in its place says so.');
      expect(text).not.toContain('DRAFT');
    },
  );

  it('decimals of currencies stand as they are: none of yen, three of dinars', async () => {
    expect((await printed(statementToPrint({ currency: 'JPY' }))).pages.flat()).toContain(
      'Opening balance, 1 October 2026 2,000',
    );
    expect((await printed(statementToPrint({ currency: 'KWD' }))).pages.flat()).toContain(
      'Opening balance, 1 October 2026 2.000',
    );
  });
});
