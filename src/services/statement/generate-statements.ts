import { makeStatements, selectStatements } from '../../db/queries/statements.ts';
import { ALL_ROWS } from '../../db/queries/order.ts';
import type { Period } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { statementPeriod } from './find-statement.ts';
import { statementView, type StatementView } from './statement-view.ts';

export interface GeneratedStatements {
  readonly period: Period;
  /** How many were made; the rest were there already. */
  readonly made: number;
  /** All live ones of the period, by number. */
  readonly statements: readonly StatementView[];
}

export interface StatementsToMake {
  readonly period: Period;
  readonly partner?: string | undefined;
  /** What is to be said with each. */
  readonly note?: string | undefined;
}

/**
 * Makes the statements of a period that are not there yet, of a partner or of all: one for each currency in which there
 * was anything. All of them or none. Writes. Throws NotFoundError `partner_not_found`; RefusedError `period_ahead`,
 * and `statement_differs` where another tells of the same days, or the one before does not close with what this opens with.
 */
export async function generateStatements(
  ctx: Context,
  { period, partner, note }: StatementsToMake,
): Promise<GeneratedStatements> {
  const { from, to, label } = period;
  const day = today(ctx);
  if (to > day) {
    throw new RefusedError('period_ahead', `the period ${label} is not over: it is ${day}`, {
      hint: 'a statement is of days that are over',
    });
  }
  return await ctx.write(async (tx) => {
    const partnerId = partner === undefined ? null : (await findPartner(tx, partner, day)).id;
    const made = await makeStatements(tx, statementPeriod(ctx, period), partnerId, note ?? null);
    const there = await selectStatements(tx, { partner, from, to, live: true }, ALL_ROWS);
    return {
      period,
      made,
      statements: there.filter((row) => row.periodFrom === from && row.periodTo === to).map(statementView),
    };
  });
}
