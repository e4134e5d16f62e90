import {
  partnerDashboard,
  type Dashboard,
  type DashboardFigures,
  type DashboardMeasure,
  type RecentCommission,
} from '../../../services/metrics/partner-dashboard.ts';
import { partnerMetrics, type PartnerRevenue } from '../../../services/metrics/partner-metrics.ts';
import { formatMinor } from '../../../domain/money.ts';
import { formatRate } from '../../../domain/rates.ts';
import { partnerChoices } from '../../choices.ts';
import { command } from '../../command.ts';
import { periodOption, metricsPeriod } from '../../metrics-period.ts';
import { metricsColumns } from '../../metrics-columns.ts';
import { ACCRUAL, ONE_PAYMENT } from '../../example-books.ts';
import { progressBar, sparkline } from '../../output/charts.ts';
import { columnsOf, type Column } from '../../output/columns.ts';
import { drawsTable, printList, printRow, section } from '../../output/printer.ts';
import { argument } from '../../parameters.ts';

const setup = [...ONE_PAYMENT, ACCRUAL];
const partner = argument<string>('CODE', 'the partner', { ask: { message: 'Partner:', choices: partnerChoices } });

// ── dashboard ─────────────────────────────────────────────────────────────────────────────────────────────────────

const d = columnsOf<Dashboard>();
const f = columnsOf<DashboardFigures>();
const m = columnsOf<DashboardMeasure>();
const r = columnsOf<RecentCommission>();
const p = columnsOf<Dashboard['payouts'][number]>();

const columns: readonly Column<Dashboard>[] = [
  d.code('partner', (row) => row.partner),
  d.text('company_name', (row) => row.name),
  d.code('type', (row) => row.type),
  d.code('status', (row) => row.status),
  d.date('on', (row) => row.on),
  d.code('tier', (row) => row.tier),
  d.code('next_tier', (row) => row.nextTier),
  d.rate('next_tier_progress', (row) => row.progressPpm),
  d.text('rank', (row) => row.rank),
  d.number('total_customers', (row) => row.customers),
  d.number('active_customers', (row) => row.activeCustomers),
  d.number('total_referrals', (row) => row.referrals),
  d.number('converted_referrals', (row) => row.convertedReferrals),
  d.rate('conversion_rate', (row) => row.conversionPpm),
  d.number('active_referrals', (row) => row.openReferrals),
  d.number('pending_commission_events', (row) => row.pendingCommissions),
  d.date('next_payout_date', (row) => row.nextPayoutOn),
];

/** The same for people: what belongs together on a line, and drawn where that says more. */
const drawn: readonly Column<Dashboard>[] = [
  d.text('partner', (row) => `${row.partner}  ${row.name}  (${row.type}, ${row.status})`),
  d.text('tier', (row) => [row.tier ?? 'none', ...(row.rank === null ? [] : [`rank ${row.rank}`])].join(', ')),
  d.text('next', (row) =>
    row.nextTier === null || row.progressPpm === null
      ? null
      : `${progressBar(row.progressPpm, 20)} ${formatRate(wholePercent(row.progressPpm))} of the way to ${row.nextTier}`,
  ),
  d.text('customers', (row) => `${row.customers}, of them active ${row.activeCustomers}`),
  d.text('referrals', (row) => {
    const rate = row.conversionPpm === null ? '' : ` (${formatRate(row.conversionPpm)})`;
    return `${row.referrals}, of them converted ${row.convertedReferrals}${rate}, open ${row.openReferrals}`;
  }),
  d.number('to_approve', (row) => row.pendingCommissions),
  d.text('next_payout', (row) => row.nextPayoutOn ?? 'not scheduled'),
];

/** A bar is as coarse as this. */
const wholePercent = (ppm: number): number => ppm - (ppm % 10_000);

const figures: readonly Column<DashboardFigures>[] = [
  f.code('currency', (row) => row.currency),
  f.money('total_revenue_generated', (row) => row.revenue),
  f.money('total_commissions_earned', (row) => row.earned),
  f.money('total_commissions_paid', (row) => row.paid),
  f.money('outstanding_balance', (row) => row.outstanding),
  f.money('held', (row) => row.held),
  f.money('current_month_revenue', (row) => row.monthRevenue),
  f.money('current_month_commissions', (row) => row.monthEarned),
  f.money('current_month_payouts', (row) => row.monthPaid),
  f.amounts('last_12_months', (row) => row.months.map((minor) => formatMinor(minor, row.currency))),
];

const ever: readonly Column<DashboardFigures>[] = [
  f.code('currency', (row) => row.currency),
  f.money('revenue', (row) => row.revenue),
  f.money('earned', (row) => row.earned),
  f.money('paid', (row) => row.paid),
  f.money('outstanding', (row) => row.outstanding),
  f.money('held', (row) => row.held),
];

const month: readonly Column<DashboardFigures>[] = [
  f.code('currency', (row) => row.currency),
  f.money('revenue', (row) => row.monthRevenue),
  f.money('earned', (row) => row.monthEarned),
  f.money('paid', (row) => row.monthPaid),
  f.code('revenue_of_12_months', (row) => sparkline(row.months)),
];

const measures = section<Dashboard, DashboardMeasure>(
  'measures',
  [
    m.text('measure', (row) => row.measure),
    m.text('has', (row) => row.has),
    m.text('next', (row) => row.next),
    m.text('missing', (row) => row.missing),
  ],
  (row) => row.measures,
);
const commissions = section<Dashboard, RecentCommission>(
  'recent_commissions',
  [
    r.code('entry', (row) => row.entry),
    r.date('date', (row) => row.on),
    r.code('instance', (row) => row.instance),
    r.code('kind', (row) => row.kind),
    r.money('amount', (row) => row.amount),
    r.code('currency', (row) => row.currency),
    r.code('status', (row) => row.status),
  ],
  (row) => row.commissions,
);
const payouts = section<Dashboard, Dashboard['payouts'][number]>(
  'recent_payouts',
  [
    p.code('number', (row) => row.number),
    p.date('cutoff', (row) => row.cutoff),
    p.money('sent', (row) => row.sent),
    p.code('currency', (row) => row.currency),
    p.code('status', (row) => row.status),
    p.number('commissions', (row) => row.lines),
  ],
  (row) => row.payouts,
);

export const dashboard = command({
  verb: 'dashboard',
  summary: 'show a partner on one screen',
  description:
    'Shows what a partner turned over, earned and was paid, in all and in the month so far; what is outstanding and held; ' +
    'how far it is to the next tier; customers, of whom active are those that paid within 90 days; referrals; when the next payout is sent; the ' +
    'revenue of twelve months, the oldest first; the latest commissions and payouts. As the books say now.',
  parameters: { code: partner },
  examples: [
    { command: 'partner dashboard acme', setup },
    { command: 'partner dashboard acme --json', setup },
  ],
  async run(invocation, { code }) {
    const row = await partnerDashboard(await invocation.context(), code);
    const people = drawsTable(invocation.print);
    const sections = people
      ? [section('all time', ever, figuresOf), section('this month', month, figuresOf), measures, commissions, payouts]
      : [section('figures', figures, figuresOf), measures, commissions, payouts];
    await printRow(invocation.print, people ? drawn : columns, row, ({ partner: id }) => id, sections);
  },
});

const figuresOf = (row: Dashboard): readonly DashboardFigures[] => row.figures;

// ── metrics ───────────────────────────────────────────────────────────────────────────────────────────────────────

const v = columnsOf<PartnerRevenue>();

export const metrics = command({
  verb: 'metrics',
  summary: 'show what a partner turned over, earned and was paid in a period',
  description:
    'Shows a period, by default this month, per currency: commissions by posting date and their number, payouts by the ' +
    'bank’s date, and what of those commissions no completed payout has paid; then revenue, customers and subscriptions as ' +
    '`metrics show` does. As the books say now; snapshots of all partners are taken by `metrics calculate`.',
  parameters: { code: partner, period: periodOption },
  examples: [
    { command: 'partner metrics acme --period 2026-10', setup },
    { command: 'partner metrics acme --period 2026-10 --json', setup },
  ],
  async run(invocation, { code, period }) {
    const ctx = await invocation.context();
    const asked = metricsPeriod(ctx, period ?? 'this-month');
    await invocation.note(asked.echo);
    const rows = await partnerMetrics(ctx, code, asked);
    await printList(
      invocation.print,
      [
        v.code('partner', (row) => row.partner),
        v.date('period_start', (row) => row.periodStart, { detail: true }),
        v.date('period_end', (row) => row.periodEnd, { detail: true }),
        v.code('currency', (row) => row.currency),
        v.money('total_commissions', (row) => row.totalCommissions),
        v.number('total_commission_count', (row) => row.totalCommissionCount),
        v.money('total_payouts', (row) => row.totalPayouts),
        v.money('pending_amount', (row) => row.pendingAmount),
        ...metricsColumns.filter(
          ({ name }) => !['partner', 'currency', 'earned', 'commissions', 'paid_out'].includes(name),
        ),
      ],
      rows,
      (row) => `${row.partner}/${row.currency}`,
    );
  },
});
