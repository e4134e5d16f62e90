import {
  financialRows,
  type FinancialDays,
  type FinancialRow,
  type FinancialScope,
} from '../../db/queries/financials.ts';
import type { Connection } from '../../db/connection.ts';
import type { Days } from '../../domain/date-ranges.ts';
import { parsePeriod } from '../../domain/dates.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { postingDay } from '../posting-day.ts';
import { today } from '../today.ts';
import { findInstanceId } from './find-instance.ts';

type Amounts =
  'revenue' | 'periodRevenue' | 'commission' | 'pending' | 'held' | 'approved' | 'processing' | 'paid' | 'balance';

/** Figures of one instance in one currency; amounts are decimal strings of it. */
export interface Financials extends Omit<FinancialRow, Amounts | 'wholesale'>, Readonly<Record<Amounts, string>> {
  readonly wholesale: string | null;
  /** Revenue less wholesale; null where nothing was charged. */
  readonly margin: string | null;
}

export interface AskedDays {
  /** Posting dates up to this one; default all, now. */
  readonly asOf?: string | undefined;
  /** Days that count; default all. */
  readonly window?: Days | undefined;
  /** Days of `periodRevenue`; default the month of the day that is asked about. */
  readonly period?: Days | undefined;
}

/**
 * What an instance took in, what its partners earned of it, have and were paid, what it cost wholesale: per currency, as
 * of any day. Reads only, and from the facts themselves. Throws NotFoundError `instance_not_found`, UsageError `as_of_future`.
 */
export async function instanceFinancials(ctx: Context, code: string, asked: AskedDays = {}): Promise<Financials[]> {
  return await readFinancials(ctx, ctx.db, { instanceId: await findInstanceId(ctx.db, code) }, asked);
}

/** The figures of a scope, per instance and currency. Reads only. Throws UsageError `as_of_future`. */
export async function readFinancials(
  ctx: Context,
  tx: Connection,
  scope: FinancialScope,
  asked: AskedDays,
): Promise<Financials[]> {
  return (await financialRows(tx, scope, financialDays(ctx, asked))).map(financialsView);
}

/** Which days were asked about. Throws UsageError `as_of_future`. */
export function financialDays(
  ctx: Context,
  { asOf, window = { from: null, to: null }, period }: AskedDays,
): FinancialDays {
  return { window, period: period ?? monthOf(asOf ?? today(ctx)), until: postingDay(ctx, asOf) };
}

/** The calendar month of a day. */
function monthOf(day: string): Days {
  const { from, to } = parsePeriod(day.slice(0, 7), day);
  return { from, to };
}

/** Figures as people read them. */
export function financialsView(row: FinancialRow): Financials {
  const { currency } = row;
  const money = (minor: string): string => formatMinor(BigInt(minor), currency);
  return {
    ...row,
    revenue: money(row.revenue),
    periodRevenue: money(row.periodRevenue),
    commission: money(row.commission),
    pending: money(row.pending),
    held: money(row.held),
    approved: money(row.approved),
    processing: money(row.processing),
    paid: money(row.paid),
    balance: money(row.balance),
    wholesale: row.wholesale === null ? null : money(row.wholesale),
    margin: row.wholesale === null ? null : formatMinor(BigInt(row.revenue) - BigInt(row.wholesale), currency),
  };
}
