import { parseDate } from '../../../domain/dates.ts';
import { endRule } from '../../../services/rule/end-rule.ts';
import { mutation } from '../../mutation.ts';
import { option, requiredOption } from '../../parameters.ts';
import { ruleRows } from '../../rule-rows.ts';
import { overrideParameter, scopeParameter } from './parameters.ts';
import { tenPercent } from './example.ts';

export const end = mutation({
  rows: ruleRows,
  verb: 'end',
  summary: 'let a rule say nothing from a day on',
  description: 'Ends a rule: from --on it says nothing, and a wider rule decides. What it said before stays readable.',
  parameters: {
    scope: scopeParameter(),
    product: option('--product <code>', "the product's rule of that scope"),
    level: overrideParameter(),
    on: requiredOption('--on <date>', 'first day it no longer applies', { read: parseDate }),
  },
  examples: [{ command: 'rule end --scope programme --on 2027-01-01', setup: tenPercent }],
  run: async (ctx, input) => await endRule(ctx, input),
  done: (row) =>
    row.retiredSeq === null
      ? `rule ${row.rule} for ${row.scope} ends: ${row.to} is the first day without it`
      : `rule ${row.rule} for ${row.scope} is taken back before it began`,
});
