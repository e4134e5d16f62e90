import { importUsage, type UsageImported } from '../../../services/usage/import-usage.ts';
import type { Command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { ONE_SHOP } from '../../example-books.ts';
import { rowImport } from '../../row-import.ts';

const c = columnsOf<UsageImported>();

const importCommand = rowImport<UsageImported>({
  typed: 'usage',
  noun: 'usage',
  summary: 'import metered usage from a CSV or NDJSON file, all of it or none',
  columnsTold: 'with these columns, in any order; `currency` (default: the partner’s) and `region` may be added',
  told:
    'The price of a unit is the price book’s, by meter. The same file twice adds nothing; the same id with other content ' +
    'is refused. A correction is a row of its own with a quantity below zero. `wholesale charge` charges what was imported.',
  example: `external_id,instance,meter,quantity,date
u-1,acme-shop,api-calls,120000,2026-10-05
u-2,acme-shop,api-calls,80500,2026-10-20
u-3,acme-shop,api-calls,-500,2026-10-21
`,
  wrongRow: 'u-4,acme-shop,api-calls,much,2026-10-22',
  setup: [...ONE_SHOP, 'price-book set api-calls --currency EUR --unit-price 0.0004 --from 2026-01-01'],
  counted: [c.number('new', (row) => row.new), c.number('known', (row) => row.known)],
  besides: [c.date('first_date', (row) => row.firstDate), c.date('last_date', (row) => row.lastDate)],
  run: importUsage,
  done: ({ new: added, file }) =>
    added === 0
      ? `nothing new in ${file}`
      : `${added} rows of usage imported; \`revshare wholesale charge\` charges them`,
});

export const commands: readonly Command[] = [importCommand];
