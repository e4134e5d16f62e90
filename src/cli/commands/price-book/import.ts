import { ExitCode } from '../../../domain/errors.ts';
import { importPrices, type PricesImported } from '../../../services/price-book/import-prices.ts';
import { rowsLeftOut } from '../../../services/rejected-rows.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { argument, flag } from '../../parameters.ts';
import { onePlan } from './rows.ts';

const c = columnsOf<PricesImported>();

const EXAMPLE = `plan,meter,cycle,region,currency,wholesale,list,unit_price,from
pro,,monthly,,EUR,12.00,20.00,,2026-01-01
pro,,monthly,,EUR,13.00,21.00,,2027-01-01
pro,,monthly,CH,CHF,13.50,24.00,,2026-01-01
,api-calls,,,EUR,,,0.0004,2026-01-01
`;
const files = { 'prices.csv': EXAMPLE, 'mixed.csv': `${EXAMPLE}pro,,weekly,,EUR,3.00,5.00,,2026-01-01\n` };

export const importCommand = mutation({
  rows: {
    noun: 'prices',
    plural: 'prices',
    id: (row) => (row.knownSeq === null ? '' : String(row.knownSeq)),
    columns: [
      c.text('file', (row) => row.file),
      c.number('read', (row) => row.read),
      c.number('new', (row) => row.new),
      c.number('known', (row) => row.known),
      c.number('rejected', (row) => row.problems.length),
      c.number('known_seq', (row) => row.knownSeq),
    ],
  },
  verb: 'import',
  summary: 'import a price list from a CSV or NDJSON file, all of it or none',
  description: [
    'Imports a CSV, or a file .ndjson of objects, with these columns, in any order; what a row does not need is blank, and `to` may be added:',
    EXAMPLE.trimEnd().replaceAll(/^(?=.)/gm, '  '),
    'A row without an end holds until the next row of the same item begins. The same file twice adds nothing. A wrong ' +
      'row refuses the file by line and column; --partial leaves it out instead (exit code 6).',
  ].join('\n\n'),
  parameters: {
    file: argument('FILE', 'the file'),
    partial: flag('--partial', 'import the good rows and leave the others out'),
  },
  previews: true,
  examples: [
    { command: 'price-book import prices.csv', setup: onePlan, files },
    { command: 'price-book import prices.csv --dry-run', setup: onePlan, files },
    { command: 'price-book import mixed.csv --partial', setup: onePlan, files, exit: ExitCode.partial },
  ],
  run: async (ctx, { file, partial }, _say, path) =>
    await importPrices(ctx, { file: path(file), label: file, partial }),
  done: ({ new: added, file }) => (added === 0 ? `nothing new in ${file}` : `${added} prices imported`),
  partly: (row, dryRun) => (row.problems.length === 0 ? null : rowsLeftOut(row, dryRun)),
});
