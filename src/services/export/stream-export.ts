import { copyOut, type TakeBlock } from '../../db/copy-out.ts';
import type { Connection } from '../../db/connection.ts';
import { bookIdentity, readOneMoment, type AsOf } from '../../db/queries/as-of.ts';
import { BYTE_ORDER_MARK, type CsvDialect } from '../../formats/csv-dialect.ts';
import { ruleBookHash } from '../../db/queries/book-hash.ts';
import { IntegrityError, RefusedError, UsageError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { resolveMoment } from './moment.ts';
import { WorkbookExport } from './workbook-export.ts';
import type { ExportFilter, ExportFormat, ExportSchema, ExportSum, PreparedExport } from './schema.ts';

/** Everything an export is a function of. */
export interface ExportRecipe {
  readonly schema: ExportSchema;
  readonly format: ExportFormat;
  /** Of CSV; any other format has but one. */
  readonly dialect: CsvDialect;
  readonly filter: ExportFilter;
  /** A moment of a manifest, or what --as-of said (null: now). */
  readonly asOf: AsOf | string | null;
  /** Which books it must be, by when they were founded; left out where any will do. */
  readonly founded?: string;
}

export interface StreamedExport {
  readonly asOf: AsOf;
  /** When the books were founded: which books these are. */
  readonly founded: string;
  readonly facts: Readonly<Record<string, number>>;
  /** Hash of the rules as of the moment, as `ledger hash` tells it of its section `rules`. */
  readonly ruleBook: string;
  readonly rows: number;
  readonly sums: readonly ExportSum[];
  readonly serverVersion: string;
  /** The server's time at which it was made. */
  readonly madeAt: string;
}

/**
 * Runs an export and hands its bytes, in blocks of whole rows (of a workbook: as they come), to `take`. Everything is read in one snapshot; the rows
 * that passed are compared with a count that the database makes apart. Reads only, in constant memory.
 *
 * Throws UsageError for an --as-of that cannot be, NotFoundError for codes that do not exist, IntegrityError
 * `export_rows_differ`.
 */
export async function streamExport(ctx: Context, recipe: ExportRecipe, take: TakeBlock): Promise<StreamedExport> {
  const { schema, filter } = recipe;
  return await ctx.db.transaction(async (tx) => {
    await readOneMoment(tx);
    const founded = await bookIdentity(tx);
    if (recipe.founded !== undefined && recipe.founded !== founded) {
      throw new RefusedError(
        'other_books',
        `the manifest is of books founded at ${recipe.founded}, and programme ${ctx.programme} here was founded at ${founded}`,
        { hint: 'use the home or DATABASE_URL that the export was made with, or a restored backup of it' },
      );
    }
    const asked = recipe.asOf === null || typeof recipe.asOf === 'string' ? recipe.asOf : null;
    const now = await resolveMoment(tx, asked, ctx.zone);
    const asOf = recipe.asOf === null || typeof recipe.asOf === 'string' ? now : recipe.asOf;
    const prepared = await schema.prepare(tx, filter, asOf);
    const ruleBook = await ruleBookHash(tx, asOf);

    let passed = 0;
    const workbook = recipe.format === 'xlsx' ? new WorkbookExport(schema) : null;
    const rows = await writeRows(ctx, tx, prepared, recipe, async (block, count) => {
      await take(workbook === null ? block : workbook.take(block), count);
      passed += count;
      ctx.progress.step(`${schema.name} export`, passed, null);
    });
    ctx.progress.done();
    // After the COPY, on the same connection: it answers only if the COPY came to its end.
    const sums = await prepared.sums();
    const counted = sums.reduce((sum, one) => sum + one.rows, 0);
    if (counted !== rows) {
      throw new IntegrityError(
        'export_rows_differ',
        `the export has ${rows} rows, and the books count ${counted} entries`,
        {
          hint: 'an entry refers to something that is not there: run `revshare doctor`',
        },
      );
    }
    if (workbook !== null) {
      const facts = { programme: ctx.programme, zone: ctx.zone, founded, filter, asOf, ruleBook, rows, sums };
      await take(workbook.end(facts), 0);
    }
    const { instant, snapshot } = asOf;
    return {
      asOf: { instant, snapshot },
      founded,
      facts: prepared.facts,
      ruleBook,
      rows,
      sums,
      serverVersion: now.serverVersion,
      madeAt: now.now,
    };
  });
}

/** Hands all rows to `take` and returns how many there were. */
async function writeRows(
  ctx: Context,
  tx: Connection,
  prepared: PreparedExport,
  { format, dialect }: ExportRecipe,
  take: TakeBlock,
): Promise<number> {
  if (format === 'csv') {
    if (dialect.bom) await take(BYTE_ORDER_MARK, 0);
    // RFC 4180
    const copy = { statement: prepared.statement({ format, dialect }), heading: true, lineEnd: '\r\n' } as const;
    return await copyOut(tx, ctx.db, copy, take);
  }
  if (format === 'ndjson' || format === 'xlsx') {
    const shape = { format: format === 'xlsx' ? 'cells' : format } as const;
    const copy = { statement: prepared.statement(shape), heading: false, lineEnd: '\n' } as const;
    return await copyOut(tx, ctx.db, copy, take);
  }
  if (prepared.journal === undefined) {
    throw new UsageError('export_format_unknown', `this export is never written as ${format}`, {
      hint: 'the manifest was altered: find the one that was written',
    });
  }
  let rows = 0;
  for await (const block of prepared.journal(format)) {
    await take(Buffer.from(block.text, 'utf8'), block.rows);
    rows += block.rows;
  }
  return rows;
}
