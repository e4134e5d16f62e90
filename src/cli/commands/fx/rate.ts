import { parseDate } from '../../../domain/dates.ts';
import { findFxRate, type FxAnswer } from '../../../services/fx/find-fx-rate.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printRow, section } from '../../output/printer.ts';
import { argument, option } from '../../parameters.ts';
import { readCurrency } from '../../currency-reading.ts';
import { withRates } from './example.ts';
import { known } from './parameters.ts';

const c = columnsOf<FxAnswer>();
const columns = [
  c.code('base', (row) => row.base),
  c.code('quote', (row) => row.quote),
  c.date('on', (row) => row.on),
  c.code('rate', (row) => row.rate),
  c.code('how', (row) => row.how),
  c.number('known_seq', (row) => row.knownSeq),
];
const f = columnsOf<FxAnswer['from'][number]>();
const from = section<FxAnswer, FxAnswer['from'][number]>(
  'from',
  [
    f.date('date', (row) => row.date),
    f.code('base', (row) => row.base),
    f.code('quote', (row) => row.quote),
    f.code('rate', (row) => row.rate),
    f.code('source', (row) => row.source),
  ],
  (row) => row.from,
);

export const rate = command({
  verb: 'rate',
  summary: 'tell at which rate a sale of a day is converted, and how it is found',
  description:
    'Asks what rating asks: the latest rate of the pair that is not older than the setting fx_max_age_days; else the ' +
    'inverse of the opposite pair; else both ways crossed once over the currency of the programme. What is derived is ' +
    'rounded once, to 18 decimals.',
  parameters: {
    base: argument('BASE', 'the currency of the sale', { read: readCurrency }),
    quote: argument('QUOTE', 'the currency that is paid', { read: readCurrency }),
    on: option('--on <date>', 'day of the sale; default today', { read: parseDate }),
    known,
  },
  examples: [withRates('fx rate EUR USD --on 2026-10-31'), withRates('fx rate USD GBP --on 2026-10-31 --json')],
  async run(invocation, asked) {
    const ctx = await invocation.context();
    await printRow(invocation.print, columns, await findFxRate(ctx, asked), (row) => row.rate, [from]);
  },
});
