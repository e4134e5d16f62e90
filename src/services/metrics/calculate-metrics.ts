import {
  metricsNow,
  selectSnapshots,
  storedMetrics,
  takeMetrics,
  takeMetricsFenced,
  type SnapshotRow,
} from '../../db/queries/metrics.ts';
import type { Page } from '../../db/queries/order.ts';
import { addDays } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import { lastMonthEnd, tierWindow } from '../../domain/tiers/dates.ts';
import { leaseLost, type DecidingRun } from '../accrual/post-run.ts';
import type { Context, Unit } from '../context.ts';
import { findPartner, findTier } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { metricsView, type PartnerMetrics } from './metrics-view.ts';

export type { PartnerMetrics } from './metrics-view.ts';

/** Days of a business, half-open. */
export interface MetricsPeriod {
  readonly from: string;
  readonly to: string;
}

/** A snapshot of the figures of a period. */
export interface MetricsSnapshot extends Omit<SnapshotRow, 'periodTo'> {
  /** Its last day. */
  readonly periodLast: string;
}

/**
 * Takes a snapshot of what every partner did in a period, as the books say now: stored with the moment that it was taken
 * from, so that it can be computed again. One more of the same period stands beside those before it. Writes.
 * Throws RefusedError `period_ahead`.
 */
export async function calculateMetrics(ctx: Context, period: MetricsPeriod): Promise<MetricsSnapshot> {
  return await ctx.write(async (tx) => {
    const [row] = await selectSnapshots(tx, { id: await takeMetrics(tx, period) }, ONE);
    return snapshotView(row!);
  });
}

export interface SnapshotTaken {
  readonly period_from: string;
  readonly period_last: string;
  /** Null: there was one already. */
  readonly snapshot: number | null;
  readonly rows: number;
}

/**
 * Takes the snapshot of the last month that is over for a run, unless one was taken since it was over: a night that is
 * caught up, or run again, takes none. Writes, under the run's lease. Throws UnavailableError `lease_lost`.
 */
export async function snapshotMetrics(
  { unit, run }: { unit: Unit; run: DecidingRun },
  { asOf }: { readonly asOf: string },
): Promise<SnapshotTaken> {
  const period = tierWindow(lastMonthEnd(asOf), 1);
  return await unit(async (tx) => {
    const told = { period_from: period.from, period_last: addDays(period.to, -1) };
    const [known] = await selectSnapshots(tx, { from: period.from, to: period.to, whole: true }, ONE);
    if (known !== undefined) return { ...told, snapshot: null, rows: known.rows };
    const id = await takeMetricsFenced(tx, run, period);
    if (id === 'lost') throw leaseLost(run);
    const [made] = await selectSnapshots(tx, { id }, ONE);
    return { ...told, snapshot: id, rows: made!.rows };
  });
}

/** Snapshots, the latest period first. Reads only. */
export async function listSnapshots(ctx: Context, page: Page): Promise<MetricsSnapshot[]> {
  return (await selectSnapshots(ctx.db, {}, page)).map(snapshotView);
}

export interface MetricsFilter {
  readonly partner?: string | undefined;
  readonly tier?: string | undefined;
  readonly currency?: string | undefined;
  /** The period of the snapshot; default the latest. */
  readonly period?: MetricsPeriod | undefined;
}

/**
 * The figures of the snapshot that was taken last of a period, or of the latest period. Reads only.
 * Throws NotFoundError for a partner or tier, RefusedError `no_snapshot`.
 */
export async function showMetrics(
  ctx: Context,
  { partner, tier, currency, period }: MetricsFilter,
  page: Page,
): Promise<{ readonly snapshot: MetricsSnapshot; readonly rows: PartnerMetrics[] }> {
  const partnerId = partner === undefined ? undefined : (await findPartner(ctx.db, partner, today(ctx))).id;
  if (tier !== undefined) await findTier(ctx.db, tier);
  const [snapshot] = await selectSnapshots(ctx.db, { from: period?.from, to: period?.to }, ONE);
  if (snapshot === undefined) {
    const of = period === undefined ? '' : ` of ${period.from} up to, not including, ${period.to}`;
    throw new RefusedError('no_snapshot', `there is no snapshot of metrics${of}`, {
      hint: '`revshare metrics calculate --period …` takes one; the job snapshot-metrics takes one of every month',
    });
  }
  const rows = await storedMetrics(ctx.db, snapshot.id, { partnerId, tier, currency }, page);
  return { snapshot: snapshotView(snapshot), rows: rows.map(metricsView) };
}

/** What the books say of a partner's period now, one row a currency; none where nothing happened. Reads only. */
export async function partnerMetricsNow(
  ctx: Context,
  partnerId: number,
  period: MetricsPeriod,
): Promise<PartnerMetrics[]> {
  return (await metricsNow(ctx.db, period, partnerId)).map(metricsView);
}

function snapshotView({ periodTo, ...row }: SnapshotRow): MetricsSnapshot {
  return { ...row, periodLast: addDays(periodTo, -1) };
}

const ONE = { limit: 1, offset: 0 };
