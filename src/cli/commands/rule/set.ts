import { currency } from '../../../domain/currencies.ts';
import { parseDate } from '../../../domain/dates.ts';
import { UsageError } from '../../../domain/errors.ts';
import { parseScope, type RuleScope } from '../../../domain/rule-scope.ts';
import { setRule, type NewRule } from '../../../services/rule/set-rule.ts';
import { currencyChoices } from '../../choices.ts';
import type { Invocation } from '../../command.ts';
import { mutation } from '../../mutation.ts';
import { flag, option } from '../../parameters.ts';
import { askScope } from './parameters.ts';
import { ruleRows, tenPercent } from './rows.ts';

const parameters = {
  scope: option<RuleScope>('--scope <scope>', 'programme, tier=X, partner=X, instance=X or account=INSTANCE/CODE', {
    read: parseScope,
  }),
  product: option('--product <code>', 'of this product alone; it may be unknown so far'),
  percentage: option('--percentage <rate>', 'a share of the base, as 12.5%'),
  flat: option('--flat <amount>', 'an amount per sale, in --currency'),
  currency: option('--currency <code>', 'of --flat, ISO 4217', {
    read: (text) => currency(text.trim().toUpperCase()).code,
  }),
  exclude: flag('--exclude', 'earn nothing, whatever a wider rule or rate says'),
  include: flag('--include', 'with a rate: earn in spite of an exclusion at a wider scope'),
  base: option('--base <base>', 'what a percentage is taken of; default net', { choices: ['net', 'gross'] as const }),
  from: option('--from <date>', "first day; default today in the programme's zone", { read: parseDate }),
  to: option('--to <date>', 'first day it is no longer so; default never', { read: parseDate }),
  note: option('--note <text>', 'why, for the record'),
};

export const set = mutation({
  rows: ruleRows,
  verb: 'set',
  summary: 'say what a scope earns from a day on',
  description:
    'Says what a scope earns over [--from, --to): a new version of its rule; what the rule said on those days is ' +
    'retired and kept. The narrowest rule wins: account, instance, partner, tier, programme, each with a product ' +
    'before without. 0% is a rate like any other; an exclusion beats every rate that is not narrower with --include. ' +
    'A version that would touch decided sales is refused.',
  parameters,
  examples: [
    { command: 'rule set --scope programme --percentage 10% --from 2026-01-01' },
    { command: 'rule set --scope tier=gold --percentage 20% --from 2026-01-01 --to 2027-01-01' },
    { command: 'rule set --scope programme --product setup --flat 25.00 --currency EUR --from 2026-01-01' },
    { command: 'rule set --scope programme --product support --exclude --from 2026-01-01 --note "not ours to share"' },
    { command: 'rule set --scope programme --percentage 12.5% --from 2026-07-01 --dry-run', setup: tenPercent },
  ],
  async prepare(invocation, input) {
    if (invocation.asker === null) {
      if (input.scope === undefined) {
        throw new UsageError('missing_input', 'missing: --scope <scope>', {
          hint: 'write --scope programme, tier=X, partner=X, instance=X or account=INSTANCE/CODE',
          details: { missing: ['--scope'] },
        });
      }
      return input;
    }
    const scope = input.scope ?? (await askScope(invocation));
    const saysSomething = input.percentage !== undefined || input.flat !== undefined || input.exclude;
    return { ...input, scope, ...(saysSomething ? {} : await askTerms(invocation)) };
  },
  async run(ctx, { scope, ...input }, say) {
    const { rule, changed, newProduct } = await setRule(ctx, { ...input, scope: scope! });
    if (newProduct !== null) say(`product '${newProduct}' was unknown so far: this rule makes it known`);
    if (!changed) say(`rule ${rule.rule} says exactly this already: nothing changed`);
    return rule;
  },
  done: (row) => `rule ${row.rule} for ${row.scope} holds from ${row.from ?? 'ever'} on, known as ${row.knownSeq}`,
});

/** Asks what the rule is to say, and only for what that kind of rule wants. */
async function askTerms(
  invocation: Invocation,
): Promise<Pick<NewRule, 'percentage' | 'flat' | 'currency'> & { exclude: boolean }> {
  const asker = invocation.asker!;
  const kind = await asker.select({
    message: 'What does it say?',
    choices: [
      { value: 'percentage', name: 'a percentage' },
      { value: 'flat', name: 'a flat amount per sale' },
      { value: 'exclude', name: 'nothing is earned (exclude)' },
    ],
  });
  const check = () => null;
  if (kind === 'exclude') return { percentage: undefined, flat: undefined, currency: undefined, exclude: true };
  if (kind === 'percentage') {
    const percentage = await asker.text({ message: 'Percentage (12.5%):', check });
    return { percentage, flat: undefined, currency: undefined, exclude: false };
  }
  const flat = await asker.text({ message: 'Amount per sale (5.00):', check });
  const choices = await currencyChoices(await invocation.context());
  return {
    percentage: undefined,
    flat,
    currency: await asker.select({ message: 'Currency:', choices }),
    exclude: false,
  };
}
