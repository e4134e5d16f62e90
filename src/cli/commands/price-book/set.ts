import { parseDate } from '../../../domain/dates.ts';
import { parsePrice, parsePricedName, parseRegion } from '../../../domain/prices.ts';
import { priceName } from '../../../services/price-book/list-prices.ts';
import { setPrice } from '../../../services/price-book/set-price.ts';
import { planCycleChoices } from '../../choices.ts';
import { complaintOf } from '../../complete-input.ts';
import { currencyReading } from '../../currency-reading.ts';
import { mutation } from '../../mutation.ts';
import { argument, option, requiredOption } from '../../parameters.ts';
import { onePlan, priceRows } from './rows.ts';

export const set = mutation({
  rows: priceRows,
  verb: 'set',
  summary: 'say what a plan or a unit of a meter costs from a day on',
  description:
    'Says over [--from, --to) what a plan costs a cycle (PLAN/CYCLE): what the operator asks of the partner ' +
    '(--wholesale) and what the customer is meant to pay (--list); or what a unit of a meter costs the partner ' +
    '(METER, --unit-price). A cycle is monthly, quarterly or annual. A price without a region holds wherever no price of ' +
    'the region does. Subscriptions keep the prices they were agreed at.',
  parameters: {
    item: argument('ITEM', 'PLAN/CYCLE, or METER; a meter may be unknown so far', {
      read: parsePricedName,
      ask: { message: 'Plan and cycle:', choices: planCycleChoices },
    }),
    currency: requiredOption('--currency <code>', 'of the amounts, ISO 4217', currencyReading),
    region: option('--region <region>', 'there alone: a country as DE, or a word of your own', { read: parseRegion }),
    wholesale: option('--wholesale <amount>', 'what a cycle of the plan costs the partner'),
    list: option('--list <amount>', 'what a cycle of the plan costs the customer'),
    unitPrice: option('--unit-price <number>', 'what a unit of the meter costs the partner, as 0.0004'),
    from: option('--from <date>', "first day; default today in the programme's zone", { read: parseDate }),
    to: option('--to <date>', 'first day it is no longer so; default never', { read: parseDate }),
  },
  previews: true,
  examples: [
    {
      command: 'price-book set pro/monthly --currency EUR --wholesale 12.00 --list 20.00 --from 2026-01-01',
      setup: onePlan,
    },
    { command: 'price-book set pro/annual --region CH --currency CHF --wholesale 130 --list 240', setup: onePlan },
    { command: 'price-book set api-calls --currency EUR --unit-price 0.0004 --from 2026-01-01 --dry-run' },
  ],
  async prepare({ asker }, input) {
    if (asker === null || 'meter' in input.item) return;
    const amount = async (message: string) =>
      await asker.text({ message, check: (text) => complaintOf(() => parsePrice(text, input.currency)) });
    const wholesale = input.wholesale ?? (await amount('What a cycle costs the partner:'));
    return { ...input, wholesale, list: input.list ?? (await amount('What a cycle costs the customer:')) };
  },
  async run(ctx, { item, ...input }, say) {
    const { price, changed } = await setPrice(ctx, { ...item, ...input });
    if (!changed) say(`${priceName(price)} costs exactly this already: nothing changed`);
    return price;
  },
  done: (row) => `${priceName(row)} is priced from ${row.from ?? 'ever'} on`,
});
