import { wholesaleBalances, wholesaleRows, type WholesaleBalance } from '../../db/queries/wholesale.ts';
import { ALL_ROWS, type Page } from '../../db/queries/order.ts';
import { parsePeriod, type Period } from '../../domain/dates.ts';
import type { Context } from '../context.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { balanceView, lineView, type WholesaleLine } from './wholesale-view.ts';

export type { WholesaleBalance } from '../../db/queries/wholesale.ts';
export type { WholesaleLine } from './wholesale-view.ts';

/** What was charged and received at an instance, by posting date. Reads only. Throws NotFoundError `instance_not_found`. */
export async function listWholesale(
  ctx: Context,
  { instance, from, to }: { readonly instance: string; readonly from: string | null; readonly to: string | null },
  page: Page,
): Promise<WholesaleLine[]> {
  const instanceId = await findInstanceId(ctx.db, instance);
  return (await wholesaleRows(ctx.db, { instanceId, from, to }, page)).map(lineView);
}

export interface StatementRequest {
  readonly period: string;
  readonly instance?: string | undefined;
  readonly partner?: string | undefined;
}

/** What was charged and received over a period, with what was owed before and after it, per instance, partner and currency. */
export interface WholesaleStatement {
  readonly period: Period;
  readonly zone: string;
  readonly balances: readonly WholesaleBalance[];
  readonly lines: readonly WholesaleLine[];
}

/**
 * The statement of wholesale over a period, by posting dates. Opening and what was charged, less what was received, is
 * closing, from the ledger itself. Reads only. Throws UsageError `period_invalid`, NotFoundError for instance and partner.
 */
export async function wholesaleStatement(ctx: Context, asked: StatementRequest): Promise<WholesaleStatement> {
  const period = parsePeriod(asked.period, today(ctx));
  return await ctx.db.transaction(async (tx) => {
    const instanceId = asked.instance === undefined ? undefined : await findInstanceId(tx, asked.instance);
    const partnerId = asked.partner === undefined ? undefined : (await findPartner(tx, asked.partner, today(ctx))).id;
    const rows = await wholesaleRows(tx, { instanceId, partnerId, ...period }, ALL_ROWS);
    const balances = await wholesaleBalances(tx, { instanceId, partnerId }, period);
    return { period, zone: ctx.zone, balances: balances.map(balanceView), lines: rows.map(lineView) };
  });
}
