import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { isLogin } from '../../db/queries/grants.ts';
import { RefusedError } from '../../domain/errors.ts';
import { fileFailure } from '../../files/failures.ts';
import type { Context } from '../context.ts';
import { FileComparison, type FirstDifference } from './file-comparison.ts';
import { manifestPathOf, readManifest, type ExportManifest } from './manifest.ts';
import { exportSchema } from './schemas.ts';
import { streamExport, type ExportRecipe, type StreamedExport } from './stream-export.ts';

export interface ExportVerification {
  readonly file: string;
  readonly manifest: ExportManifest;
  /** The file is, byte for byte, the one its manifest was written for. */
  readonly whole: boolean;
  /** The books give these bytes again; null where they were not asked. */
  readonly repeatable: boolean | null;
  /** Where file and books, or file and manifest, part; null where nothing differs. */
  readonly difference: FirstDifference | null;
  /** What differs, one line each; empty when all is well. */
  readonly findings: readonly string[];
  /** What the manifest says and nothing here can prove. */
  readonly unproved: readonly string[];
}

/** Checks a file against its manifest alone: size and hash. Reads no database. Throws UsageError for either missing. */
export async function verifyExportFile(file: string): Promise<ExportVerification> {
  const manifest = await readManifest(manifestPathOf(file));
  const found = await hashFile(file);
  const whole = isWhole(manifest, found);
  return {
    file,
    manifest,
    whole,
    repeatable: null,
    difference: null,
    findings: whole ? [] : [alteredText(manifest, found)],
    unproved: ['all but size and hash of the file: the books were not asked'],
  };
}

/**
 * Checks a file against its manifest and against the books: the export is run again as of the manifest's moment and
 * compared byte by byte with the file, so that a difference is named by its row. Reads only, in constant memory.
 * Throws as `verifyExportFile` and `repeatStream` do.
 */
export async function verifyExport(ctx: Context, file: string): Promise<ExportVerification> {
  const manifest = await readManifest(manifestPathOf(file));
  const found = await hashFile(file);
  const handle = await openFile(file);
  // A workbook has no lines to compare: its bytes tell that it differs, and not where.
  const comparison = manifest.format === 'xlsx' ? null : new FileComparison(handle, manifest.format === 'csv');
  const again = createHash('sha256');
  let streamed: StreamedExport;
  try {
    streamed = await repeatStream(ctx, manifest, async (block) => {
      again.update(block);
      await comparison?.take(block);
    });
    await comparison?.end();
  } finally {
    await handle.close();
  }
  const whole = isWhole(manifest, found);
  const repeatable = again.digest('hex') === manifest.file.sha256;
  const findings = [
    ...(whole ? [] : [alteredText(manifest, found)]),
    ...(repeatable
      ? []
      : [`the books give another file for this manifest: ${streamed.rows} rows, where it says ${manifest.rows}`]),
    ...saidOtherwise(manifest, streamed),
    ...madeOtherwise(ctx, manifest),
  ];
  const unproved = await unprovedOf(ctx, manifest);
  return { file, manifest, whole, repeatable, difference: comparison?.first ?? null, findings, unproved };
}

/** The zone makes days of the period, and it is the programme's; nothing is made before the moment it is of. */
function madeOtherwise(ctx: Context, { filter, as_of, made }: ExportManifest): string[] {
  const { zone } = filter.period;
  return [
    ...(zone === ctx.zone ? [] : [`the manifest's days are of ${zone}; the programme's are of ${ctx.zone}`]),
    ...(made.at >= as_of.instant
      ? []
      : [`the manifest says it was made at ${made.at}, before its moment ${as_of.instant}`]),
  ];
}

/** An export only reads, so the books keep no record of who made it, when and with what. */
async function unprovedOf(ctx: Context, { made }: ExportManifest): Promise<string[]> {
  const known = (await isLogin(ctx.db, made.by)) ? 'is a login of this server' : 'is no login of this server';
  return [`made by ${made.by}, who ${known}, at ${made.at} with revshare ${made.tool} on Postgres ${made.server}`];
}

/** The export of a manifest, from the books it was made from. Throws RefusedError `other_books`, `export_schema_unknown`. */
export async function repeatStream(
  ctx: Context,
  manifest: ExportManifest,
  take: (block: Buffer, rows: number) => Promise<void>,
): Promise<StreamedExport> {
  assertProgramme(ctx, manifest);
  return await streamExport(ctx, recipeOf(manifest), take);
}

function assertProgramme(ctx: Context, { books }: ExportManifest): void {
  if (books.programme === ctx.programme) return;
  throw new RefusedError('other_books', `the manifest is of programme ${books.programme}, not ${ctx.programme}`, {
    hint: `give --programme ${books.programme}`,
  });
}

function recipeOf(manifest: ExportManifest): ExportRecipe {
  const { schema, format, dialect, filter, as_of } = manifest;
  return {
    schema: exportSchema(schema.name, schema.version),
    format,
    dialect,
    filter,
    asOf: as_of,
    founded: manifest.books.founded,
  };
}

function isWhole({ file }: ExportManifest, found: { bytes: number; sha256: string }): boolean {
  return found.sha256 === file.sha256 && found.bytes === file.bytes;
}

function alteredText(manifest: ExportManifest, found: { bytes: number; sha256: string }): string {
  const { bytes, sha256 } = manifest.file;
  if (found.sha256 === sha256)
    return `the manifest was altered: it says ${bytes} bytes, and its hash is of ${found.bytes}`;
  return found.bytes === bytes
    ? `the file was altered: its hash is ${found.sha256}, the manifest says ${sha256}`
    : `the file was altered: it has ${found.bytes} bytes, the manifest says ${bytes}`;
}

/** The hash covers the file; rows and sums are of the manifest alone, and somebody may have changed those. */
export function saidOtherwise(manifest: ExportManifest, streamed: StreamedExport): string[] {
  const text = (sums: ExportManifest['sums']) =>
    sums.map((sum) => `${sum.net} ${sum.currency} in ${sum.rows} ${sum.rows === 1 ? 'row' : 'rows'}`).join(', ');
  const [said, found] = [JSON.stringify(manifest.sums), JSON.stringify(streamed.sums)];
  return [
    ...(manifest.rows === streamed.rows
      ? []
      : [`the manifest says ${manifest.rows} rows; the books give ${streamed.rows}`]),
    ...(manifest.rule_book === null || manifest.rule_book === streamed.ruleBook
      ? []
      : [`the manifest's rule book is ${manifest.rule_book}; that of the books was ${streamed.ruleBook}`]),
    ...(said === found
      ? []
      : [`the manifest's sums are ${text(manifest.sums)}; the books give ${text([...streamed.sums])}`]),
  ];
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw fileFailure(path, error);
  }
}

async function hashFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const handle = await openFile(path);
  const hash = createHash('sha256');
  const block = Buffer.allocUnsafe(256 * 1024);
  let bytes = 0;
  try {
    for (;;) {
      const { bytesRead } = await handle.read(block, 0, block.length, bytes);
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
      hash.update(block.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } catch (error) {
    throw fileFailure(path, error);
  } finally {
    await handle.close();
  }
}
