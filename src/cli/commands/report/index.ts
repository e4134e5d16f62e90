import { UsageError } from '../../../domain/errors.ts';
import { performance, type Performance } from '../../../services/report/performance.ts';
import { command, type Command } from '../../command.ts';
import { ACCRUAL, ONE_PAYMENT } from '../../example-books.ts';
import { metricsPeriod, periodOption } from '../../metrics-period.ts';
import { bar } from '../../output/charts.ts';
import { columnsOf } from '../../output/columns.ts';
import { drawsTable, printList } from '../../output/printer.ts';
import { flag, option } from '../../parameters.ts';

const c = columnsOf<Performance>();
const setup = [...ONE_PAYMENT, ACCRUAL];
const BAR = 24;

const performanceReport = command({
  verb: 'performance',
  summary: 'report revenue, customers, commission and payouts day by day or month by month',
  description:
    'Shows each day, or with --monthly each month, on which anything happened: payments less returns by business date, who ' +
    'paid and who for the first time, commissions by posting date and payouts by the bank’s. The default is this month by ' +
    'days, and this year by months. As the books say now.',
  parameters: {
    daily: flag('--daily', 'by days'),
    monthly: flag('--monthly', 'by months'),
    partner: option('--partner <code>', 'only of this partner'),
    period: periodOption,
  },
  examples: [
    { command: 'report performance --daily --period 2026-10', setup },
    { command: 'report performance --monthly --partner acme --period 2026 -o csv', setup },
  ],
  async run(invocation, { daily, monthly, partner, period }) {
    if (daily && monthly) throw new UsageError('unit_twice', '--daily and --monthly exclude each other');
    const ctx = await invocation.context();
    const asked = metricsPeriod(
      ctx,
      period ?? (monthly ? thisYear(metricsPeriod(ctx, 'this-month').from) : 'this-month'),
    );
    const rows = await performance(ctx, { unit: monthly ? 'month' : 'day', partner, period: asked });
    await invocation.note(asked.echo);
    const columns = [
      monthly ? c.code('month', (row) => row.startsOn.slice(0, 7)) : c.date('date', (row) => row.startsOn),
      c.code('currency', (row) => row.currency),
      c.number('payments', (row) => row.payments),
      c.number('customers', (row) => row.customers),
      c.number('new_customers', (row) => row.newCustomers),
      c.money('revenue', (row) => row.revenue),
      c.money('commission', (row) => row.commission),
      c.money('paid_out', (row) => row.paidOut),
    ];
    const most = (currency: string) =>
      rows.reduce((high, row) => (row.currency === currency && row.revenueMinor > high ? row.revenueMinor : high), 0n);
    const drawn = c.code('', (row) => bar(row.revenueMinor, most(row.currency), BAR));
    await printList(
      invocation.print,
      drawsTable(invocation.print) ? [...columns, drawn] : columns,
      rows,
      (row) => `${row.startsOn}/${row.currency}`,
    );
  },
});

const thisYear = (day: string): string => day.slice(0, 4);

export const commands: readonly Command[] = [performanceReport];
