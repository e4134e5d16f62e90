import type { Connection } from '../connection.ts';
import type { Fence } from './decision-chunks.ts';
import type { Page } from './order.ts';

/** The figures of a partner in one currency, of a period; minor units. drizzle/0026_metrics.sql says what each is. */
export interface MetricsRow {
  readonly partner: string;
  readonly name: string;
  readonly currency: string;
  readonly tier: string | null;
  /** Null: it has no figures to be ranked by. */
  readonly rank: number | null;
  readonly ranked: number | null;
  readonly nextTier: string | null;
  readonly nextTierPpm: number | null;
  readonly revenue: string;
  readonly paid: string;
  readonly payments: number;
  readonly lifetime: string;
  readonly customers: number;
  readonly active: number;
  readonly activeBefore: number;
  readonly new: number;
  readonly churned: number;
  readonly mrr: string;
  readonly subscriptions: number;
  readonly earned: string;
  readonly entries: number;
  readonly paidOut: string;
  readonly payouts: number;
  readonly referrals: number;
  readonly converted: number;
}

const COLUMNS = `p.code as partner, p.name, m.currency, m.tier, m.rank, m.ranked, m.next_tier as "nextTier", m.next_tier_ppm as "nextTierPpm",
  m.revenue_minor::text as revenue, m.paid_minor::text as paid, m.payments, m.lifetime_minor::text as lifetime, m.customers, m.active,
  m.active_before as "activeBefore", m.new, m.churned, m.mrr_minor::text as mrr, m.subscriptions, m.earned_minor::text as earned, m.entries,
  m.paid_out_minor::text as "paidOut", m.payouts, m.referrals, m.converted`;

export interface MetricsFilter {
  readonly partnerId?: number | undefined;
  readonly tier?: string | undefined;
  readonly currency?: string | undefined;
}

/** What a snapshot says, the most revenue of a currency first. */
export async function storedMetrics(
  tx: Connection,
  snapshotId: number,
  filter: MetricsFilter,
  page: Page,
): Promise<MetricsRow[]> {
  const { partnerId = null, tier = null, currency = null } = filter;
  return [
    ...(await tx.sql<MetricsRow[]>`
      select ${tx.sql.unsafe(COLUMNS)} from partner_metrics m join partners p on p.id = m.partner_id
      where m.snapshot_id = ${snapshotId} and (${partnerId}::bigint is null or m.partner_id = ${partnerId})
        and (${tier}::text is null or m.tier = ${tier}) and (${currency}::text is null or m.currency = ${currency})
      order by m.currency, m.revenue_minor desc, p.code collate "C" limit ${page.limit} offset ${page.offset}`),
  ];
}

/** What the books say of a period now, of all partners or of one; in the same order. */
export async function metricsNow(
  tx: Connection,
  { from, to }: { readonly from: string; readonly to: string },
  partnerId: number | null = null,
): Promise<MetricsRow[]> {
  return [
    ...(await tx.sql<MetricsRow[]>`
      select ${tx.sql.unsafe(COLUMNS)}
      from metrics_at(${from}, ${to}, (select coalesce(max(k.known_seq), 0) from known_changes k), clock_timestamp(), pg_current_snapshot(), ${partnerId}) m
      join partners p on p.id = m.partner_id order by m.currency, m.revenue_minor desc, p.code collate "C"`),
  ];
}

export interface SnapshotRow {
  readonly id: number;
  readonly periodFrom: string;
  readonly periodTo: string;
  readonly knownSeq: number;
  readonly takenAt: string;
  /** Taken when the period was over. */
  readonly whole: boolean;
  readonly rows: number;
  readonly contentHash: string;
  readonly createdBy: string;
}

export interface SnapshotFilter {
  readonly id?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Only those that were taken when the period was over. */
  readonly whole?: boolean | undefined;
}

/** Snapshots, the latest first: of the latest period, and of a period the one taken last. */
export async function selectSnapshots(tx: Connection, filter: SnapshotFilter, page: Page): Promise<SnapshotRow[]> {
  const { id = null, from = null, to = null, whole = false } = filter;
  return [
    ...(await tx.sql<SnapshotRow[]>`
      select id::int, period_from as "periodFrom", period_to as "periodTo", known_seq::int as "knownSeq", taken_at as "takenAt",
        (taken_at at time zone zone)::date >= period_to as whole, rows, content_hash as "contentHash", metric_snapshots.created_by as "createdBy"
      from metric_snapshots cross join programme
      where (${id}::bigint is null or id = ${id}) and (${from}::date is null or period_from = ${from}) and (${to}::date is null or period_to = ${to})
        and (not ${whole}::boolean or (taken_at at time zone zone)::date >= period_to)
      order by period_to desc, period_from desc, id desc limit ${page.limit} offset ${page.offset}`),
  ];
}

/** Takes a snapshot of a period; its number. */
export async function takeMetrics(tx: Connection, { from, to }: { from: string; to: string }): Promise<number> {
  const [row] = await tx.sql<{ id: number }[]>`select take_metrics(${from}, ${to})::int as id`;
  return row!.id;
}

/** The same under a run's lease, which it renews: a worker whose run was taken over takes none. */
export async function takeMetricsFenced(
  tx: Connection,
  run: Fence,
  { from, to }: { from: string; to: string },
): Promise<number | 'lost'> {
  const [row] = await tx.sql<{ id: number }[]>`
    with fence as (
      update job_runs set lease_until = clock_timestamp() + make_interval(secs => ${run.leaseSeconds})
      where id = ${run.id} and status = 'running' and lease_until > clock_timestamp() returning id
    )
    select take_metrics(${from}, ${to})::int as id from fence`;
  return row?.id ?? 'lost';
}
