import { parseDate } from '../../../domain/dates.ts';
import { UsageError } from '../../../domain/errors.ts';
import { setTier, setUsualRates, USUAL_RATES } from '../../../services/tier/set-tier.ts';
import { command } from '../../command.ts';
import { mutation, printDryRun } from '../../mutation.ts';
import { toRecord } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { option, orNone, readText, repeatedOption, wholeNumber } from '../../parameters.ts';
import { tier, tierRows } from './rows.ts';

const from = option('--from <date>', "first day; default today in the programme's zone", { read: parseDate });

export const set = mutation({
  rows: tierRows,
  verb: 'set',
  summary: 'say what a tier asks, gives and pays from a day on',
  description:
    'Says over [--from, --to) what a partner must have for the tier, both on average every month of the window, and what ' +
    'it gives. --rate sets the rule of the tier, as `rule set --scope tier=X` does. What is not given stays; evaluations ' +
    'that were made keep what they were made by.',
  parameters: {
    tier,
    minRevenue: option('--min-revenue <amount>', "revenue a month, in the programme's currency"),
    minCustomers: option('--min-customers <n>', 'customers who pay', {
      read: wholeNumber('--min-customers', 0, 10_000_000),
    }),
    rate: option('--rate <rate>', 'what it pays where nothing narrower speaks, as 20%'),
    support: option('--support <level>', 'level of support; none takes it away', {
      read: orNone((text) => readText(text, '--support')),
    }),
    accountManager: option('--account-manager <yes|no>', 'whether it has one', { choices: ['yes', 'no'] }),
    apiCallsHour: option('--api-calls <n>', 'API calls an hour; none takes the limit away', {
      read: orNone(wholeNumber('--api-calls', 0, 1_000_000_000)),
    }),
    benefits: repeatedOption('--benefit <name=value>', 'whatever else it gives; NAME=none takes it away', {
      read: readBenefit,
    }),
    from,
    to: option('--to <date>', 'first day it is no longer so; default never', { read: parseDate }),
  },
  previews: true,
  examples: [
    { command: 'tier set gold --min-revenue 30000 --min-customers 60 --from 2027-01-01' },
    { command: 'tier set gold --rate 20% --from 2026-01-01' },
    { command: 'tier set silver --support priority --api-calls 3000 --benefit co-marketing=quarterly --dry-run' },
  ],
  async run(ctx, { tier: code, accountManager, benefits, ...input }, say) {
    const { tier: row, changed } = await setTier(ctx, code, {
      ...input,
      accountManager: accountManager === undefined ? undefined : accountManager === 'yes',
      benefits: benefits.length === 0 ? undefined : Object.fromEntries(benefits),
    });
    if (!changed) say(`tier ${code} says exactly this already: nothing changed`);
    return row;
  },
  done: (row) => `tier ${row.tier} is set`,
});

const usual = Object.entries(USUAL_RATES)
  .map(([code, rate]) => `${code} ${rate}`)
  .join(', ');

export const seed = command({
  verb: 'seed',
  summary: 'make a rule of each tier that pays its usual rate',
  description:
    `Sets the rules of the five tiers from a day on: ${usual}. A programme begins with what its tiers ask and give, and ` +
    'without their rates, for a rule is money. The same again changes nothing.',
  parameters: { from },
  mutates: true,
  examples: [{ command: 'tier seed --from 2026-01-01' }, { command: 'tier seed --from 2026-01-01 --dry-run' }],
  async run(invocation, input) {
    const ctx = await invocation.context();
    const { tiers, changed } = await setUsualRates(ctx, input.from);
    if (!changed) await invocation.note('the tiers pay exactly this already: nothing changed');
    if (invocation.dryRun) {
      const result = { tiers: tiers.map((row) => toRecord(tierRows.columns, row)) };
      await printDryRun(invocation, ctx, result, ...tiers.map(tierRows.id));
    } else {
      await printList(invocation.print, tierRows.columns, tiers, tierRows.id);
    }
  },
});

/** 'co-marketing=quarterly' as its name and its value; `none` takes it away. */
function readBenefit(text: string): readonly [string, string | null] {
  const [, name, value] = /^\s*([a-z][a-z0-9 _-]{0,39}?)\s*=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError('benefit_invalid', `'${text.slice(0, 60)}' is no benefit`, {
      hint: 'write NAME=VALUE, the name in small letters: --benefit co-marketing=quarterly',
    });
  }
  return [name, orNone((said) => readText(said, '--benefit'))(value)];
}
