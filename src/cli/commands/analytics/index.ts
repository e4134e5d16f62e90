import { parseDate } from '../../../domain/dates.ts';
import { analyse, type Analysed, type AnalysedNoun } from '../../../services/analytics/analyse.ts';
import { instanceChoices, partnerChoices, tenantChoices } from '../../choices.ts';
import { command, type Command, type Example } from '../../command.ts';
import { dateParameters, dateWindow } from '../../date-window.ts';
import { columnsOf, type Column } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { readCurrency } from '../../currency-reading.ts';
import { argument, option } from '../../parameters.ts';
import { ACCRUAL, ONE_PAYMENT } from '../../example-books.ts';
import { churnRiskCommand, region, reseller, top } from './rankings.ts';

const c = columnsOf<Analysed>();

const columns: readonly Column<Analysed>[] = [
  c.code('tenant', (row) => row.tenant, { detail: true }),
  c.code('instance', (row) => row.instance),
  c.code('currency', (row) => row.currency),
  c.number('payments', (row) => row.payments, { aside: true }),
  c.number('customers', (row) => row.customers, { aside: true }),
  c.money('revenue', (row) => row.revenue),
  c.money('commission', (row) => row.commission),
  c.money('pending', (row) => row.pending, { detail: true }),
  c.money('held', (row) => row.held),
  c.money('approved', (row) => row.approved, { detail: true }),
  c.money('processing', (row) => row.processing, { detail: true }),
  c.money('paid', (row) => row.paid),
  c.money('balance', (row) => row.balance),
  c.money('wholesale', (row) => row.wholesale, { aside: true }),
  c.money('margin', (row) => row.margin, { aside: true }),
  c.instant('last_updated', (row) => row.updatedAt, { detail: true }),
];

/** Only where a reporting currency is named: amounts of several currencies mean nothing together without rates. */
const reported: readonly Column<Analysed>[] = [
  c.code('reporting_currency', (row) => row.reported?.currency, { detail: true }),
  c.money('rate', (row) => row.reported?.rate),
  c.money('reporting_revenue', (row) => row.reported?.revenue),
  c.money('reporting_commission', (row) => row.reported?.commission),
  c.money('reporting_paid', (row) => row.reported?.paid),
];

const MEANT =
  'Revenue is payments less returns by business date; commission what was earned and not taken back, by posting date, of ' +
  'it held and paid; the balance is that of the wallets whatever the dates; margin is revenue less what the operator ' +
  'charged. --in adds amounts in one currency, at the recorded exchange rates of the last day. Reads and writes nothing.';

function analytics(
  noun: AnalysedNoun,
  choices: typeof tenantChoices,
  summary: string,
  about: string,
  examples: readonly Example[],
): Command {
  return command({
    verb: noun,
    summary,
    description: `${about} ${MEANT}`,
    parameters: {
      code: argument<string>('CODE', `the ${noun}`, { ask: { choices } }),
      ...dateParameters('date'),
      asOf: option('--as-of <date>', 'posting dates up to this one; default all', { read: parseDate }),
      by: option('--by <what>', 'instance (the default) or currency, over all instances', {
        choices: ['instance', 'currency'] as const,
      }),
      in: option('--in <currency>', 'amounts in this currency too', {
        read: readCurrency,
      }),
    },
    examples,
    async run(invocation, { code, from, to, period, ...asked }) {
      const ctx = await invocation.context();
      const { window, echo } = dateWindow(ctx, { from, to, period });
      if (echo !== null) await invocation.note(echo);
      const { rows, total } = await analyse(ctx, noun, code, {
        window,
        asOf: asked.asOf,
        byCurrency: asked.by === 'currency',
        in: asked.in,
      });
      const shown = total === null ? columns : [...columns, ...reported];
      await printList(invocation.print, shown, rows, (row) => [row.instance, row.currency].filter(Boolean).join('/'));
      if (total === null) return;
      await invocation.note(
        `in ${total.currency} at the rates of ${total.on}: revenue ${total.revenue}, commission ${total.commission}, paid ${total.paid}`,
      );
    },
  });
}

const sold = [
  ...ONE_PAYMENT,
  'revenue record --instance acme-shop --kind payment --net 80.00 --currency USD --occurred-at 2026-10-06 --id pay-2',
  ACCRUAL,
];
const files = { 'rates.csv': 'date,base,quote,rate,source\n2026-10-30,EUR,USD,1.0795,ECB\n' };

export const commands: readonly Command[] = [
  analytics('instance', instanceChoices, 'figures of one instance', 'Shows the figures of an instance.', [
    { command: 'analytics instance acme-shop', setup: sold },
    { command: 'analytics instance acme-shop --period 2026-10 --json', setup: sold },
  ]),
  analytics(
    'tenant',
    tenantChoices,
    'figures of all instances of a tenant',
    'Shows the figures of every instance of a tenant, or with --by currency of all of them together.',
    [
      { command: 'analytics tenant northwind', setup: sold },
      {
        command: 'analytics tenant northwind --period 2026-10 --in EUR',
        setup: [...sold, 'fx import rates.csv'],
        files,
      },
    ],
  ),
  analytics(
    'partner',
    partnerChoices,
    'figures of a partner at every instance where it earned',
    'Shows a partner’s part of the figures of every instance where it earned or earns: its own wallets, and the revenue ' +
      'of sales dated within its agreements.',
    [
      { command: 'analytics partner acme', setup: sold },
      { command: 'analytics partner acme --as-of 2026-10-31 --by currency -o csv', setup: sold },
    ],
  ),
  top,
  region,
  reseller,
  churnRiskCommand,
];
