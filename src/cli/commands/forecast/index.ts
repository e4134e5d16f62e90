import { FORECAST_MODELS } from '../../../domain/forecast.ts';
import {
  forecastFigures,
  type ForecastFigure,
  type ForecastMonth,
} from '../../../services/forecast/forecast-figures.ts';
import { command, type Command } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { ONE_SHOP, TEN_PERCENT } from '../../example-books.ts';
import { bar } from '../../output/charts.ts';
import { columnsOf } from '../../output/columns.ts';
import { drawsTable, printList } from '../../output/printer.ts';
import { option, wholeNumber } from '../../parameters.ts';

const c = columnsOf<ForecastMonth>();
const BAR = 24;

const columns = [
  c.code('month', (row) => row.startsOn.slice(0, 7)),
  c.code('currency', (row) => row.currency),
  c.code('kind', (row) => row.kind),
  c.money('value', (row) => row.value),
  c.money('low', (row) => row.low),
  c.money('high', (row) => row.high),
  c.code('model', (row) => row.model),
  c.rate('backtest_error', (row) => row.errorPpm),
];

const HOW =
  'From the months that are over, by currency, with this month as the first to come: as in the same month of the year ' +
  'before (seasonal, from more than a year), or along the line of least squares (trend, from four months). Each is tried on ' +
  'the last six months, each foretold from what was before it; the one that was off the least is taken, and how far it was ' +
  'off stands beside it, of what there was. The interval holds four of five months where they scatter as they did. A ' +
  'forecast is arithmetic: it knows no contract and no plan.';

function forecastOf(figure: ForecastFigure, what: string): Command {
  const sold = ['07', '08', '09', '10'].map(
    (month, at) =>
      `revenue record --instance acme-shop --kind payment --net ${100 + at * 20}.00 --currency EUR --occurred-at 2026-${month}-05 --id pay-${month}`,
  );
  const setup = [...ONE_SHOP, TEN_PERCENT, ...sold, 'job run accrue-commissions --for 2026-10-31'];
  return command({
    verb: figure,
    summary: `foretell ${what}, month by month`,
    description: `Foretells ${what}. ${HOW}`,
    parameters: {
      partner: option('--partner <code>', 'only of this partner'),
      currency: option('--currency <code>', 'only this currency', { read: readCurrency }),
      months: option('--months <n>', 'so many months (default 3)', { read: wholeNumber('--months', 1, 24) }),
      model: option('--model <model>', 'this one, however far it was off', { choices: FORECAST_MODELS }),
    },
    examples:
      figure === 'payout'
        ? // Nothing was paid in these books yet.
          [{ command: 'forecast payout --partner acme', setup, exit: 3 }]
        : [
            { command: `forecast ${figure}`, setup },
            { command: `forecast ${figure} --partner acme --months 6 --model trend --json`, setup },
          ],
    async run(invocation, { months = 3, ...asked }) {
      const ctx = await invocation.context();
      const rows = await forecastFigures(ctx, { ...asked, figure, months });
      const most = (currency: string) =>
        rows.reduce((high, row) => (row.currency === currency && row.minor > high ? row.minor : high), 0n);
      const drawn = c.code('', (row) => bar(row.minor, most(row.currency), BAR));
      await printList(
        invocation.print,
        drawsTable(invocation.print) ? [...columns, drawn] : columns,
        rows,
        (row) => `${row.startsOn}/${row.currency}`,
      );
    },
  });
}

export const commands: readonly Command[] = [
  forecastOf('revenue', 'payments less returns'),
  forecastOf('commission', 'what partners earn, by posting date'),
  forecastOf('payout', 'what is paid to partners, by the bank’s date'),
];
