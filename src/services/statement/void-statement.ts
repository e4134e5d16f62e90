import { voidStatement as insertVoid } from '../../db/queries/statements.ts';
import { RefusedError } from '../../domain/errors.ts';
import { formatStatementNumber } from '../../domain/statement.ts';
import type { Context } from '../context.ts';
import { findStatement } from './find-statement.ts';
import { statementView, type StatementView } from './statement-view.ts';

/**
 * Voids a statement, which stays as it was said; the next one of its partner, currency and period refers to it. Writes.
 * Throws NotFoundError `statement_not_found`, RefusedError `statement_void`.
 */
export async function voidStatement(
  ctx: Context,
  { number, reason }: { readonly number: number; readonly reason: string },
): Promise<StatementView> {
  return await ctx.write(async (tx) => {
    const row = await findStatement(tx, number);
    if (row.voided) {
      throw new RefusedError('statement_void', `${formatStatementNumber(number)} is void already: ${row.voidReason}`);
    }
    await insertVoid(tx, row.id, reason);
    return statementView(await findStatement(tx, number));
  });
}
