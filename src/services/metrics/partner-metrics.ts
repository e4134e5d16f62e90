import { paidOfPeriod } from '../../db/queries/dashboard.ts';
import { addDays } from '../../domain/dates.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { partnerMetricsNow, type MetricsPeriod, type PartnerMetrics } from './calculate-metrics.ts';
import { noMetrics } from './metrics-view.ts';

/** What a partner did in a period, in one currency, and what of its commissions is still to be paid. */
export interface PartnerRevenue extends PartnerMetrics {
  readonly periodStart: string;
  /** Its last day. */
  readonly periodEnd: string;
  /** Earned in the period and not taken back, by posting date. */
  readonly totalCommissions: string;
  readonly totalCommissionCount: number;
  /** Payouts completed in the period, less those returned, by value date. */
  readonly totalPayouts: string;
  /** Of the commissions of the period: what no completed payout has paid. */
  readonly pendingAmount: string;
}

/**
 * What a partner turned over, earned and was paid in a period, per currency, as the books say now; of a period without
 * anything, zeros in its own currency. Reads only.
 * Throws NotFoundError `partner_not_found`.
 */
export async function partnerMetrics(ctx: Context, code: string, period: MetricsPeriod): Promise<PartnerRevenue[]> {
  const partner = await findPartner(ctx.db, code, today(ctx));
  const rows = await partnerMetricsNow(ctx, partner.id, period);
  const paid = await paidOfPeriod(ctx.db, partner.id, period);
  return (rows.length > 0 ? rows : [noMetrics(partner)]).map((row) => {
    const commission = parseDecimal(row.earned, row.currency);
    return {
      ...row,
      periodStart: period.from,
      periodEnd: addDays(period.to, -1),
      totalCommissions: row.earned,
      totalCommissionCount: row.entries,
      totalPayouts: row.paidOut,
      pendingAmount: formatMinor(commission - (paid.get(row.currency) ?? 0n), row.currency),
    };
  });
}
