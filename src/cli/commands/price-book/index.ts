import { BILLING_CYCLES } from '../../../domain/billing-cycles.ts';
import { parseCode } from '../../../domain/codes.ts';
import { parseDate } from '../../../domain/dates.ts';
import { parseRegion } from '../../../domain/prices.ts';
import { listPrices } from '../../../services/price-book/list-prices.ts';
import type { Command } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { listCommand } from '../../listing.ts';
import { flag, option } from '../../parameters.ts';
import { importCommand } from './import.ts';
import { onePlan, priceRows } from './rows.ts';
import { set } from './set.ts';

const setup = [
  ...onePlan,
  'price-book set pro/monthly --currency EUR --wholesale 12.00 --list 20.00 --from 2026-01-01',
];

const list = listCommand({
  ...priceRows,
  summary: 'list the price book: what holds today and later, or on a day',
  filters: {
    of: option('--of <code>', 'of this plan or meter', { read: parseCode }),
    cycle: option('--cycle <cycle>', 'of this cycle', { choices: BILLING_CYCLES }),
    region: option('--region <region>', 'of this region', { read: parseRegion }),
    currency: option('--currency <code>', 'in this currency', { read: readCurrency }),
    on: option('--on <date>', 'in force on this day', { read: parseDate }),
    all: flag('--all', 'every version there ever was, retired ones too'),
  },
  query: async (ctx, filter, page) => await listPrices(ctx, filter, page),
  whenEmpty: '`revshare price-book set` says one, `price-book import FILE` many',
  examples: [
    { command: 'price-book list', setup },
    { command: 'price-book list --of pro --on 2026-10-31 --json', setup },
    { command: 'price-book list --all -o csv', setup },
  ],
});

export const commands: readonly Command[] = [set, list, importCommand];
