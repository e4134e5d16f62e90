import { parseDate } from '../../../domain/dates.ts';
import { askToEndRule, endRule } from '../../../services/rule/end-rule.ts';
import { mutation } from '../../mutation.ts';
import { option, requiredOption } from '../../parameters.ts';
import { requestCommand } from '../../request-command.ts';
import { orRetroactive, retroactiveParameters } from '../../retroactive.ts';
import { ruleRows } from '../../rule-rows.ts';
import { overrideParameter, scopeParameter } from './parameters.ts';
import { tenPercent, tenPercentDecided } from './example.ts';

const declaration = {
  verb: 'end',
  summary: 'let a rule say nothing from a day on',
  description:
    'Ends a rule: from --on it says nothing, and a wider rule decides. What it said before stays readable. Where that ' +
    'would touch decided sales it is refused, or with --retroactive asked for: approved by a second person, those sales ' +
    'hold what wider rules say and each difference posts as an entry of its own.',
  parameters: {
    scope: scopeParameter(),
    product: option('--product <code>', "the product's rule of that scope"),
    level: overrideParameter(),
    on: requiredOption('--on <date>', 'first day it no longer applies', { read: parseDate }),
    ...retroactiveParameters,
  },
  examples: [
    { command: 'rule end --scope programme --on 2027-01-01', setup: tenPercent },
    {
      command: 'rule end --scope programme --on 2026-10-01 --retroactive --reason "it ended in September"',
      setup: tenPercentDecided,
    },
  ],
};

const says = mutation({
  ...declaration,
  rows: ruleRows,
  run: async (ctx, input) => await endRule(ctx, input),
  done: (row) =>
    row.retiredSeq === null
      ? `rule ${row.rule} for ${row.scope} ends: ${row.to} is the first day without it`
      : `rule ${row.rule} for ${row.scope} is taken back before it began`,
});

const asks = requestCommand({
  ...declaration,
  previews: true,
  run: async (ctx, input) => await askToEndRule(ctx, { ...input, reason: input.reason! }),
});

export const end = orRetroactive(says, asks);
