import { ExitCode } from '../../../domain/errors.ts';
import { rowsLeftOut } from '../../../services/rejected-rows.ts';
import { importUsage, type UsageImported } from '../../../services/usage/import-usage.ts';
import type { Command } from '../../command.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { argument, flag } from '../../parameters.ts';
import { ONE_SHOP } from '../../example-books.ts';

const c = columnsOf<UsageImported>();

const EXAMPLE = `external_id,instance,meter,quantity,date
u-1,acme-shop,api-calls,120000,2026-10-05
u-2,acme-shop,api-calls,80500,2026-10-20
u-3,acme-shop,api-calls,-500,2026-10-21
`;
const files = { 'usage.csv': EXAMPLE, 'mixed.csv': `${EXAMPLE}u-4,acme-shop,api-calls,much,2026-10-22\n` };
const setup = [...ONE_SHOP, 'price-book set api-calls --currency EUR --unit-price 0.0004 --from 2026-01-01'];

const importCommand = mutation({
  rows: {
    noun: 'usage',
    plural: 'usage',
    id: (row) => row.file,
    columns: [
      c.text('file', (row) => row.file),
      c.number('read', (row) => row.read),
      c.number('new', (row) => row.new),
      c.number('known', (row) => row.known),
      c.number('rejected', (row) => row.problems.length),
      c.date('first_date', (row) => row.firstDate),
      c.date('last_date', (row) => row.lastDate),
    ],
  },
  verb: 'import',
  summary: 'import metered usage from a CSV or NDJSON file, all of it or none',
  description: [
    'Imports a CSV, or a file .ndjson of objects, with these columns, in any order; `currency` (default: the partner’s) and `region` may be added:',
    EXAMPLE.trimEnd().replaceAll(/^(?=.)/gm, '  '),
    'The price of a unit is the price book’s, by meter. The same file twice adds nothing; the same id with other content ' +
      'is refused. A correction is a row of its own with a quantity below zero. A wrong row refuses the file by line and ' +
      'column; --partial leaves it out instead (exit code 6). `wholesale charge` charges what was imported.',
  ].join('\n\n'),
  parameters: {
    file: argument('FILE', 'the file'),
    partial: flag('--partial', 'import the good rows and leave the others out'),
  },
  previews: true,
  examples: [
    { command: 'usage import usage.csv', setup, files },
    { command: 'usage import usage.csv --dry-run', setup, files },
    { command: 'usage import mixed.csv --partial', setup, files, exit: ExitCode.partial },
  ],
  run: async (ctx, { file, partial }, _say, path) => await importUsage(ctx, { file: path(file), label: file, partial }),
  done: ({ new: added, file }) =>
    added === 0
      ? `nothing new in ${file}`
      : `${added} rows of usage imported; \`revshare wholesale charge\` charges them`,
  partly: (row, dryRun) => (row.problems.length === 0 ? null : rowsLeftOut(row, dryRun)),
});

export const commands: readonly Command[] = [importCommand];
