import { UsageError } from '../domain/errors.ts';
import { LOCALE_NAMES, PLAIN_CSV, type CsvDialect, type Locale } from '../formats/csv-dialect.ts';
import type { Context } from '../services/context.ts';
import { EXPORT_FORMATS, ROW_FORMATS, type RowFormat } from '../services/export/schema.ts';
import { exportPeriod, streamAsked, writeExport, type AskedExport } from '../services/export/write-export.ts';
import { command, type Command, type Example, type Invocation } from './command.ts';
import { readCurrency } from './currency-reading.ts';
import { exportedColumns } from './exported-columns.ts';
import { fileOf } from './file-format.ts';
import { printRow } from './output/printer.ts';
import { flag, option, requiredOption } from './parameters.ts';

export interface ExportDeclaration {
  /** As `export schema` knows it. */
  readonly name: string;
  readonly summary: string;
  /** What is a row of it, and what it has of the period. */
  readonly rows: string;
  /** Which date the period is of. */
  readonly dated: string;
  /** Its period is whole years, and no instance by itself has any. */
  readonly years?: boolean;
  /** What the statuses of a row can be. */
  readonly statuses: readonly string[];
  readonly examples: readonly Example[];
}

/** How a file of rows may be asked for. */
export const dialectParameters = {
  excel: flag('--excel', 'a CSV with a byte order mark, as Excel wants UTF-8'),
  locale: option<Locale>('--locale <locale>', 'a CSV for spreadsheets of a country: de has ; and a decimal comma', {
    choices: LOCALE_NAMES,
  }),
};

/** Makes `export` of a noun: rows of a period, in a file that can be proved and repeated. */
export function exportCommand({
  name,
  summary,
  rows,
  dated,
  years = false,
  statuses,
  examples,
}: ExportDeclaration): Command {
  const ofInstance = { instance: option('--instance <code>', 'of this instance') };
  return command({
    verb: 'export',
    summary,
    description:
      `${rows} Columns of \`export schema ${name}\`. Beside the file stands its manifest: filter, moment, rows, sums, ` +
      'hash. `export verify FILE` proves it, `export repeat MANIFEST` makes the same bytes whatever happened since. The ' +
      'file appears whole or not at all. With --out - the rows go to stdout, and there is no manifest.',
    parameters: {
      period: requiredOption(
        '--period <period>',
        years
          ? `${dated}: 2026, or 2025-01-01..2026-12-31`
          : `${dated}: 2026-10, 2026-Q4, 2026, last-month or 2026-10-01..2026-10-31`,
      ),
      out: requiredOption('--out <file>', 'the file to write, or - for stdout'),
      partner: option('--partner <code>', 'of this partner'),
      ...((years ? {} : ofInstance) as typeof ofInstance),
      status: option('--status <status>', 'in this status', { choices: statuses }),
      currency: option('--currency <code>', 'in this currency', { read: readCurrency }),
      format: option<RowFormat>(
        '--format <format>',
        'how rows are written; default csv; xlsx: real numbers and dates, a summary',
        { choices: ROW_FORMATS },
      ),
      ...dialectParameters,
      asOf: option('--as-of <date>', 'the books as of this date or instant; default now'),
    },
    examples,
    async run(invocation, { out, format = 'csv', excel, locale, asOf = null, ...selection }) {
      const ctx = await invocation.context();
      const asked = { ...selection, format, dialect: dialectOf(format, { excel, locale }), asOf };
      await printExport(invocation, ctx, { name, asked, out });
    },
  });
}

/** Only CSV has dialects. Throws UsageError `dialect_of_csv`. */
export function dialectOf(
  format: AskedExport['format'],
  { excel, locale }: { readonly excel: boolean; readonly locale: Locale | undefined },
): CsvDialect {
  if (format !== 'csv' && (excel || locale !== undefined)) {
    throw new UsageError('dialect_of_csv', `${excel ? '--excel' : '--locale'} is about CSV, and this is ${format}`, {
      hint: 'leave it out: every other format is read alike everywhere',
    });
  }
  return { locale: locale ?? PLAIN_CSV.locale, bom: excel };
}

export interface PrintedExport {
  /** As `export schema` knows it. */
  readonly name: string;
  readonly asked: AskedExport;
  /** A file, or `-` for stdout. */
  readonly out: string;
  /** What is counted where no manifest tells; default rows. */
  readonly plural?: string;
}

/** Writes an export to where --out says, and prints what it wrote. */
export async function printExport(
  invocation: Invocation,
  ctx: Context,
  { name, asked, out, plural = 'rows' }: PrintedExport,
): Promise<void> {
  if (out === '-' && asked.format === 'xlsx') {
    throw new UsageError('xlsx_to_stdout', 'a workbook is no text, and stdout takes text', {
      hint: `give --out ${name}.xlsx, or another --format`,
    });
  }
  const path = out === '-' ? null : invocation.path(fileOf(out, asked.format, EXPORT_FORMATS));
  const { label, from, to } = exportPeriod(ctx, asked.period);
  await invocation.note(`period ${label}: ${from} up to, not including, ${to} (${ctx.zone})`);
  if (path === null) {
    const { rows, asOf: moment } = await streamAsked(ctx, name, asked, async (block) => {
      await invocation.print.out.write(block.toString('utf8'));
    });
    return await invocation.note(`${rows} ${plural} as of ${moment.instant}`);
  }
  const exported = await writeExport(ctx, name, asked, path, { version: invocation.host.version });
  await printRow(invocation.print, exportedColumns, exported, (row) => row.path);
}
