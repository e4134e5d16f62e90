import { parseCode } from '../../../domain/codes.ts';
import { parseDate } from '../../../domain/dates.ts';
import { parsePlanCycle, parseRegion } from '../../../domain/prices.ts';
import { createSubscription } from '../../../services/subscription/create-subscription.ts';
import { instanceChoices, planCycleChoices } from '../../choices.ts';
import { currencyReading } from '../../currency-reading.ts';
import { mutation } from '../../mutation.ts';
import { argument, option, requiredOption, wholeNumber } from '../../parameters.ts';
import { priced } from './example.ts';
import { subscriptionRows } from './rows.ts';

export const create = mutation({
  rows: subscriptionRows,
  verb: 'create',
  summary: 'begin a subscription of an instance or an account',
  description:
    'Begins a subscription of an instance, or of one account there, on trial (--trial-until) or active. What it costs the ' +
    'partner (--wholesale) and what the partner asks for it (--price), both of a unit a cycle, are by default what the ' +
    'price book says on the first day; the margin follows from them. The partner’s own terms limit what it may agree. ' +
    'Cycles are counted from the day it becomes active: from the 31st to the last day of a shorter month.',
  parameters: {
    code: argument('CODE', 'what you will type for it, for ever', { read: parseCode }),
    plan: argument('PLAN/CYCLE', 'the plan, and monthly, quarterly or annual', {
      read: parsePlanCycle,
      ask: { message: 'Plan and cycle:', choices: planCycleChoices },
    }),
    instance: option('--instance <code>', 'of this instance'),
    account: option('--account <account>', 'or of this account, INSTANCE/CODE'),
    currency: requiredOption('--currency <code>', 'of its prices, ISO 4217', currencyReading),
    quantity: option('--quantity <n>', 'how many units (default 1)', {
      read: wholeNumber('--quantity', 1, 1_000_000_000),
    }),
    region: option('--region <region>', "whose price it takes; default the account's country", { read: parseRegion }),
    wholesale: option('--wholesale <amount>', 'what a unit costs the partner a cycle, as agreed'),
    price: option('--price <amount>', 'what the partner asks for a unit a cycle'),
    from: option('--from <date>', "first day; default today in the programme's zone", { read: parseDate }),
    trialUntil: option('--trial-until <date>', 'first day it is no trial any more', { read: parseDate }),
  },
  previews: true,
  examples: [
    {
      command: 'subscription create shop-pro pro/monthly --instance acme-shop --currency EUR --from 2026-01-31',
      setup: priced,
    },
    {
      command:
        'subscription create roe-pro pro/monthly --account acme-shop/C-1042 --currency EUR --quantity 5 --price 18.00',
      setup: priced,
    },
    {
      command:
        'subscription create trial-pro pro/monthly --instance acme-shop --currency EUR --from 2026-11-01 --trial-until 2026-12-01 --dry-run',
      setup: priced,
    },
  ],
  async prepare({ asker, context }, input) {
    if (asker === null || input.instance !== undefined || input.account !== undefined) return;
    const choices = await instanceChoices(await context());
    if (choices.length === 0) return;
    return { ...input, instance: await asker.select({ message: 'Of which instance:', choices }) };
  },
  run: async (ctx, { plan, ...input }) => await createSubscription(ctx, { ...input, ...plan }),
  done: (row) => `subscription ${row.code} of ${row.account ?? row.instance} begins on ${row.startedOn}`,
});
