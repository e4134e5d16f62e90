import type { Connection } from '../../db/connection.ts';
import { selectStatements, type StatementPeriod, type StatementRow } from '../../db/queries/statements.ts';
import { addDays } from '../../domain/dates.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { formatStatementNumber } from '../../domain/statement.ts';
import type { Context } from '../context.ts';
import { endOf } from '../export/moment.ts';

/** The statement of a number. Reads only. Throws NotFoundError `statement_not_found`. */
export async function findStatement(tx: Connection, number: number): Promise<StatementRow> {
  const [row] = await selectStatements(tx, { number }, { limit: 1, offset: 0 });
  if (row === undefined) {
    throw new NotFoundError('statement', formatStatementNumber(number), '`revshare statement list` shows them');
  }
  return row;
}

/** Posting dates `[from, to)` of a statement, with the instant in the programme's zone at which the last was over. */
export function statementPeriod(
  { zone }: Pick<Context, 'zone'>,
  { from, to }: { readonly from: string; readonly to: string },
): StatementPeriod {
  const date = addDays(to, -1);
  return { from, to, last: { date, end: new Date(endOf(date, zone)).toISOString() } };
}
