import { metricsNow } from '../../db/queries/metrics.ts';
import { regionRows, silentCustomers } from '../../db/queries/performance.ts';
import { selectResellers } from '../../db/queries/resellers.ts';
import { ALL_ROWS, type Page } from '../../db/queries/order.ts';
import { groupBy } from '../../domain/maps.ts';
import { formatMinor } from '../../domain/money.ts';
import { ratioPpm } from '../../domain/rates.ts';
import type { Context } from '../context.ts';
import type { MetricsPeriod, PartnerMetrics } from '../metrics/calculate-metrics.ts';
import { metricsView, noMetrics } from '../metrics/metrics-view.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';

/** What partners may be ranked by. */
export const TOP_KEYS = ['revenue', 'commission', 'customers', 'mrr'] as const;
export type TopKey = (typeof TOP_KEYS)[number];

export interface TopPartner extends PartnerMetrics {
  readonly place: number;
  /** What it is ranked by: minor units, or customers. */
  readonly weight: bigint;
}

const WEIGHTS = {
  revenue: ({ revenue }) => BigInt(revenue),
  commission: ({ earned }) => BigInt(earned),
  customers: ({ active }) => BigInt(active),
  mrr: ({ mrr }) => BigInt(mrr),
} as const satisfies Record<TopKey, (row: Awaited<ReturnType<typeof metricsNow>>[number]) => bigint>;

/** The partners with the most of something in a period, per currency, as the books say now. Reads only. */
export async function topPartners(
  ctx: Context,
  asked: {
    readonly by: TopKey;
    readonly currency?: string | undefined;
    readonly most: number;
    readonly period: MetricsPeriod;
  },
): Promise<TopPartner[]> {
  const weigh = WEIGHTS[asked.by];
  const rows = (await metricsNow(ctx.db, asked.period)).filter(
    ({ currency }) => asked.currency === undefined || currency === asked.currency,
  );
  const byCurrency = groupBy(rows, ({ currency }) => currency);
  return [...byCurrency.values()].flatMap((ofCurrency) =>
    ofCurrency
      .map((row) => ({ row, weight: weigh(row) }))
      .sort((a, b) => (a.weight === b.weight ? 0 : a.weight > b.weight ? -1 : 1))
      .slice(0, asked.most)
      .map(({ row, weight }, at) => ({ ...metricsView(row), place: at + 1, weight })),
  );
}

export interface ResellerFigures extends PartnerMetrics {
  readonly under: string;
}

/**
 * Subscriptions, customers and churn of resellers in a period, per currency; of one with whom nothing happened, zeros. As
 * the books say now. Reads only. Throws NotFoundError `partner_not_found`.
 */
export async function resellerFigures(
  ctx: Context,
  asked: { readonly under?: string | undefined; readonly period: MetricsPeriod },
): Promise<ResellerFigures[]> {
  const parentId = asked.under === undefined ? undefined : (await findPartner(ctx.db, asked.under, today(ctx))).id;
  const resellers = await selectResellers(ctx.db, { parentId }, today(ctx), ALL_ROWS);
  const figures = groupBy(await metricsNow(ctx.db, asked.period), ({ partner }) => partner);
  return resellers.flatMap((reseller) => {
    const rows = figures.get(reseller.code)?.map(metricsView) ?? [noMetrics(reseller)];
    return rows.map((row) => ({ ...row, under: reseller.under }));
  });
}

/** What came in and was earned in a country, in one currency; money as decimal strings. */
export interface Region {
  readonly country: string | null;
  readonly currency: string;
  readonly payments: number;
  readonly customers: number;
  readonly revenue: string;
  readonly revenueMinor: bigint;
  /** Of all of that currency, in millionths; null where there is none. */
  readonly sharePpm: number | null;
  readonly commission: string;
}

/** By the country of the event, or else of its account, the most revenue first. Reads only. Throws NotFoundError. */
export async function regions(
  ctx: Context,
  asked: { readonly partner?: string | undefined; readonly period: MetricsPeriod },
): Promise<Region[]> {
  const partnerId = asked.partner === undefined ? null : (await findPartner(ctx.db, asked.partner, today(ctx))).id;
  const rows = await regionRows(ctx.db, asked.period, partnerId);
  const totals = new Map<string, bigint>();
  for (const { currency, revenue } of rows) totals.set(currency, (totals.get(currency) ?? 0n) + BigInt(revenue));
  return rows.map(({ revenue, commission, ...row }) => ({
    ...row,
    revenue: formatMinor(BigInt(revenue), row.currency),
    revenueMinor: BigInt(revenue),
    sharePpm: ratioPpm(BigInt(revenue), totals.get(row.currency)!),
    commission: formatMinor(BigInt(commission), row.currency),
  }));
}

/** A customer that pays later than it used to. */
export interface ChurnRisk {
  readonly account: string;
  readonly partner: string | null;
  readonly risk: 'high' | 'watch';
  readonly payments: number;
  readonly lastPaidOn: string;
  readonly usualDays: number;
  readonly silentDays: number;
  /** Days of silence by the usual ones, in millionths. */
  readonly latePpm: number;
  readonly yearRevenue: string;
  readonly currency: string;
}

/** From here on the silence is more than late. */
const HIGH = 3_000_000;

/**
 * Customers that have been silent for longer than is usual for them: from the first payment to the last over the gaps
 * between. Who paid once only has no habit yet. The most revenue of the last year first. Reads only. Throws NotFoundError.
 */
export async function churnRisk(
  ctx: Context,
  asked: { readonly partner?: string | undefined; readonly overPpm: number },
  page: Page,
): Promise<ChurnRisk[]> {
  const day = today(ctx);
  const partnerId = asked.partner === undefined ? null : (await findPartner(ctx.db, asked.partner, day)).id;
  const rows = await silentCustomers(ctx.db, day, asked.overPpm, partnerId, page);
  return rows.map(({ instance, account, yearRevenue, ...row }) => {
    const latePpm = ratioPpm(row.silentDays, row.usualDays)!;
    return {
      ...row,
      account: `${instance}/${account}`,
      latePpm,
      risk: latePpm >= HIGH ? 'high' : 'watch',
      yearRevenue: formatMinor(BigInt(yearRevenue), row.currency),
    };
  });
}
