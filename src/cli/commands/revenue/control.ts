import { parsePeriod } from '../../../domain/dates.ts';
import { DifferenceError, ExitCode } from '../../../domain/errors.ts';
import { CONTROL_KEYS } from '../../../domain/revenue-control.ts';
import { controlRevenue, type RevenueControlRow } from '../../../services/revenue/control-revenue.ts';
import { command } from '../../command.ts';
import { today } from '../../date-window.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { flag, option, requiredOption } from '../../parameters.ts';
import { recorded as setup } from './example.ts';

const BILLING = `instance,kind,currency,count,net
acme-shop,payment,EUR,1,125.50
acme-shop,refund,EUR,1,-20.00
`;
const files = {
  'billing.csv': BILLING,
  'more.csv': BILLING.replace('1,125.50', '2,174.50'),
};

const c = columnsOf<RevenueControlRow>();

export const control = command({
  verb: 'control',
  summary: "billing's own counts and sums of a period against imported and decided",
  description: [
    'Reads a CSV (or NDJSON) of what billing says that it has, a row for each group of events: currency and net, and as ' +
      'needed source, instance, kind, count, gross and tax. By the columns that are there the events of these business ' +
      'dates are counted and summed, voided ones left out, and what people and the system did themselves. --source says ' +
      'that the file is of one source, whose column it then need not have. Rows that differ come first; exit code 7 if any does:',
    [
      '  differs        a count or a sum is another',
      '  not_imported   billing has it, and the books have nothing of it',
      '  unexpected     the books have it, and the file does not say so',
      '  undecided      all of it was imported, and some is not decided yet',
    ].join('\n'),
  ].join('\n\n'),
  parameters: {
    period: requiredOption('--period <period>', '2026-10, 2026-Q4, 2026, last-month or 2026-10-01..2026-10-31'),
    expect: requiredOption('--expect <file>', 'what billing says'),
    source: option('--source <code>', 'the only source that the file is of'),
    differences: flag('--differences', 'only the rows that differ'),
  },
  examples: [
    {
      command: 'revenue control --period 2026-10 --expect billing.csv',
      setup: [...setup, 'job run accrue-commissions --for 2026-10-31'],
      files,
    },
    { command: 'revenue control --period 2026-10 --expect more.csv -o csv', setup, files, exit: ExitCode.difference },
  ],
  async run(invocation, { period, expect, source, differences }) {
    const ctx = await invocation.context();
    const dates = parsePeriod(period, today(ctx));
    await invocation.note(`period ${dates.label}: ${dates.from} up to, not including, ${dates.to} (${ctx.zone})`);
    const found = await controlRevenue(ctx, { period: dates, file: invocation.path(expect), label: expect, source });
    await printList(
      invocation.print,
      [
        c.code('verdict', (row) => row.verdict),
        ...CONTROL_KEYS.filter((key) => found.keys.includes(key)).map((key) => c.code(key, (row) => row[key])),
        c.code('currency', (row) => row.currency),
        c.number('expected', (row) => row.expectedCount),
        c.number('imported', (row) => row.imported),
        c.number('decided', (row) => row.decided),
        ...found.sums.flatMap((sum) => {
          const aside = sum !== 'net';
          return [
            c.money(`expected_${sum}`, (row) => row.sums[sum].expected, { aside }),
            c.money(`imported_${sum}`, (row) => row.sums[sum].imported, { aside }),
            c.money(`${sum}_difference`, (row) => row.sums[sum].difference, { aside }),
          ];
        }),
        c.money('decided_net', (row) => row.decidedNet, { aside: true }),
      ],
      differences ? found.rows.slice(0, found.differing) : found.rows,
      (row) => [row.source, row.instance, row.kind, row.currency].filter((part) => part !== null).join('/'),
    );
    if (found.differing > 0) {
      throw new DifferenceError('revenue_differs', `${found.differing} of ${found.rows.length} rows differ`, {
        hint: 'import what is missing (`revenue import`), decide it (`job run accrue-commissions`), or ask billing',
      });
    }
    await invocation.note(`${found.rows.length} rows agree, and all of it is decided`);
  },
});
