import { UsageError } from '../../../domain/errors.ts';
import { HISTORY_LAYOUTS, layoutTold } from '../../../formats/history-layouts.ts';
import { compareImport, type ComparedRowView } from '../../../services/comparison/compare-import.ts';
import { command, type Command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { argument, flag, option } from '../../parameters.ts';

const MAP = `source = "old-system"

[columns]
external_id = "commission_id"
occurred_at = "created_at"
net = "sale_amount"
currency = "currency"
account = "customer"
instance = { constant = "acme-shop" }

[kind]
rules = [{ column = "sale_amount", sign = "negative", kind = "refund" }]
otherwise = "payment"
`;
const HISTORY = `commission_id,created_at,customer,sale_amount,currency,commission
c-1,2026-09-03,C-1,100.00,EUR,10.00
c-2,2026-09-10,C-2,250.00,EUR,30.00
c-3,2026-09-12,C-1,-20.00,EUR,-2.00
`;
const setup = [
  'tenant create northwind --name "Northwind Traders"',
  'partner create acme --name "Acme Resale" --type affiliate --currency EUR',
  'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
  'rule set --scope programme --percentage 10% --from 2026-01-01',
];
const DUB = `ID,Type,Amount,Earnings,Currency,Status,Invoice ID,Quantity,Created at,Customer ID
cm_1,sale,100.00,10.00,EUR,paid,INV-1,1,2026-09-03T10:00:00.000Z,cus_1
cm_2,sale,250.00,30.00,EUR,pending,INV-2,1,2026-09-10T10:00:00.000Z,cus_2
`;
const files = { 'old-map.toml': MAP, 'history.csv': HISTORY };

const c = columnsOf<ComparedRowView>();

const compare = command({
  verb: 'compare',
  summary: 'what our rules would have paid on another system’s history, beside what it paid',
  description: [
    'Reads an exported file by a mapping file, as `revenue import` does, decides it by the rules as they are, and puts what ' +
      'each row would have earned beside what the other system paid for it: rows that differ first, the largest on top; ' +
      'totals per currency on stderr. --paid names the column of what was paid, written as the other amounts; where our ' +
      'rules pay a row in several currencies it stands beside the first of them. Everything is rolled back: nothing is ' +
      'recorded, no account is made, no number drawn. Rows that these books have recorded already are left out.',
    'A --layout needs no mapping file, and counts as paid nothing what its status says is void:',
    HISTORY_LAYOUTS.map((layout) => `  ${layout}: ${layoutTold(layout)}`).join('\n'),
  ].join('\n\n'),
  parameters: {
    file: argument('FILE', 'the exported file'),
    map: option('--map <file>', 'the mapping file; or --layout'),
    layout: option('--layout <name>', 'a file of a system that is known', { choices: HISTORY_LAYOUTS }),
    paid: option('--paid <column>', 'the column of what the other system paid; a layout knows its own'),
    defaultInstance: option('--default-instance <code>', 'where records go that name no instance'),
    differences: flag('--differences', 'only the rows that differ'),
  },
  examples: [
    { command: 'import compare history.csv --map old-map.toml --paid commission', setup, files },
    {
      command: 'import compare commissions.csv --layout dub --default-instance acme-shop',
      setup,
      files: { 'commissions.csv': DUB },
    },
    { command: 'import compare history.csv --map old-map.toml --paid commission --differences -o csv', setup, files },
  ],
  async run(invocation, { file, map, layout, paid, differences, defaultInstance }) {
    if ((map === undefined) === (layout === undefined)) {
      throw new UsageError('map_or_layout', 'a file is read by a mapping file or by a layout: name one of the two', {
        hint: `--map FILE with --paid COLUMN, or --layout ${HISTORY_LAYOUTS.join('|')}`,
      });
    }
    const found = await compareImport(await invocation.context(), {
      file: invocation.path(file),
      map: map === undefined ? { layout: layout! } : invocation.path(map),
      labels: { file, map: map ?? `layout ${layout!}` },
      paidColumn: paid,
      defaultInstance,
    });
    await printList(
      invocation.print,
      [
        c.number('line', (row) => row.line),
        c.code('event', (row) => row.event),
        c.code('kind', (row) => row.kind, { detail: true }),
        c.text('partners', (row) => row.partners),
        c.code('instance', (row) => row.instance, { detail: true }),
        c.money('net', (row) => row.net),
        c.code('sale_currency', (row) => row.saleCurrency, { detail: true }),
        c.money('ours', (row) => row.ours),
        c.money('paid', (row) => row.paid),
        c.money('difference', (row) => row.difference),
        c.code('currency', (row) => row.currency),
        c.code('reason', (row) => row.reason, { aside: true }),
      ],
      differences ? found.rows.slice(0, found.differing) : found.rows,
      (row) => row.event,
    );
    for (const { currency, ours, paid: theirs, difference } of found.totals) {
      await invocation.note(`${currency}: ours ${ours}, paid ${theirs}, difference ${difference}`);
    }
    await invocation.note(
      `${found.differing} of ${found.rows.length} rows differ${found.known === 0 ? '' : `; ${found.known} are recorded here already`}; nothing was written`,
    );
  },
});

export const commands: readonly Command[] = [compare];
