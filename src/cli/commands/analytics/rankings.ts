import {
  churnRisk,
  regions,
  resellerFigures,
  TOP_KEYS,
  topPartners,
  type ChurnRisk,
  type Region,
  type ResellerFigures,
  type TopPartner,
} from '../../../services/analytics/rankings.ts';
import { parseRate } from '../../../domain/rates.ts';
import { command } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { ACCRUAL, ONE_PAYMENT } from '../../example-books.ts';
import { listCommand } from '../../listing.ts';
import { metricsPeriod, periodOption } from '../../metrics-period.ts';
import { bar } from '../../output/charts.ts';
import { columnsOf, type Column } from '../../output/columns.ts';
import { drawsTable, printList } from '../../output/printer.ts';
import { option, wholeNumber } from '../../parameters.ts';

const setup = [...ONE_PAYMENT, ACCRUAL];
const BAR = 24;

/** A bar of each row by what is the most in its currency. */
function barOf<R>(rows: readonly R[], currencyOf: (row: R) => string, weightOf: (row: R) => bigint): Column<R> {
  const most = new Map<string, bigint>();
  for (const row of rows) {
    const before = most.get(currencyOf(row)) ?? 0n;
    if (weightOf(row) > before) most.set(currencyOf(row), weightOf(row));
  }
  return columnsOf<R>().code('', (row) => bar(weightOf(row), most.get(currencyOf(row)) ?? 0n, BAR));
}

// ── top ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const t = columnsOf<TopPartner>();

export const top = command({
  verb: 'top',
  summary: 'rank partners by revenue, commission, customers or MRR of a period',
  description:
    'Ranks the partners of each currency by what they did in a period, by default this month, as the books say now. What ' +
    'the figures are, `metrics show --help` tells.',
  parameters: {
    by: option('--by <what>', 'what they are ranked by (default revenue)', { choices: TOP_KEYS }),
    period: periodOption,
    currency: option('--currency <code>', 'only this currency', { read: readCurrency }),
    most: option('--most <n>', 'so many of each currency (default 10)', { read: wholeNumber('--most', 1, 500) }),
  },
  examples: [
    { command: 'analytics top --period 2026-10', setup },
    { command: 'analytics top --by customers --period 2026 --most 5 --json', setup },
  ],
  async run(invocation, { by = 'revenue', period, currency, most = 10 }) {
    const ctx = await invocation.context();
    const asked = metricsPeriod(ctx, period ?? 'this-month');
    const rows = await topPartners(ctx, { by, currency, most, period: asked });
    await invocation.note(asked.echo);
    const columns = [
      t.number('place', (row) => row.place),
      t.code('partner', (row) => row.partner),
      t.text('name', (row) => row.name, { aside: true }),
      t.code('tier', (row) => row.tier),
      t.code('currency', (row) => row.currency),
      t.money('revenue', (row) => row.revenue),
      t.money('commission', (row) => row.earned),
      t.number('customers', (row) => row.active),
      t.money('mrr', (row) => row.mrr),
    ];
    const drawn = barOf(
      rows,
      (row) => row.currency,
      (row) => row.weight,
    );
    await printList(
      invocation.print,
      drawsTable(invocation.print) ? [...columns, drawn] : columns,
      rows,
      (row) => `${row.partner}/${row.currency}`,
    );
  },
});

// ── region ────────────────────────────────────────────────────────────────────────────────────────────────────────

const r = columnsOf<Region>();

export const region = command({
  verb: 'region',
  summary: 'show revenue, customers and commission by country',
  description:
    'Shows what came in less what went back by the country of the event, or else of its account; customers are those that ' +
    'paid; commission is what was earned of it, by posting date. The default is this month, as the books say now.',
  parameters: { period: periodOption, partner: option('--partner <code>', 'only of this partner') },
  examples: [
    { command: 'analytics region --period 2026-10', setup },
    { command: 'analytics region --period 2026 --partner acme -o csv', setup },
  ],
  async run(invocation, { period, partner }) {
    const ctx = await invocation.context();
    const asked = metricsPeriod(ctx, period ?? 'this-month');
    const rows = await regions(ctx, { partner, period: asked });
    await invocation.note(asked.echo);
    const columns = [
      r.code('country', (row) => row.country),
      r.code('currency', (row) => row.currency),
      r.number('payments', (row) => row.payments),
      r.number('customers', (row) => row.customers),
      r.money('revenue', (row) => row.revenue),
      r.rate('share', (row) => row.sharePpm),
      r.money('commission', (row) => row.commission),
    ];
    const drawn = barOf(
      rows,
      (row) => row.currency,
      (row) => row.revenueMinor,
    );
    await printList(
      invocation.print,
      drawsTable(invocation.print) ? [...columns, drawn] : columns,
      rows,
      (row) => `${row.country ?? ''}/${row.currency}`,
    );
  },
});

// ── reseller ──────────────────────────────────────────────────────────────────────────────────────────────────────

const f = columnsOf<ResellerFigures>();

export const reseller = command({
  verb: 'reseller',
  summary: 'show MRR, subscriptions, customers and churn of resellers',
  description:
    'Shows each partner that stands under another today: a month of what is subscribed to on the last day of the period, ' +
    'how many subscriptions that are, who paid, who paid no more, what came in and what it earned of it. The default is ' +
    'this month, as the books say now.',
  parameters: { under: option('--under <code>', 'only those under this partner'), period: periodOption },
  examples: [
    {
      command: 'analytics reseller --period 2026-10',
      setup: [...setup, 'reseller create acme-north --under acme --name "Acme North"'],
    },
    { command: 'analytics reseller --under acme --json', setup },
  ],
  async run(invocation, { under, period }) {
    const ctx = await invocation.context();
    const asked = metricsPeriod(ctx, period ?? 'this-month');
    const rows = await resellerFigures(ctx, { under, period: asked });
    await invocation.note(asked.echo);
    await printList(
      invocation.print,
      [
        f.code('reseller', (row) => row.partner),
        f.code('under', (row) => row.under),
        f.code('currency', (row) => row.currency),
        f.money('mrr', (row) => row.mrr),
        f.number('active_subscriptions', (row) => row.subscriptions),
        f.number('active_customers', (row) => row.active),
        f.number('churned', (row) => row.churned),
        f.rate('churn', (row) => row.churnPpm),
        f.money('revenue', (row) => row.revenue),
        f.money('earned', (row) => row.earned),
      ],
      rows,
      (row) => `${row.partner}/${row.currency}`,
    );
  },
});

// ── churn-risk ────────────────────────────────────────────────────────────────────────────────────────────────────

const k = columnsOf<ChurnRisk>();
const HALF_AS_LONG_AGAIN = 1_500_000;

export const churnRiskCommand = listCommand({
  noun: 'customer',
  plural: 'customers at risk',
  verb: 'churn-risk',
  summary: 'list customers who have been silent for longer than is usual for them',
  description:
    'Compares the days since a customer’s last payment with its own habit: the days from its first payment to its last over ' +
    'the gaps between. Beyond half as long again (--over) it is to be watched, beyond three times the risk is high. The most ' +
    'revenue of the last year first. Who paid once has no habit yet, and who has ended is no customer any more.',
  id: (row) => row.account,
  columns: [
    k.code('account', (row) => row.account),
    k.code('partner', (row) => row.partner),
    k.code('risk', (row) => row.risk),
    k.date('last_paid_on', (row) => row.lastPaidOn),
    k.number('usual_days', (row) => row.usualDays),
    k.number('silent_days', (row) => row.silentDays),
    k.rate('late', (row) => row.latePpm),
    k.number('payments', (row) => row.payments, { aside: true }),
    k.money('year_revenue', (row) => row.yearRevenue),
    k.code('currency', (row) => row.currency),
  ],
  filters: {
    partner: option('--partner <code>', 'only customers of this partner'),
    over: option('--over <rate>', 'silent for more than this of what is usual (default 150%)', {
      read: (text) => parseRate(text, { allowOver100: true }),
    }),
  },
  query: async (ctx, { partner, over = HALF_AS_LONG_AGAIN }, page) =>
    await churnRisk(ctx, { partner, overPpm: over }, page),
  whenEmpty: 'nobody is later than usual',
  examples: [
    { command: 'analytics churn-risk', setup },
    { command: 'analytics churn-risk --partner acme --over 200% --json', setup },
  ],
});
