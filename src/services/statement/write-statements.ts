import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from '../../db/connection.ts';
import {
  selectStatements,
  statementContent,
  statementEntries,
  type StatementRow,
} from '../../db/queries/statements.ts';
import { IntegrityError, UsageError } from '../../domain/errors.ts';
import { formatStatementNumber, type Statement } from '../../domain/statement.ts';
import { draftFile } from '../../files/publish.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { findStatement, statementPeriod } from './find-statement.ts';
import type { ListedStatements } from './list-statements.ts';

/** The ending of the files, and the text of each. */
export interface StatementWriter {
  readonly ending: string;
  write(statement: Statement): string;
}

export interface StatementFile {
  readonly number: string;
  readonly partner: string;
  readonly currency: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes statements into a directory, a file for each; of what was issued, so that the same bytes come out
 * whenever it is done. A file appears whole or not at all. Reads the books only. Throws UsageError `directory_missing`,
 * NotFoundError `statement_not_found`, `partner_not_found`, IntegrityError `statement_differs`, and what a file may be refused for.
 */
export async function writeStatements(
  ctx: Context,
  { numbers, ...filter }: ListedStatements & { readonly numbers?: readonly number[] | undefined },
  directory: string,
  { ending, write }: StatementWriter,
): Promise<StatementFile[]> {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError('directory_missing', `${directory} is no directory`, {
      hint: `make it first: mkdir -p ${directory}`,
    });
  }
  if (filter.partner !== undefined) await findPartner(ctx.db, filter.partner, today(ctx));
  const rows = numbers === undefined ? await selectStatements(ctx.db, { ...filter, live: true }, ALL) : [];
  for (const number of numbers ?? []) rows.push(await findStatement(ctx.db, number));
  const files: StatementFile[] = [];
  for (const [at, row] of rows.entries()) {
    ctx.progress.step('writing statements', at, rows.length);
    const statement = await issuedStatement(ctx, ctx.db, row);
    const file = join(directory, `${statement.number}-${row.partner}-${row.currency}.${ending}`);
    const draft = await draftFile(file);
    try {
      await draft.write(Buffer.from(write(statement)));
      const { bytes, sha256 } = await draft.finish();
      await draft.publish();
      files.push({ number: statement.number, partner: row.partner, currency: row.currency, file, bytes, sha256 });
    } finally {
      await draft.discard();
    }
  }
  ctx.progress.done();
  return files;
}

/** @throws IntegrityError `statement_differs` where its entries are no longer those it was issued with */
async function issuedStatement(ctx: Context, tx: Connection, row: StatementRow): Promise<Statement> {
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
    corrects: row.corrects === null ? null : formatStatementNumber(row.corrects),
    voided: row.voided,
    takenAt: row.instant,
    contentHash: row.contentHash,
    content,
    entries,
  };
}

const ALL = { limit: Number.MAX_SAFE_INTEGER, offset: 0 };
