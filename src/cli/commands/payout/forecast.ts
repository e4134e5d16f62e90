import { forecastCash, type ForeseenCash, type ForeseenRest } from '../../../services/payout/forecast-cash.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { flag, option, wholeNumber } from '../../parameters.ts';
import { whenDrafted, whenDue, whenScheduled } from './example.ts';

const c = columnsOf<ForeseenCash>();
const l = columnsOf<ForeseenRest>();
const DEFAULT_WEEKS = 8;

const cashColumns = [
  c.date('date', (row) => row.date),
  c.code('rail', (row) => row.rail),
  c.code('currency', (row) => row.currency),
  c.code('standing', (row) => row.standing),
  c.number('payouts', (row) => row.payouts),
  c.money('gross', (row) => row.gross),
  c.money('withheld', (row) => row.withheld, { aside: true }),
  c.money('fee', (row) => row.fee, { aside: true }),
  c.money('sent', (row) => row.sent),
];
const leftColumns = [
  l.money('amount', (row) => row.amount),
  l.code('currency', (row) => row.currency),
  l.code('reason', (row) => row.reason),
  l.text('meaning', (row) => row.text),
];

export const forecast = command({
  verb: 'forecast',
  summary: 'cash that payouts need, by day, rail and currency',
  description:
    'Of what is in the books already: payouts that are made and not paid (pending, ready, processing), and to_come, what a run ' +
    'would pay on each cut-off of the schedules (`payout calendar`), each without what the one before takes, by holds, ' +
    'minimums, deductions and instruments as they are now. A rail is named where it has a profile that pays to the ' +
    'instrument; the rest is in the register. Who has no schedule is paid on firsts of months, as the job run-payouts drafts. ' +
    'What is then still owed is told with its reason; --left-out lists that instead. What is yet to be earned is `forecast payout`.',
  parameters: {
    weeks: option('--weeks <n>', `so many weeks from today (default ${DEFAULT_WEEKS})`, {
      read: wholeNumber('--weeks', 1, 53),
    }),
    leftOut: flag('--left-out', 'list what stays in the wallets until then, and why'),
  },
  examples: [
    whenScheduled('payout forecast'),
    whenDrafted('payout forecast --weeks 4 -o csv'),
    whenDue('payout forecast --left-out'),
  ],
  async run(invocation, { weeks = DEFAULT_WEEKS, leftOut }) {
    const { from, to, scheduled, cash, left } = await forecastCash(await invocation.context(), weeks);
    await invocation.note(
      `${from} to ${to}, ${scheduled ? 'by the schedules' : 'on firsts of months, as run-payouts drafts: nobody has a schedule'}`,
    );
    if (leftOut) return await printList(invocation.print, leftColumns, left, (row) => `${row.currency}/${row.reason}`);
    await printList(invocation.print, cashColumns, cash, (row) => `${row.date}/${row.rail}/${row.currency}`);
    if (left.length === 0) return;
    await invocation.note(
      `stays: ${left.map(({ amount, currency, reason }) => `${amount} ${currency} ${reason}`).join('; ')}`,
    );
  },
});
