import {
  calculateMetrics,
  listSnapshots,
  showMetrics,
  type MetricsSnapshot,
} from '../../../services/metrics/calculate-metrics.ts';
import { partnerChoices } from '../../choices.ts';
import { command, type Command } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { ACCRUAL, ONE_PAYMENT } from '../../example-books.ts';
import { askedPage, listCommand, pageParameters, printPage, type NounRows } from '../../listing.ts';
import { metricsColumns } from '../../metrics-columns.ts';
import { metricsPeriod, periodOption } from '../../metrics-period.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { option } from '../../parameters.ts';

const s = columnsOf<MetricsSnapshot>();

/** What was counted of a period, and from which moment of the books. */
const snapshotRows: NounRows<MetricsSnapshot> = {
  noun: 'snapshot',
  plural: 'snapshots',
  id: (row) => String(row.id),
  columns: [
    s.number('snapshot', (row) => row.id),
    s.date('period_start', (row) => row.periodFrom),
    s.date('period_end', (row) => row.periodLast),
    s.flag('whole', (row) => row.whole),
    s.number('rows', (row) => row.rows),
    s.number('known_seq', (row) => row.knownSeq, { detail: true }),
    s.code('content_hash', (row) => row.contentHash, { detail: true }),
    s.actor('taken_by', (row) => row.createdBy),
    s.instant('taken_at', (row) => row.takenAt),
  ],
};

const setup = [...ONE_PAYMENT, ACCRUAL];
const calculated = [...setup, 'metrics calculate --period 2026-10'];

const calculate = mutation({
  rows: snapshotRows,
  verb: 'calculate',
  summary: 'take the figures of every partner for a period, as the books say now',
  description:
    'Counts what every partner did in a period and stores it with the moment of the books that it was counted from, so that ' +
    'the same figures come out whenever they are counted again; `doctor` does that. The job snapshot-metrics takes one of ' +
    'every month that is over; another one of the same period stands beside it, and the latest is shown.',
  parameters: { period: option('--period <period>', '2026-10, 2026-Q4, 2026 …; default the last month') },
  examples: [
    { command: 'metrics calculate', setup },
    { command: 'metrics calculate --period 2026-10 --dry-run', setup },
  ],
  run: async (ctx, { period }) => await calculateMetrics(ctx, metricsPeriod(ctx, period ?? 'last-month')),
  done: (row) => `${row.periodFrom} to ${row.periodLast} is counted; \`revshare metrics show\` shows it`,
});

const show = command({
  verb: 'show',
  summary: 'show what was counted of a period: revenue, customers, MRR, churn, rank',
  description:
    'Shows the snapshot that was taken last, of a --period or of the latest one, the most revenue first. Revenue is payments ' +
    'less returns by business date, of what is shared the share; active customers paid in the period, churned ones in the ' +
    'one before and not in it; lifetime value is what all customers paid so far by their number; MRR is a month of what is ' +
    'subscribed to on the last day; rank is by revenue within the tier; progress to the next tier is that of the evaluation ' +
    'on the last day; commissions by posting date and payouts by the bank’s.',
  parameters: {
    partner: option('--partner <code>', 'only this partner', { ask: { choices: partnerChoices } }),
    tier: option('--tier <tier>', 'only those who were of this tier'),
    currency: option('--currency <code>', 'only of this currency', { read: readCurrency }),
    period: periodOption,
    ...pageParameters,
  },
  examples: [
    { command: 'metrics show', setup: calculated },
    { command: 'metrics show --period 2026-10 --partner acme --json', setup: calculated },
  ],
  async run(invocation, { period, limit, offset, ...filter }) {
    const ctx = await invocation.context();
    const asked = period === undefined ? undefined : metricsPeriod(ctx, period);
    const page = askedPage({ limit, offset });
    const { snapshot, rows } = await showMetrics(ctx, { ...filter, period: asked }, page);
    await invocation.note(
      `snapshot ${snapshot.id} of ${snapshot.periodFrom} to ${snapshot.periodLast}, known up to change ${snapshot.knownSeq}`,
    );
    const id = (row: { partner: string; currency: string }) => `${row.partner}/${row.currency}`;
    await printPage(invocation, { noun: 'partner', plural: 'figures', columns: metricsColumns, id }, rows, page);
  },
});

const list = listCommand({
  ...snapshotRows,
  summary: 'list the snapshots that were taken',
  filters: {},
  query: async (ctx, _, page) => await listSnapshots(ctx, page),
  whenEmpty: '`revshare metrics calculate` takes one',
  examples: [
    { command: 'metrics list', setup: calculated },
    { command: 'metrics list --json', setup: calculated },
  ],
});

export const commands: readonly Command[] = [calculate, show, list];
