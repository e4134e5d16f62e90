import { compareImport, type ComparedRowView } from '../../../services/comparison/compare-import.ts';
import { command, type Command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { argument, flag, requiredOption } from '../../parameters.ts';

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
const files = { 'old-map.toml': MAP, 'history.csv': HISTORY };

const c = columnsOf<ComparedRowView>();

const compare = command({
  verb: 'compare',
  summary: 'what our rules would have paid on another system’s history, beside what it paid',
  description:
    'Reads an exported file by a mapping file, as `revenue import` does, decides it by the rules as they are, and puts what ' +
    'each row would have earned beside what the other system paid for it: rows that differ first, the largest on top; ' +
    'totals per currency on stderr. --paid names the column of what was paid, written as the other amounts; where our ' +
    'rules pay a row in several currencies it stands beside the first of them. Everything is rolled back: nothing is ' +
    'recorded, no account is made, no number drawn. Rows that these books have recorded already are left out.',
  parameters: {
    file: argument('FILE', 'the exported file'),
    map: requiredOption('--map <file>', 'the mapping file'),
    paid: requiredOption('--paid <column>', 'the column of what the other system paid'),
    differences: flag('--differences', 'only the rows that differ'),
  },
  examples: [
    { command: 'import compare history.csv --map old-map.toml --paid commission', setup, files },
    { command: 'import compare history.csv --map old-map.toml --paid commission --differences -o csv', setup, files },
  ],
  async run(invocation, { file, map, paid, differences }) {
    const found = await compareImport(await invocation.context(), {
      file: invocation.path(file),
      map: invocation.path(map),
      labels: { file, map },
      paidColumn: paid,
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
