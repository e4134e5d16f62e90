import { parsePeriod, type Period } from '../../domain/dates.ts';
import { PLAIN_CSV, type CsvDialect } from '../../formats/csv-dialect.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { exportToFile, type ExportedFile, type ExportTool } from './export-file.ts';
import type { ExportFilter, ExportFormat } from './schema.ts';
import { exportSchema } from './schemas.ts';
import { streamExport, type ExportRecipe, type StreamedExport } from './stream-export.ts';

/** What somebody asks to be exported; what is left out of a filter takes everything. */
export interface AskedExport extends Loosely<Omit<ExportFilter, 'period'>> {
  /** As typed: '2026-10', 'last-month'; of the date that the export goes by. */
  readonly period: string;
  readonly format: ExportFormat;
  /** Of CSV; default RFC 4180. */
  readonly dialect?: CsvDialect;
  /** A date or an instant; null: now. */
  readonly asOf: string | null;
}

type Loosely<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** The period a text means today, for the line that says it back. */
export function exportPeriod(ctx: Context, text: string): Period {
  return parsePeriod(text, today(ctx));
}

/**
 * Writes the latest version of an export, by the name that `export schema` knows, to a file with a manifest. Reads the
 * books only. Throws UsageError for a period or moment that cannot be, NotFoundError, and as `exportToFile`.
 */
export async function writeExport(
  ctx: Context,
  name: string,
  asked: AskedExport,
  out: string,
  tool: ExportTool,
): Promise<ExportedFile> {
  return await exportToFile(ctx, recipeOf(ctx, name, asked), out, tool);
}

/** The same into a stream, block by block; nothing is left to verify or repeat it by but what this returns. */
export async function streamAsked(
  ctx: Context,
  name: string,
  asked: AskedExport,
  take: (block: Buffer) => Promise<void>,
): Promise<StreamedExport> {
  return await streamExport(ctx, recipeOf(ctx, name, asked), take);
}

function recipeOf(ctx: Context, name: string, asked: AskedExport): ExportRecipe {
  const {
    period,
    partner = null,
    instance = null,
    status = null,
    currency = null,
    format,
    asOf,
    dialect = PLAIN_CSV,
  } = asked;
  const filter = { period: datesOf(exportPeriod(ctx, period)), partner, instance, status, currency };
  return { schema: exportSchema(name, null), format, dialect, filter, asOf };
}

/** A period carries more than a manifest keeps of it. */
function datesOf({ label, from, to }: Period): ExportFilter['period'] {
  return { label, from, to };
}
