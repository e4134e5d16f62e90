import type { Brand } from '../../domain/brand.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Statement } from '../../domain/statement.ts';
import { canvasOf } from './canvas.ts';
import { missingLetter } from './lines.ts';
import { pagesOf, PAPERS, type PaperName } from './pages.ts';
import { paint, titleOf } from './paint.ts';
import { openTypefaces } from './typefaces.ts';
import { periodText, textsOf } from './wording.ts';

/** A printed statement; what it says arrives as it is to be read, without controls. */
export type StatementPrinter = (statement: Statement, brand: Brand | null) => Promise<Buffer>;

export interface PrinterOptions {
  readonly paper: PaperName;
  /** Nobody proves the names of those who made and approved it, which it then says. */
  readonly actorsClaimed: boolean;
}

/**
 * Opens what printing needs, once for a batch. A statement and a brand make the same bytes whenever they are printed: its
 * dates are those of the moment that the statement was made. The printer throws RefusedError `letter_missing` for a text
 * with a letter that no font has, naming the partner.
 */
export async function openStatementPrinter({ paper, actorsClaimed }: PrinterOptions): Promise<StatementPrinter> {
  const [{ default: PDFDocument }, typefaces] = await Promise.all([import('pdfkit'), openTypefaces()]);
  const { width, height } = PAPERS[paper];
  return async (statement, brand) => {
    const { content, takenAt } = statement;
    for (const text of [...textsOf(statement), brand?.name ?? '']) {
      const letter = missingLetter(typefaces, text);
      if (letter !== null) throw letterMissing(content.partner.code, letter, text);
    }
    const moment = new Date(takenAt);
    const title = `${titleOf(statement)}, ${content.names.partner}, ${periodText(content.period)}, ${content.currency}`;
    const document = new PDFDocument({
      size: [width, height],
      margin: 0,
      autoFirstPage: false,
      pdfVersion: '1.7',
      lang: 'en',
      tagged: true,
      displayTitle: true,
      fontLayoutCache: false,
      // Otherwise Helvetica is opened for each document, and used for nothing.
      font: null as never,
      info: {
        Title: title,
        Author: brand?.name ?? content.names.programme,
        Creator: 'revshare',
        Producer: 'revshare',
        CreationDate: moment,
        ModDate: moment,
      },
    });
    const pages = pagesOf(typefaces, statement, PAPERS[paper], actorsClaimed);
    paint(canvasOf(document, typefaces), statement, brand, pages, PAPERS[paper]);
    document.end();
    // A logo that lets the paper shine through is taken apart beside us.
    const parts: Buffer[] = [];
    for await (const part of document) parts.push(part as Buffer);
    return Buffer.concat(parts);
  };
}

function letterMissing(partner: string, letter: string, text: string): RefusedError {
  const code = letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return new RefusedError(
    'letter_missing',
    `the statement of ${partner} cannot be printed: no font here has '${letter}' (U+${code}) of '${text.slice(0, 60)}'`,
    { hint: 'its CSV and JSON hold any script; Latin, Greek, Cyrillic and Arabic are printed' },
  );
}
