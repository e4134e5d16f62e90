import { importPrices, type PricesImported } from '../../../services/price-book/import-prices.ts';
import { columnsOf } from '../../output/columns.ts';
import { rowImport } from '../../row-import.ts';
import { onePlan } from './rows.ts';

const c = columnsOf<PricesImported>();

export const importCommand = rowImport<PricesImported>({
  typed: 'price-book',
  noun: 'prices',
  summary: 'import a price list from a CSV or NDJSON file, all of it or none',
  columnsTold: 'with these columns, in any order; what a row does not need is blank, and `to` may be added',
  told: 'A row without an end holds until the next row of the same item begins. The same file twice adds nothing.',
  example: `plan,meter,cycle,region,currency,wholesale,list,unit_price,from
pro,,monthly,,EUR,12.00,20.00,,2026-01-01
pro,,monthly,,EUR,13.00,21.00,,2027-01-01
pro,,monthly,CH,CHF,13.50,24.00,,2026-01-01
,api-calls,,,EUR,,,0.0004,2026-01-01
`,
  wrongRow: 'pro,,weekly,,EUR,3.00,5.00,,2026-01-01',
  setup: onePlan,
  counted: [c.number('new', (row) => row.new), c.number('known', (row) => row.known)],
  besides: [c.number('known_seq', (row) => row.knownSeq)],
  id: (row) => (row.knownSeq === null ? '' : String(row.knownSeq)),
  run: importPrices,
  done: ({ new: added, file }) => (added === 0 ? `nothing new in ${file}` : `${added} prices imported`),
});
