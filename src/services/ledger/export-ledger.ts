import { ledgerSpan } from '../../db/queries/ledger.ts';
import { addDays, parsePeriod, type Period } from '../../domain/dates.ts';
import type { Context } from '../context.ts';
import { exportToFile, type ExportedFile, type ExportTool } from '../export/export-file.ts';
import type { ExportFormat } from '../export/schema.ts';
import { streamExport, type ExportRecipe, type StreamedExport } from '../export/stream-export.ts';
import { today } from '../today.ts';
import { ledgerExportV1 } from './export-v1.ts';

export interface LedgerExport {
  readonly format: ExportFormat;
  /** Which posting dates: see `ledgerPeriod`. */
  readonly period: Period;
  /** A date or an instant; null: now. */
  readonly asOf: string | null;
}

/**
 * The posting dates of an export: of a period as typed; or from the first there is up to, not including, `to`; or all of
 * them. Reads only. Throws UsageError for a period that cannot be.
 */
export async function ledgerPeriod(
  ctx: Context,
  asked: { readonly period?: string | undefined; readonly to?: string | undefined },
): Promise<Period> {
  const day = today(ctx);
  if (asked.period !== undefined) return parsePeriod(asked.period, day);
  const span = await ledgerSpan(ctx.db);
  const last = asked.to === undefined ? (span?.last ?? day) : addDays(asked.to, -1);
  const first = span === null || span.first > last ? last : span.first;
  return parsePeriod(`${first}..${last}`, day);
}

/**
 * Writes the transfers of some posting dates to a file with a manifest: as rows, or as a journal that hledger, ledger or
 * beancount reads, whose balances are ours. Reads the books only. Throws as `exportToFile`.
 */
export async function exportLedger(
  ctx: Context,
  asked: LedgerExport,
  out: string,
  tool: ExportTool,
): Promise<ExportedFile> {
  return await exportToFile(ctx, recipeOf(asked), out, tool);
}

/** The same into a stream, block by block; nothing is left to verify or repeat it by but what this returns. */
export async function streamLedger(
  ctx: Context,
  asked: LedgerExport,
  take: (block: Buffer) => Promise<void>,
): Promise<StreamedExport> {
  return await streamExport(ctx, recipeOf(asked), take);
}

function recipeOf({ period: { label, from, to }, format, asOf }: LedgerExport): ExportRecipe {
  const filter = { period: { label, from, to }, partner: null, instance: null };
  return { schema: ledgerExportV1, format, filter, asOf };
}
