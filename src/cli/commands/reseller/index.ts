import { parseCode } from '../../../domain/codes.ts';
import { parseDate } from '../../../domain/dates.ts';
import {
  createReseller,
  listResellers,
  resellerReport,
  showReseller,
  type Reseller,
  type Resold,
} from '../../../services/reseller/resellers.ts';
import { partnerChoices } from '../../choices.ts';
import { command, type Command } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { listCommand, showCommand, type NounRows } from '../../listing.ts';
import { metricsPeriod, periodOption } from '../../metrics-period.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { argument, option, requiredOption } from '../../parameters.ts';
import { ONE_SHOP } from '../../example-books.ts';

const c = columnsOf<Reseller>();

/** A partner that stands under another. */
const resellerRows: NounRows<Reseller> = {
  noun: 'reseller',
  plural: 'resellers',
  id: (row) => row.code,
  columns: [
    c.code('code', (row) => row.code),
    c.text('name', (row) => row.name),
    c.code('under', (row) => row.under),
    c.code('status', (row) => row.status),
    c.code('currency', (row) => row.currency),
    c.code('tier', (row) => row.tier),
    c.rate('own_rate', (row) => row.ratePpm),
    c.number('instances', (row) => row.instances),
    c.number('accounts', (row) => row.accounts),
    c.actor('created_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};

const make = 'reseller create acme-north --under acme --name "Acme North" --rate 12% --from 2026-01-01';
const setup = [...ONE_SHOP, make];
const sold = [
  ...setup,
  'instance create north-shop --tenant northwind --partner acme-north --name "Northwind Nordic"',
  'rule set --scope partner=acme --override 1 --percentage 5% --from 2026-01-01',
  'account add north-shop/C-1 --name "Jane Roe"',
  'revenue record --instance north-shop --account C-1 --kind payment --net 200.00 --currency EUR --occurred-at 2026-10-05 --id pay-1',
  'job run accrue-commissions --for 2026-10-31',
];

const create = mutation({
  rows: resellerRows,
  verb: 'create',
  summary: 'make a reseller under a partner, with a rate of its own',
  description:
    'Makes a partner of type reseller that stands under another from the beginning of time, and with --rate a rule of its ' +
    'own, all or nothing. What the partner above earns of its sales, `rule set --scope partner=CODE --override 1` says; ' +
    'where it stands later, and where to write to, `partner update`.',
  parameters: {
    code: argument('CODE', 'what you will type for it, for ever', { read: parseCode }),
    under: requiredOption('--under <code>', 'the partner it stands under', { ask: { choices: partnerChoices } }),
    name: requiredOption('--name <text>', 'its name'),
    rate: option('--rate <rate>', 'what it earns of its own sales, as 12%; default what wider rules say'),
    from: option('--from <date>', "first day of the rate; default today in the programme's zone", { read: parseDate }),
    currency: option('--currency <code>', 'what it is paid in; default that of the partner above', {
      read: readCurrency,
    }),
  },
  previews: true,
  examples: [
    { command: make, setup: [...ONE_SHOP] },
    { command: 'reseller create acme-south --under acme --name "Acme South" --dry-run', setup: [...ONE_SHOP] },
  ],
  run: async (ctx, input) => await createReseller(ctx, input),
  done: (row) => `${row.code} resells under ${row.under}`,
});

const list = listCommand({
  ...resellerRows,
  filters: { under: option('--under <code>', 'only those under this partner today') },
  query: async (ctx, filter, page) => await listResellers(ctx, filter, page),
  whenEmpty: '`revshare reseller create CODE --under PARTNER --name NAME` makes one',
  examples: [
    { command: 'reseller list', setup },
    { command: 'reseller list --under acme --json', setup },
  ],
});

const reseller = argument<string>('CODE', 'the reseller', { ask: { message: 'Reseller:', choices: partnerChoices } });

const show = showCommand<Reseller>({
  ...resellerRows,
  argument: reseller,
  find: showReseller,
  examples: [{ command: 'reseller show acme-north', setup }],
});

const r = columnsOf<Resold>();

const report = command({
  verb: 'report',
  summary: 'show what each customer of a reseller brought in a period, and who earned of it',
  description:
    'Shows, the most revenue first, what the customers of a reseller paid less what went back, by business date; what the ' +
    'reseller earned of them and what those above did, by posting date. The default is this month.',
  parameters: { code: reseller, period: periodOption },
  examples: [
    { command: 'reseller report acme-north --period 2026-10', setup: sold },
    { command: 'reseller report acme-north --period 2026 -o csv', setup: sold },
  ],
  async run(invocation, { code, period }) {
    const ctx = await invocation.context();
    const asked = metricsPeriod(ctx, period ?? 'this-month');
    const { rows } = await resellerReport(ctx, code, asked);
    await invocation.note(asked.echo);
    await printList(
      invocation.print,
      [
        r.code('account', (row) => row.account),
        r.text('name', (row) => row.name),
        r.code('currency', (row) => row.currency),
        r.number('payments', (row) => row.payments),
        r.date('last_paid_on', (row) => row.lastPaidOn),
        r.money('revenue', (row) => row.revenue),
        r.money('earned', (row) => row.earned),
        r.money('earned_above', (row) => row.above),
      ],
      rows,
      (row) => row.account,
    );
  },
});

export const commands: readonly Command[] = [create, list, show, report];
