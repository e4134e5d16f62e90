import { readOneMoment } from '../../db/queries/as-of.ts';
import { previewStatements as previewRows, statementEntries } from '../../db/queries/statements.ts';
import type { Period } from '../../domain/dates.ts';
import { assertDirectory } from '../../files/directory.ts';
import type { Context } from '../context.ts';
import type { WrittenPapers } from '../paper/write-papers.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { statementPeriod } from './find-statement.ts';
import { writeBatch, type StatementWriter } from './statement-files.ts';

/**
 * Writes what statements of a period would say now, as drafts without a number, into a directory; the period may still be
 * running. Reads the books only, all of them at one moment. Throws UsageError `directory_missing`, NotFoundError `partner_not_found`,
 * and what a file may be refused for.
 */
export async function previewStatements(
  ctx: Context,
  { period, partner }: { readonly period: Period; readonly partner?: string | undefined },
  directory: string,
  writer: StatementWriter,
): Promise<WrittenPapers> {
  assertDirectory(directory);
  return await ctx.db.transaction(async (tx) => {
    await readOneMoment(tx);
    const partnerId = partner === undefined ? null : (await findPartner(tx, partner, today(ctx))).id;
    const days = statementPeriod(ctx, period);
    const rows = await previewRows(tx, days, partnerId);
    async function* drafts() {
      for (const row of rows) {
        const { partnerId: id, content, contentHash, instant, createdBy } = row;
        const entries = await statementEntries(tx, row, days);
        const said = { takenAt: instant, madeBy: createdBy, contentHash, content, entries };
        yield { partnerId: id, statement: { number: null, closed: null, corrects: null, voided: false, ...said } };
      }
    }
    return await writeBatch(ctx, tx, { count: rows.length, statements: drafts() }, directory, writer);
  });
}
