import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { parseInvoiceNumber } from '../../domain/invoices.ts';
import { parseStatementNumber } from '../../domain/statement.ts';
import { UsageError } from '../../domain/errors.ts';
import { readWhole } from '../../files/read-whole.ts';
import type { Context } from '../context.ts';
import { verifyInvoiceFile } from '../invoice/verify-invoice-file.ts';
import type { PrintInvoice } from '../invoice/write-invoices.ts';
import { verifyJournalFile } from '../journal/verify-journal-file.ts';
import type { StatementWriter } from '../statement/statement-files.ts';
import { verifyStatementFile } from '../statement/verify-statement-file.ts';
import type { FileProof } from './file-proof.ts';
import { manifestPathOf } from './manifest.ts';

export type StatementFormat = 'csv' | 'json' | 'pdf';

/** What writes papers again, on every paper that there is. */
export interface Writers {
  statements(format: StatementFormat): Promise<readonly StatementWriter[]>;
  invoices(): Promise<readonly PrintInvoice[]>;
}

/** Whether a file is an export's: those of statements and journals have no manifest, for the books keep what they are of. */
export const hasManifest = (file: string): boolean => existsSync(manifestPathOf(file));

/**
 * Proves a file without a manifest: of a journal by the hash that was recorded, of a statement or an invoice by writing it again.
 * Reads the books only. Throws UsageError `file_unknown` where it is none of them, and what a file may be refused for.
 */
export async function verifyIssuedFile(
  ctx: Context,
  file: string,
  writers: Writers,
): Promise<FileProof & { readonly sha256: string }> {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LARGEST_BYTES) throw unknownFile(file);
  const bytes = await readWhole(file, file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const paper = paperOf(basename(file), bytes);
  if (paper !== null) return { ...(await verifyPaper(ctx, paper, bytes, writers)), sha256 };
  const journal = await verifyJournalFile(ctx, { sha256, start: bytes.toString('latin1', 0, 64 * 1024) });
  if (journal === null) throw unknownFile(file);
  return { ...journal, sha256 };
}

/** More than any statement or journal has. */
const LARGEST_BYTES = 512 * 1024 * 1024;

interface IssuedPaper {
  /** ST000042, SB000042 */
  readonly number: string;
  readonly format: StatementFormat;
}

/** By what is in it; a CSV holds nothing but lines, and is known by the name that it was written under. */
function paperOf(name: string, bytes: Buffer): IssuedPaper | null {
  const found = (format: StatementFormat, pattern: RegExp, text: string) => {
    const number = pattern.exec(text)?.[1];
    return number === undefined ? null : { format, number };
  };
  if (bytes.toString('latin1', 0, 5) === '%PDF-') {
    return found('pdf', /<rdf:li xml:lang="x-default">[^<,]*\b(S[TB]\d{6,15}),/, bytes.toString('latin1'));
  }
  if (bytes.toString('latin1', 0, 1) === '{') {
    return found('json', /^\{\s*"number": "(ST\d{6,15})"/, bytes.toString('latin1', 0, 80));
  }
  return found('csv', /^(ST\d{6,15})-[^/]*\.csv$/, name);
}

async function verifyPaper(
  ctx: Context,
  { number, format }: IssuedPaper,
  bytes: Buffer,
  writers: Writers,
): Promise<FileProof> {
  return number.startsWith('SB')
    ? await verifyInvoiceFile(ctx, parseInvoiceNumber(number), bytes, await writers.invoices())
    : await verifyStatementFile(ctx, parseStatementNumber(number), bytes, await writers.statements(format));
}

function unknownFile(file: string): UsageError {
  return new UsageError(
    'file_unknown',
    `${file} has no manifest beside it, and is no statement, invoice or journal of these books`,
    {
      hint:
        'an export wrote FILE.manifest.json beside its file: keep the two together. A statement as CSV is known by its name, ' +
        'ST000042-PARTNER-EUR.csv; what was changed in a journal, and a draft, is proved by nothing',
    },
  );
}
