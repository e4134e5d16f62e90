import type { MetricsRow } from '../../db/queries/metrics.ts';
import type { PartnerRow } from '../../db/queries/partners.ts';
import { divRoundHalfAwayFromZero, formatMinor } from '../../domain/money.ts';
import { ratioPpm } from '../../domain/rates.ts';

/** Figures of a partner in one currency, of a period; money as decimal strings. */
export interface PartnerMetrics extends Omit<
  MetricsRow,
  'revenue' | 'paid' | 'lifetime' | 'mrr' | 'earned' | 'paidOut'
> {
  /** Payments less returns. */
  readonly revenue: string;
  /** Payments by their number; null where there are none. */
  readonly averageOrder: string | null;
  /** What all customers paid so far, by their number; null where there are none. */
  readonly lifetimeValue: string | null;
  /** Of those who paid in the period before, who paid no more. */
  readonly churnPpm: number | null;
  readonly mrr: string;
  readonly earned: string;
  readonly paidOut: string;
  /** Of the referrals brought in the period; null where there are none. */
  readonly conversionPpm: number | null;
}

export function metricsView(row: MetricsRow): PartnerMetrics {
  const { revenue, paid, lifetime, mrr, earned, paidOut, currency, ...rest } = row;
  const money = (minor: string | bigint) => formatMinor(BigInt(minor), currency);
  const each = (minor: string, count: number) =>
    count === 0 ? null : money(divRoundHalfAwayFromZero(BigInt(minor), BigInt(count)));
  return {
    ...rest,
    currency,
    revenue: money(revenue),
    averageOrder: each(paid, row.payments),
    lifetimeValue: each(lifetime, row.customers),
    churnPpm: ratioPpm(row.churned, row.activeBefore),
    mrr: money(mrr),
    earned: money(earned),
    paidOut: money(paidOut),
    conversionPpm: ratioPpm(row.converted, row.referrals),
  };
}

/** The figures of a partner with whom nothing happened. */
export function noMetrics({
  code,
  name,
  currency,
  tier,
}: Pick<PartnerRow, 'code' | 'name' | 'currency' | 'tier'>): PartnerMetrics {
  return metricsView({
    ...{ partner: code, name, currency, tier, rank: null, ranked: null, nextTier: null, nextTierPpm: null },
    ...{
      revenue: '0',
      paid: '0',
      payments: 0,
      lifetime: '0',
      customers: 0,
      active: 0,
      activeBefore: 0,
      new: 0,
      churned: 0,
    },
    ...{ mrr: '0', subscriptions: 0, earned: '0', entries: 0, paidOut: '0', payouts: 0, referrals: 0, converted: 0 },
  });
}
