import type { Brand } from '../../domain/brand.ts';
import { RefusedError } from '../../domain/errors.ts';
import { canvasOf } from './canvas.ts';
import { missingLetter } from './lines.ts';
import { pagesOf, PAPERS, type PaperName } from './pages.ts';
import { paint } from './paint.ts';
import type { Sheet } from './sheet.ts';
import { openTypefaces } from './typefaces.ts';

/** A printed sheet; what it says arrives as it is to be read, without controls. */
export type Printer = (sheet: Sheet, brand: Brand | null) => Promise<Buffer>;

export interface PrinterOptions {
  readonly paper: PaperName;
  /** Nobody proves the names of those who made and approved it, which it then says. */
  readonly actorsClaimed: boolean;
}

/**
 * Opens what printing needs, once for a batch. A sheet and a brand make the same bytes whenever they are printed: its
 * dates are those of its moment. The printer throws RefusedError `letter_missing` for a text with a letter that no font has,
 * naming whose paper it is.
 */
export async function openPrinter(paper: PaperName): Promise<Printer> {
  const [{ default: PDFDocument }, typefaces] = await Promise.all([import('pdfkit'), openTypefaces()]);
  const { width, height } = PAPERS[paper];
  return async (sheet, brand) => {
    for (const text of [...sheet.texts, brand?.name ?? '']) {
      const letter = missingLetter(typefaces, text);
      if (letter !== null) throw letterMissing(sheet.called, letter, text);
    }
    const moment = new Date(sheet.moment);
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
        Title: sheet.title,
        Author: brand?.name ?? sheet.house,
        Creator: 'revshare',
        Producer: 'revshare',
        CreationDate: moment,
        ModDate: moment,
      },
    });
    paint(canvasOf(document, typefaces), sheet, brand, pagesOf(typefaces, sheet, PAPERS[paper]), PAPERS[paper]);
    document.end();
    // A logo that lets the paper shine through is taken apart beside us.
    const parts: Buffer[] = [];
    for await (const part of document) parts.push(part as Buffer);
    return Buffer.concat(parts);
  };
}

function letterMissing(called: string, letter: string, text: string): RefusedError {
  const code = letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return new RefusedError(
    'letter_missing',
    `${called} cannot be printed: no font here has '${letter}' (U+${code}) of '${text.slice(0, 60)}'`,
    { hint: 'its CSV and JSON hold any script; Latin, Greek, Cyrillic and Arabic are printed' },
  );
}
