import {
  SUMMARY_KEYS,
  summariseCommissions,
  type CommissionSummaryRow,
  type SummaryKey,
} from '../../../services/commission/list-commissions.ts';
import { command } from '../../command.ts';
import { dateParameters, dateWindow } from '../../date-window.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { option } from '../../parameters.ts';
import { afterAccrual } from '../../example-books.ts';
import { commissionFilters, withWindow } from './filters.ts';

const c = columnsOf<CommissionSummaryRow>();

export const summary = command({
  verb: 'summary',
  summary: 'sum commissions by partner, instance, product, month …',
  description:
    'Counts every decided event, zero ones too, and sums what their shares come to, per currency: nothing is ever ' +
    'summed across currencies.',
  parameters: {
    by: option<SummaryKey>('--by <key>', `${SUMMARY_KEYS.join(', ')} (default partner)`, { choices: SUMMARY_KEYS }),
    ...commissionFilters,
    ...dateParameters('business date'),
  },
  examples: [
    afterAccrual('commission summary --by partner'),
    afterAccrual('commission summary --by month --partner acme --period 2026 --json'),
  ],
  async run(invocation, { by = 'partner', from, to, period, ...filter }) {
    const ctx = await invocation.context();
    const { window, echo } = dateWindow(ctx, { from, to, period });
    if (echo !== null) await invocation.note(echo);
    const rows = await summariseCommissions(ctx, by, withWindow(filter, window));
    const columns = [
      c.code(by, (row) => row.key),
      ...(by === 'currency' ? [] : [c.code('currency', (row) => row.currency)]),
      c.number('events', (row) => row.events),
      c.money('positive', (row) => row.positive),
      c.money('negative', (row) => row.negative),
      c.money('net', (row) => row.net),
    ];
    await printList(invocation.print, columns, rows, (row) => row.key ?? '');
    if (rows.length === 0)
      await invocation.note('nothing is decided yet; `revshare job run accrue-commissions` decides');
  },
});
