import { listFxRates, showFxRate, type FxRateDetails } from '../../../services/fx/list-fx-rates.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { section } from '../../output/printer.ts';
import { argument, option } from '../../parameters.ts';
import { readCurrency } from '../../currency-reading.ts';
import { withRates } from './example.ts';
import { importCommand } from './import.ts';
import { known } from './parameters.ts';
import { rate } from './rate.ts';
import { fxRateRows } from './rows.ts';

const list = listCommand({
  ...fxRateRows,
  summary: 'list exchange rates by pair and date, as known now or at a change',
  filters: {
    base: option('--base <code>', 'of this currency', { read: readCurrency }),
    quote: option('--quote <code>', 'in this currency', { read: readCurrency }),
    source: option('--source <name>', 'from this source'),
    known,
  },
  dated: 'date of the rate',
  query: async (ctx, filter, page, { from, to }) => await listFxRates(ctx, { ...filter, from, to }, page),
  whenEmpty: '`revshare fx import FILE` brings some',
  examples: [withRates('fx list'), withRates('fx list --base EUR --quote USD --period 2026-10 --json')],
});

const show = showCommand<FxRateDetails, Record<never, never>>({
  ...fxRateRows,
  summary: 'show one exchange rate, and all that was ever said of it',
  argument: argument<string>('RATE', 'its pair and day, as EUR/USD@2026-10-30'),
  sections: [section('versions', fxRateRows.columns.slice(3), (row) => row.versions)],
  find: async (ctx, name) => await showFxRate(ctx, name),
  examples: [withRates('fx show EUR/USD@2026-10-30')],
});

export const commands: readonly Command[] = [importCommand, list, show, rate];
