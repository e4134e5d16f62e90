import {
  customerCounts,
  pendingEntries,
  recentEntries,
  referralCounts,
  type RecentEntryRow,
} from '../../db/queries/dashboard.ts';
import { performanceRows, type PerformanceRow } from '../../db/queries/performance.ts';
import type { PartnerRow } from '../../db/queries/partners.ts';
import { selectSnapshots, storedMetrics } from '../../db/queries/metrics.ts';
import { ALL_ROWS } from '../../db/queries/order.ts';
import { addDays, addMonthsClamped, monthStart } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import { groupBy } from '../../domain/maps.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import { ratioPpm } from '../../domain/rates.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { nextPayouts } from '../payout/payout-calendar.ts';
import type { Payout } from '../payout/payout-view.ts';
import { listPayouts } from '../payout/show-payout.ts';
import { explainTier } from '../tier/explain-tier.ts';
import { today } from '../today.ts';
import { listWallets } from '../wallet/list-wallets.ts';

/** A partner's figures in one currency; money as decimal strings. */
export interface DashboardFigures {
  readonly currency: string;
  /** Of all time. */
  readonly revenue: string;
  readonly earned: string;
  readonly paid: string;
  /** Earned and not paid yet: what is pending, held, approved or in a payout. */
  readonly outstanding: string;
  readonly held: string;
  /** Of the month so far. */
  readonly monthRevenue: string;
  readonly monthEarned: string;
  readonly monthPaid: string;
  /** Revenue of the last twelve months with this one, the oldest first; minor units. */
  readonly months: readonly bigint[];
}

/** A measure of the partner's tier beside what the next one asks. */
export interface DashboardMeasure {
  readonly measure: string;
  readonly has: string;
  readonly next: string | null;
  readonly missing: string | null;
}

export type RecentCommission = RecentEntryRow;

export interface Dashboard {
  readonly partner: string;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly on: string;
  readonly tier: string | null;
  readonly nextTier: string | null;
  /** How far to the next tier: of revenue and customers the lesser, in millionths; null at the top, or where a rate is missing. */
  readonly progressPpm: number | null;
  readonly measures: readonly DashboardMeasure[];
  /** Among those of its tier, by revenue, in the latest snapshot; null where it is in none. */
  readonly rank: string | null;
  readonly customers: number;
  /** Of them, who paid within the last 90 days. */
  readonly activeCustomers: number;
  readonly referrals: number;
  readonly openReferrals: number;
  readonly convertedReferrals: number;
  readonly conversionPpm: number | null;
  /** When the next payout is sent, by the partner's schedule or the programme's; null where there is none. */
  readonly nextPayoutOn: string | null;
  /** Commissions that nobody has approved yet. */
  readonly pendingCommissions: number;
  readonly figures: readonly DashboardFigures[];
  readonly commissions: readonly RecentCommission[];
  readonly payouts: readonly Payout[];
}

const RECENT = 5;
const ACTIVE_DAYS = 90;

/**
 * A partner on one screen: figures of all time and of the month, what is outstanding and held, its tier and the next one,
 * customers, referrals, and what happened last. As the books say now. Reads only. Throws NotFoundError `partner_not_found`.
 */
export async function partnerDashboard(ctx: Context, code: string): Promise<Dashboard> {
  const on = today(ctx);
  const { id, code: partner, name, type, status, tier, currency } = await findPartner(ctx.db, code, on);
  const referrals = await referralCounts(ctx.db, id);
  const customers = await customerCounts(ctx.db, id, { day: on, since: addDays(on, 1 - ACTIVE_DAYS) });
  const commissions = await recentEntries(ctx.db, id, RECENT);
  return {
    ...{ partner, name, type, status, on, tier },
    ...(await standsAt(ctx, code)),
    rank: await rankOf(ctx, id),
    customers: customers.total,
    activeCustomers: customers.active,
    referrals: referrals.total,
    openReferrals: referrals.open,
    convertedReferrals: referrals.converted,
    conversionPpm: ratioPpm(referrals.converted, referrals.total),
    nextPayoutOn: (await nextPayouts(ctx.db, { id, code }, on, 1))[0]?.submitOn ?? null,
    pendingCommissions: await pendingEntries(ctx.db, id),
    figures: await figuresOf(ctx, { id, code, currency }, on),
    commissions: commissions.map((row) => ({ ...row, amount: formatMinor(BigInt(row.amount), row.currency) })),
    payouts: await listPayouts(ctx, { partner: code, limit: RECENT, offset: 0 }),
  };
}

/** All of time month by month, in one pass; of a partner with whom nothing happened, zeros in its own currency. */
async function figuresOf(
  ctx: Context,
  { id, code, currency: own }: Pick<PartnerRow, 'id' | 'code' | 'currency'>,
  on: string,
): Promise<DashboardFigures[]> {
  const rows = await performanceRows(ctx.db, 'month', { from: BEGINNING, to: addDays(on, 1) }, id);
  const wallets = await listWallets(ctx, { partner: code }, ALL_ROWS);
  const byCurrency = groupBy(rows, ({ currency }) => currency);
  return [...(byCurrency.size === 0 ? new Map([[own, []]]) : byCurrency)].map(([currency, months]) => {
    const money = (minor: bigint) => formatMinor(minor, currency);
    const said = new Map<string, PerformanceRow>(months.map((row) => [row.startsOn, row]));
    const sum = (of: (row: PerformanceRow) => string) => months.reduce((total, row) => total + BigInt(of(row)), 0n);
    const now = said.get(monthStart(on));
    const [earned, paid] = [sum((row) => row.commission), sum((row) => row.paidOut)];
    const held = wallets
      .filter((wallet) => wallet.currency === currency)
      .reduce((total, wallet) => total + parseDecimal(wallet.held, currency), 0n);
    return {
      currency,
      revenue: money(sum((row) => row.revenue)),
      earned: money(earned),
      paid: money(paid),
      outstanding: money(earned - paid),
      held: money(held),
      monthRevenue: money(BigInt(now?.revenue ?? 0)),
      monthEarned: money(BigInt(now?.commission ?? 0)),
      monthPaid: money(BigInt(now?.paidOut ?? 0)),
      months: Array.from({ length: 12 }, (_, at) =>
        BigInt(said.get(addMonthsClamped(monthStart(on), at - 11))?.revenue ?? 0),
      ),
    };
  });
}

/** Before any books: a period that begins with it is all of time. */
const BEGINNING = '1900-01-01';

async function standsAt(ctx: Context, code: string): Promise<Pick<Dashboard, 'nextTier' | 'progressPpm' | 'measures'>> {
  try {
    const { next, measures, progressPpm } = await explainTier(ctx, code);
    return { nextTier: next, progressPpm, measures };
  } catch (error) {
    // A dashboard is shown all the same; `tier explain` says which rate is missing.
    if (error instanceof RefusedError && error.code === 'fx_rate_missing') {
      return { nextTier: null, progressPpm: null, measures: [] };
    }
    throw error;
  }
}

async function rankOf(ctx: Context, partnerId: number): Promise<string | null> {
  const [latest] = await selectSnapshots(ctx.db, {}, { limit: 1, offset: 0 });
  if (latest === undefined) return null;
  const [row] = await storedMetrics(ctx.db, latest.id, { partnerId }, { limit: 1, offset: 0 });
  return row === undefined ? null : `${row.rank} of ${row.ranked} in ${row.currency}`;
}
