import { performanceRows, type ReportUnit } from '../../db/queries/performance.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import type { MetricsPeriod } from '../metrics/calculate-metrics.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';

/** A day or a month in one currency; money as decimal strings. */
export interface Performance {
  readonly startsOn: string;
  readonly currency: string;
  readonly payments: number;
  readonly customers: number;
  readonly newCustomers: number;
  readonly revenue: string;
  readonly revenueMinor: bigint;
  readonly commission: string;
  readonly paidOut: string;
}

/**
 * What came in, was earned and was paid, day by day or month by month: of days on which something did. As the books say
 * now. Reads only. Throws NotFoundError `partner_not_found`.
 */
export async function performance(
  ctx: Context,
  asked: { readonly unit: ReportUnit; readonly partner?: string | undefined; readonly period: MetricsPeriod },
): Promise<Performance[]> {
  const partnerId = asked.partner === undefined ? null : (await findPartner(ctx.db, asked.partner, today(ctx))).id;
  const rows = await performanceRows(ctx.db, asked.unit, asked.period, partnerId);
  return rows.map(({ revenue, commission, paidOut, ...row }) => {
    const money = (minor: string) => formatMinor(BigInt(minor), row.currency);
    return {
      ...row,
      revenue: money(revenue),
      revenueMinor: BigInt(revenue),
      commission: money(commission),
      paidOut: money(paidOut),
    };
  });
}
