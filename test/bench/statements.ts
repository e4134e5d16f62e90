import PDFDocument from 'pdfkit';
import { openStatementPrinter } from '../../src/formats/paper/statement-pdf.ts';
import { openTypefaces, type Typefaces } from '../../src/formats/paper/typefaces.ts';
import { readPdf } from '../support/pdf-pages.ts';
import { statementToPrint } from '../support/printed-statement.ts';
import type { OwnHome } from './own-home.ts';
import { median, say, type Figure } from './report.ts';

const STATEMENTS = 200;
/** As many as a statement of one page has, more or less. */
const [LINES, CELLS] = [50, 3];

/**
 * Statements of one page each, another partner's every time, printed one after the other, beside a page that pdfkit fills with
 * as many words in the same fonts, which are parsed once: neither tagged nor laid out. By processor time, which is what one core
 * does however busy the others are.
 */
export async function benchStatements(_home: OwnHome, _sizes: readonly number[], rounds: number): Promise<Figure[]> {
  const print = await openStatementPrinter({ paper: 'a4', actorsClaimed: false });
  const typefaces = await openTypefaces();
  const statement = (at: number) =>
    statementToPrint({
      partner: `Partner ${at} Łódź`,
      entries: 3,
      short: true,
      reference: (line) => `INV-${at}-${line}`,
    });
  const { pages } = await readPdf(await print(statement(0), null));
  if (pages.length !== 1) throw new Error(`the statement has ${pages.length} pages`);

  const paces = { printed: [] as number[], bare: [] as number[] };
  // The first round finds nothing compiled.
  for (let round = -1; round < rounds; round += 1) {
    const printed = await perSecond(async (at) => await print(statement(at), null));
    const bare = await perSecond(async (at) => await barePage(typefaces, at));
    say(`statements round ${round + 1}: ${printed.toFixed(0)}/s, a bare page ${bare.toFixed(0)}/s`);
    if (round < 0) continue;
    paces.printed.push(printed);
    paces.bare.push(bare);
  }
  const [printed, bare] = [median(paces.printed), median(paces.bare)];
  const bench = 'statements';
  return [
    { bench, name: 'statements of one page, of one core', value: printed, unit: '/s', aim: { atLeast: 60 } },
    { bench, name: 'the same / a page of words by pdfkit', value: printed / bare, unit: '', aim: { atLeast: 0.25 } },
  ];
}

/** So many a second of processor time. */
async function perSecond(work: (at: number) => Promise<unknown>): Promise<number> {
  const began = process.cpuUsage();
  for (let at = 0; at < STATEMENTS; at += 1) await work(at);
  const { user, system } = process.cpuUsage(began);
  return STATEMENTS / ((user + system) / 1_000_000);
}

async function barePage(typefaces: Typefaces, at: number): Promise<Buffer> {
  const document = new PDFDocument({ size: 'A4', margin: 0, font: null as never });
  const [regular, bold] = [typefaces.of('regular')[0]!, typefaces.of('bold')[0]!];
  for (const { name, font } of [regular, bold]) document.registerFont(name, font as never);
  for (let line = 0; line < LINES; line += 1) {
    document.font((line % 4 === 0 ? bold : regular).name, 7.5);
    for (let cell = 0; cell < CELLS; cell += 1) {
      document.text(`INV-${at}-${line} ${cell},123.45`, 48 + 160 * cell, 40 + 15 * line, { lineBreak: false });
    }
  }
  document.end();
  const parts: Buffer[] = [];
  for await (const part of document) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
