import { parseDate } from '../../../domain/dates.ts';
import { UsageError } from '../../../domain/errors.ts';
import { parseScope, type RuleScope } from '../../../domain/rule-scope.ts';
import { askToSetRule, setRule, type NewRule } from '../../../services/rule/set-rule.ts';
import type { Invocation } from '../../command.ts';
import { mutation } from '../../mutation.ts';
import { option, type Input } from '../../parameters.ts';
import { requestCommand } from '../../request-command.ts';
import { orRetroactive, retroactiveParameters } from '../../retroactive.ts';
import { ruleRows } from '../../rule-rows.ts';
import { askTerms } from './ask-terms.ts';
import { tenPercent, tenPercentDecided } from './example.ts';
import { askScope, overrideParameter } from './parameters.ts';
import { termParameters, termsOfFlags } from './terms.ts';

const parameters = {
  scope: option<RuleScope>('--scope <scope>', 'programme, tier=X, partner=X, instance=X or account=INSTANCE/CODE', {
    read: parseScope,
  }),
  product: option('--product <code>', 'of this product alone; it may be unknown so far'),
  level: overrideParameter(),
  ...termParameters,
  from: option('--from <date>', "first day; default today in the programme's zone", { read: parseDate }),
  to: option('--to <date>', 'first day it is no longer so; default never', { read: parseDate }),
  note: option('--note <text>', 'why, for the record'),
  ...retroactiveParameters,
};

const declaration = {
  verb: 'set',
  summary: 'say what a scope earns from a day on',
  description:
    'Says what a scope earns over [--from, --to): a new version of its rule; what the rule said on those days is ' +
    'retired and kept. The narrowest rule wins: account, instance, partner, tier, programme, each with a product ' +
    'before without. 0% is a rate like any other; an exclusion beats every rate that is not narrower with --include. ' +
    'A sale that misses a limit of the winning rule earns nothing: no wider rule steps in. ' +
    'A version that would touch decided sales is refused, or with --retroactive asked for: approved by a second person, ' +
    'those sales hold it and each difference posts as an entry of its own.',
  parameters,
  examples: [
    { command: 'rule set --scope programme --percentage 10% --from 2026-01-01' },
    { command: 'rule set --scope tier=gold --percentage 20% --from 2026-01-01 --to 2027-01-01' },
    { command: 'rule set --scope programme --product setup --flat 25.00 --currency EUR --from 2026-01-01' },
    { command: 'rule set --scope tier=silver --percentage 10% --flat 2.00 --currency EUR --from 2026-01-01' },
    {
      command:
        'rule set --scope tier=gold --tiered "0:4%,200:6%,400:8%" --marginal --window month --currency EUR --from 2026-01-01',
    },
    { command: 'rule set --scope programme --override 1 --percentage 5% --on-rest --from 2026-01-01' },
    {
      command:
        'rule set --scope programme --percentage 30% --base margin --earning-months 12 --territory DE,AT --from 2026-01-01',
    },
    {
      command:
        'rule set --scope tier=bronze --percentage 8% --min-sale 50 --cap-window 1000 --window year --currency EUR --from 2026-01-01',
    },
    { command: 'rule set --scope programme --product support --exclude --from 2026-01-01 --note "not ours to share"' },
    { command: 'rule set --scope programme --percentage 12.5% --from 2026-07-01 --dry-run', setup: tenPercent },
    {
      command:
        'rule set --scope programme --percentage 12% --from 2026-10-01 --retroactive --reason "agreed since October"',
      setup: tenPercentDecided,
    },
  ],
  async prepare(invocation: Invocation, input: Input<typeof parameters>) {
    if (input.marginal && input.whole) {
      throw new UsageError('terms_twice', '--marginal and --whole exclude each other: brackets are one or the other');
    }
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
    return { ...(await askTerms(invocation, input)), scope };
  },
};

const says = mutation({
  ...declaration,
  rows: ruleRows,
  async run(ctx, input, say) {
    const { rule, changed, newProduct } = await setRule(ctx, newRule(input));
    if (newProduct !== null) say(`product '${newProduct}' was unknown so far: this rule makes it known`);
    if (!changed) say(`rule ${rule.rule} says exactly this already: nothing changed`);
    return rule;
  },
  done: (row) => `rule ${row.rule} for ${row.scope} holds from ${row.from ?? 'ever'} on, known as ${row.knownSeq}`,
});

const asks = requestCommand({
  ...declaration,
  previews: true,
  run: async (ctx, input) => await askToSetRule(ctx, { ...newRule(input), reason: input.reason! }),
});

export const set = orRetroactive(says, asks);

function newRule({ scope, product, level, from, to, note, ...terms }: Input<typeof parameters>): NewRule {
  return { ...termsOfFlags(terms), note, scope: scope!, product, level, from, to };
}
