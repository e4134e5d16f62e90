import type { Page } from '../../db/queries/order.ts';
import { selectStatements, statementContent } from '../../db/queries/statements.ts';
import type { StatementContent } from '../../domain/statement.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { findStatement } from './find-statement.ts';
import { statementView, type StatementView } from './statement-view.ts';

export type { StatementView } from './statement-view.ts';

export interface ListedStatements {
  readonly partner?: string | undefined;
  readonly currency?: string | undefined;
  /** Only those that lie in these days. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly live?: boolean | undefined;
}

/** Statements by number. Reads only. Throws NotFoundError `partner_not_found`. */
export async function listStatements(ctx: Context, filter: ListedStatements, page: Page): Promise<StatementView[]> {
  if (filter.partner !== undefined) await findPartner(ctx.db, filter.partner, today(ctx));
  return (await selectStatements(ctx.db, filter, page)).map(statementView);
}

export interface StatementDetails extends StatementView {
  readonly content: StatementContent;
}

/** A statement with all it says, as it was issued. Reads only. Throws NotFoundError `statement_not_found`. */
export async function showStatement(ctx: Context, number: number): Promise<StatementDetails> {
  const row = await findStatement(ctx.db, number);
  return { ...statementView(row), content: await statementContent(ctx.db, row.id) };
}
