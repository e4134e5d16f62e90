import type { PartnerMetrics } from '../services/metrics/calculate-metrics.ts';
import { columnsOf, type Column } from './output/columns.ts';

const c = columnsOf<PartnerMetrics>();

/** Figures of a partner in one currency, of a period: two nouns print them. */
export const metricsColumns: readonly Column<PartnerMetrics>[] = [
  c.code('partner', (row) => row.partner),
  c.code('tier', (row) => row.tier),
  c.code('currency', (row) => row.currency),
  c.number('rank', (row) => row.rank),
  c.number('ranked', (row) => row.ranked, { detail: true }),
  c.code('next_tier', (row) => row.nextTier, { detail: true }),
  c.rate('next_tier_progress', (row) => row.nextTierPpm, { aside: true }),
  c.money('revenue', (row) => row.revenue),
  c.number('payments', (row) => row.payments, { aside: true }),
  c.money('average_order_value', (row) => row.averageOrder, { aside: true }),
  c.number('customers', (row) => row.customers, { aside: true }),
  c.number('active', (row) => row.active),
  c.number('new', (row) => row.new, { aside: true }),
  c.number('churned', (row) => row.churned, { aside: true }),
  c.rate('churn', (row) => row.churnPpm),
  c.money('lifetime_value', (row) => row.lifetimeValue, { aside: true }),
  c.money('mrr', (row) => row.mrr),
  c.number('subscriptions', (row) => row.subscriptions, { detail: true }),
  c.money('earned', (row) => row.earned),
  c.number('commissions', (row) => row.entries, { detail: true }),
  c.money('paid_out', (row) => row.paidOut, { aside: true }),
  c.number('payouts', (row) => row.payouts, { detail: true }),
  c.number('referrals', (row) => row.referrals, { detail: true }),
  c.number('converted', (row) => row.converted, { detail: true }),
  c.rate('conversion', (row) => row.conversionPpm, { aside: true }),
];
