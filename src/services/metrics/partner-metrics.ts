import { financialRows } from '../../db/queries/financials.ts';
import { addDays } from '../../domain/dates.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { financialDays } from '../instance/instance-financials.ts';
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
  const standing = await standingOf(ctx, partner.id, period);
  return (rows.length > 0 ? rows : [noMetrics(partner)]).map((row) => {
    const { commission, paid } = standing.get(row.currency) ?? NOTHING;
    return {
      ...row,
      periodStart: period.from,
      periodEnd: addDays(period.to, -1),
      totalCommissions: formatMinor(commission, row.currency),
      totalCommissionCount: row.entries,
      totalPayouts: row.paidOut,
      pendingAmount: formatMinor(commission - paid, row.currency),
    };
  });
}

/** How the commissions of a time stand, in one currency; minor units. */
export interface Standing {
  readonly commission: bigint;
  readonly pending: bigint;
  readonly held: bigint;
  readonly approved: bigint;
  readonly processing: bigint;
  readonly paid: bigint;
  /** Of the wallets, whatever the time. */
  readonly balance: bigint;
}

const KEYS = ['commission', 'pending', 'held', 'approved', 'processing', 'paid', 'balance'] as const;
const NOTHING = Object.fromEntries(KEYS.map((key) => [key, 0n])) as Record<(typeof KEYS)[number], bigint>;

/** By currency, over all instances. Reads only. */
export async function standingOf(
  ctx: Context,
  partnerId: number,
  window: { readonly from: string | null; readonly to: string | null },
): Promise<Map<string, Standing>> {
  const standing = new Map<string, Record<(typeof KEYS)[number], bigint>>();
  for (const row of await financialRows(ctx.db, { partnerId }, financialDays(ctx, { window }))) {
    const before = standing.get(row.currency) ?? NOTHING;
    const sum = KEYS.map((key) => [key, before[key] + BigInt(row[key])] as const);
    standing.set(row.currency, Object.fromEntries(sum) as typeof NOTHING);
  }
  return standing;
}
