import { findEvents } from '../../db/queries/commissions.ts';
import type { Page } from '../../db/queries/order.ts';
import {
  revenueById,
  selectOrphans,
  selectRevenue,
  type RevenueFilter,
  type RevenueRow,
} from '../../db/queries/revenue.ts';
import { parseAccountCode } from '../../domain/codes.ts';
import { NotFoundError, RefusedError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import { findAccount } from '../account/find-account.ts';
import type { Context } from '../context.ts';
import { findInstanceId } from '../instance/find-instance.ts';

/** An event as it is shown: amounts as decimal strings. */
export type RevenueEvent = RevenueRow;

export interface RevenueQuery extends Omit<RevenueFilter, 'accountId'> {
  /** INSTANCE/CODE. */
  readonly account?: string | undefined;
}

/** Events by business date, then id. Reads only. Throws NotFoundError `instance_not_found`, `account_not_found`. */
export async function listRevenue(ctx: Context, query: RevenueQuery, page: Page): Promise<RevenueEvent[]> {
  if (query.instance !== undefined) await findInstanceId(ctx.db, query.instance);
  const account = query.account === undefined ? undefined : await findAccount(ctx.db, parseAccountCode(query.account));
  return (await selectRevenue(ctx.db, { ...query, accountId: account?.id }, page)).map(revenueView);
}

/**
 * Refunds, credit notes, adjustments and chargebacks, lost or won, of sales that have no recorded payment: they post
 * nothing (`sale_unknown`) and count when the sale arrives. Reads only. Throws NotFoundError `instance_not_found`.
 */
export async function listOrphans(
  ctx: Context,
  query: Pick<RevenueQuery, 'instance' | 'source' | 'from' | 'to'>,
  page: Page,
): Promise<RevenueEvent[]> {
  if (query.instance !== undefined) await findInstanceId(ctx.db, query.instance);
  return (await selectOrphans(ctx.db, query, page)).map(revenueView);
}

/**
 * One event by its number, its external id, or SOURCE:EXTERNAL_ID. Reads only.
 * @throws NotFoundError `event_not_found`, RefusedError `ambiguous_event`
 */
export async function showRevenue(ctx: Context, reference: string): Promise<RevenueEvent> {
  const [event, ...others] = await findEvents(ctx.db, reference);
  const row = event === undefined ? null : await revenueById(ctx.db, event.id);
  if (event === undefined || row === null) {
    throw new NotFoundError('event', reference, 'give an event number, an external id, or SOURCE:EXTERNAL_ID');
  }
  // Versions of one event are one event, and a number is nobody else's; ids of two sources are two events.
  const other = others.find((one) => one.source !== event.source || one.externalId !== event.externalId);
  if (other !== undefined && String(event.id) !== reference) {
    const names = [event, ...others].map((one) => `${one.source}:${one.externalId}`);
    throw new RefusedError('ambiguous_event', `'${reference}' names ${new Set(names).size} events`, {
      hint: `say which: ${[...new Set(names)].join(', ')}`,
    });
  }
  return revenueView(row);
}

/** Amounts as people read them. */
export function revenueView(row: RevenueRow): RevenueEvent {
  const money = (minor: string): string => formatMinor(BigInt(minor), row.currency);
  const given = (minor: string | null): string | null => (minor === null ? null : money(minor));
  return {
    ...row,
    net: money(row.net),
    gross: money(row.gross),
    tax: money(row.tax),
    saleNet: given(row.saleNet),
    saleGross: given(row.saleGross),
    wholesaleNet: given(row.wholesaleNet),
  };
}
