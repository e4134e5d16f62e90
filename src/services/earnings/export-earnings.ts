import { businessDate, parsePeriod, type Period } from '../../domain/dates.ts';
import type { Context } from '../context.ts';
import { exportToFile, type ExportedFile, type ExportTool } from '../export/export-file.ts';
import { streamExport, type ExportRecipe, type StreamedExport } from '../export/stream-export.ts';
import type { RowFormat } from '../export/schema.ts';
import { earningsExportV1 } from './export-v1.ts';

export interface EarningsExport {
  /** As typed: '2026-10', 'last-month'; of posting dates. */
  readonly period: string;
  readonly partner: string | null;
  readonly instance: string | null;
  readonly format: RowFormat;
  /** A date or an instant; null: now. */
  readonly asOf: string | null;
}

/**
 * Exports the posted entries of a period to a file with a manifest, one row an entry, zero decisions included. Reads the
 * books only. Throws UsageError for a period or moment that cannot be, NotFoundError, and as `exportToFile`.
 */
export async function exportEarnings(
  ctx: Context,
  asked: EarningsExport,
  out: string,
  tool: ExportTool,
): Promise<ExportedFile> {
  return await exportToFile(ctx, recipeOf(ctx, asked), out, tool);
}

/** The same into a stream, block by block; nothing is left to verify or repeat it by but what this returns. */
export async function streamEarnings(
  ctx: Context,
  asked: EarningsExport,
  take: (block: Buffer) => Promise<void>,
): Promise<StreamedExport> {
  return await streamExport(ctx, recipeOf(ctx, asked), take);
}

/** The period a text means today, for the line that says it back. */
export function earningsPeriod(ctx: Context, text: string): Period {
  return parsePeriod(text, businessDate(ctx.clock.now(), ctx.zone));
}

function recipeOf(ctx: Context, { period, partner, instance, format, asOf }: EarningsExport): ExportRecipe {
  const { label, from, to } = earningsPeriod(ctx, period);
  return { schema: earningsExportV1, format, filter: { period: { label, from, to }, partner, instance }, asOf };
}
