import { readOneMoment } from '../../db/queries/as-of.ts';
import { recomputeStatement, selectStatements } from '../../db/queries/statements.ts';
import { ALL_ROWS } from '../../db/queries/order.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { findStatement, statementPeriod } from './find-statement.ts';
import type { ListedStatements } from './list-statements.ts';
import { statementView, type StatementView } from './statement-view.ts';

export interface VerifiedStatement extends StatementView {
  /** It is what was issued: its content has the hash that was written then. */
  readonly intact: boolean;
  /** It comes out again from the books as they were known when it was made. */
  readonly proved: boolean;
  /** It is what the books say now; not asked of one that is void. */
  readonly current: boolean | null;
  readonly closingNow: string;
}

/**
 * Recomputes statements from the books: as these were known at the moment of each, and as they are now. What was posted
 * into the period since makes one that was right outdated. Reads only, in one snapshot. Throws NotFoundError
 * `statement_not_found`, `partner_not_found`.
 */
export async function verifyStatements(
  ctx: Context,
  { numbers, ...filter }: ListedStatements & { readonly numbers?: readonly number[] | undefined },
): Promise<VerifiedStatement[]> {
  return await ctx.db.transaction(async (tx) => {
    await readOneMoment(tx);
    if (filter.partner !== undefined) await findPartner(tx, filter.partner, today(ctx));
    const rows = numbers === undefined ? await selectStatements(tx, filter, ALL_ROWS) : [];
    for (const number of numbers ?? []) rows.push(await findStatement(tx, number));
    const verified: VerifiedStatement[] = [];
    for (const [at, row] of rows.entries()) {
      ctx.progress.step('recomputing statements', at, rows.length);
      const period = statementPeriod(ctx, { from: row.periodFrom, to: row.periodTo });
      const { kept, proved, current, isCurrent } = await recomputeStatement(tx, row, period);
      verified.push({
        ...statementView(row),
        intact: kept,
        proved,
        current: row.voided ? null : isCurrent,
        closingNow: formatMinor(BigInt(current.totals.closing), row.currency),
      });
    }
    ctx.progress.done();
    return verified;
  });
}
