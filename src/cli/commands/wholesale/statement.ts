import { writeStatement } from '../../../services/wholesale/write-statement.ts';
import { wholesaleStatement, type WholesaleBalance } from '../../../services/wholesale/list-wholesale.ts';
import { command } from '../../command.ts';
import { csvCell } from '../../output/cells.ts';
import { columnsOf, toRecord } from '../../output/columns.ts';
import { plainJson } from '../../output/plain-text.ts';
import { printList } from '../../output/printer.ts';
import { option, requiredOption } from '../../parameters.ts';
import { charged, wholesaleLines } from './rows.ts';

const b = columnsOf<WholesaleBalance>();
const balanceColumns = [
  b.code('instance', (row) => row.instance),
  b.code('partner', (row) => row.partner),
  b.money('opening', (row) => row.opening),
  b.money('charged', (row) => row.charged),
  b.money('received', (row) => row.received),
  b.money('closing', (row) => row.closing),
  b.code('currency', (row) => row.currency),
];

export const statement = command({
  verb: 'statement',
  summary: 'what partners were charged over a period, and what they owe',
  description:
    'The statement by posting dates: what each partner owed at each instance when the period began, what was charged and ' +
    'received, and what it owes now: opening + charged − received = closing, from the ledger. Without --out the balances ' +
    'are printed; with it the lines go to the file as CSV, or lines and balances as JSON. Wholesale is never netted with ' +
    'a wallet.',
  parameters: {
    period: requiredOption('--period <period>', '2026-10, 2026-Q4, 2026, last-month or 2026-10-01..2026-10-31'),
    instance: option('--instance <code>', 'of this instance'),
    partner: option('--partner <code>', 'of this partner'),
    out: option('--out <file>', 'the file to write'),
    format: option<'csv' | 'json'>('--format <format>', 'of the file; default csv', { choices: ['csv', 'json'] }),
  },
  examples: [
    charged('wholesale statement --period 2026-10'),
    charged('wholesale statement --period 2026-10 --instance acme-shop --out october.csv'),
    charged('wholesale statement --period 2026-10 --format json --out october.json'),
  ],
  async run(invocation, { out, format = 'csv', ...asked }) {
    const ctx = await invocation.context();
    const found = await wholesaleStatement(ctx, asked);
    const { label, from, to } = found.period;
    await invocation.note(`period ${label}: ${from} up to, not including, ${to} (${found.zone})`);
    if (out !== undefined) {
      // For the partner, to whom it is nothing who recorded a line and when.
      const columns = wholesaleLines.columns.filter(({ detail }) => !detail);
      const written = await writeStatement(invocation.path(out), {
        format,
        csv: {
          heading: columns.map(({ name }) => name),
          rows: found.lines.map((row) => columns.map(({ kind, cell }) => csvCell(kind, cell(row)))),
        },
        json: plainJson(
          {
            period: { label, from, to, zone: found.zone },
            balances: found.balances.map((row) => toRecord(balanceColumns, row)),
            lines: found.lines.map((row) => toRecord(columns, row)),
          },
          2,
        ),
      });
      await invocation.note(`${found.lines.length} lines in ${out}, sha256 ${written.sha256}`);
    }
    await printList(
      invocation.print,
      balanceColumns,
      found.balances,
      (row) => `${row.partner}/${row.instance}/${row.currency}`,
    );
  },
});
