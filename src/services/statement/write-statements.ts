import type { Connection } from '../../db/connection.ts';
import {
  selectStatements,
  statementContent,
  statementEntries,
  type StatementRow,
} from '../../db/queries/statements.ts';
import { ALL_ROWS } from '../../db/queries/order.ts';
import { IntegrityError } from '../../domain/errors.ts';
import { formatStatementNumber, type Statement } from '../../domain/statement.ts';
import { assertDirectory } from '../../files/directory.ts';
import type { Context } from '../context.ts';
import type { WrittenPapers } from '../paper/write-papers.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { findStatement, statementPeriod } from './find-statement.ts';
import type { ListedStatements } from './list-statements.ts';
import { writeBatch, type StatementWriter } from './statement-files.ts';

/**
 * Writes statements into a directory, a file for each; of what was issued, so that the same bytes come out whenever it is
 * done (of a PDF: as long as its brand is the same, its months are closed or open, and it is not voided). A file appears whole or not at all. Reads the books only. Throws UsageError
 * `directory_missing`, NotFoundError `statement_not_found`, `partner_not_found`, IntegrityError `statement_differs`, and what a
 * file may be refused for.
 */
export async function writeStatements(
  ctx: Context,
  { numbers, ...filter }: ListedStatements & { readonly numbers?: readonly number[] | undefined },
  directory: string,
  writer: StatementWriter,
): Promise<WrittenPapers> {
  assertDirectory(directory);
  if (filter.partner !== undefined) await findPartner(ctx.db, filter.partner, today(ctx));
  const rows = numbers === undefined ? await selectStatements(ctx.db, { ...filter, live: true }, ALL_ROWS) : [];
  for (const number of numbers ?? []) rows.push(await findStatement(ctx.db, number));
  async function* issued() {
    for (const row of rows) yield { partnerId: row.partnerId, statement: await issuedStatement(ctx, ctx.db, row) };
  }
  return await writeBatch(ctx, ctx.db, { count: rows.length, statements: issued() }, directory, writer);
}

/** As it was issued. @throws IntegrityError `statement_differs` where its entries are no longer those it was issued with */
export async function issuedStatement(ctx: Context, tx: Connection, row: StatementRow): Promise<Statement> {
  const content = await statementContent(tx, row.id);
  const entries = await statementEntries(tx, row, statementPeriod(ctx, { from: row.periodFrom, to: row.periodTo }));
  const number = formatStatementNumber(row.number);
  const sum = (amounts: readonly { readonly amount: string }[]) =>
    amounts.reduce((total, { amount }) => total + BigInt(amount), 0n);
  if (entries.length !== content.details.entries || sum(entries) !== sum(content.groups)) {
    throw new IntegrityError('statement_differs', `the entries of ${number} are not those it was issued with`, {
      hint: 'run `revshare doctor`, and send nothing until it is understood',
    });
  }
  return {
    number,
    closed: row.closedBy === null || row.closedOn === null ? null : { by: row.closedBy, on: row.closedOn },
    corrects: row.corrects === null ? null : formatStatementNumber(row.corrects),
    voided: row.voided,
    takenAt: row.instant,
    madeBy: row.createdBy,
    contentHash: row.contentHash,
    content,
    entries,
  };
}
