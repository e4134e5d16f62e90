import { parseDate } from '../../../domain/dates.ts';
import { parseScope } from '../../../domain/rule-scope.ts';
import { listRules, showRule, type RuleDetails } from '../../../services/rule/list-rules.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { section } from '../../output/printer.ts';
import { argument, option, wholeNumber } from '../../parameters.ts';
import { ruleRows } from '../../rule-rows.ts';
import { end } from './end.ts';
import { tenPercent } from './example.ts';
import { overrideParameter } from './parameters.ts';
import { set } from './set.ts';
import { test } from './test.ts';

const list = listCommand({
  ...ruleRows,
  description:
    'Lists what rules say, from wide scopes to narrow ones: every version that lives now, past and future ones too. ' +
    '--at shows what is in force on a day, --known what was known at a known_seq.',
  filters: {
    scope: option('--scope <scope>', 'exactly this one', { read: parseScope }),
    partner: option('--partner <code>', 'set for this partner, where it earns now, or for accounts there'),
    instance: option('--instance <code>', 'set for this instance or its accounts'),
    product: option('--product <code>', 'of this product alone'),
    level: overrideParameter(),
    at: option('--at <date>', 'in force on this day', { read: parseDate }),
    known: option('--known <seq>', 'as known at this number', {
      read: wholeNumber('--known', 1, Number.MAX_SAFE_INTEGER),
    }),
  },
  query: async (ctx, filter, page) => await listRules(ctx, filter, page),
  whenEmpty: '`revshare rule set --scope programme --percentage 10%` sets one',
  examples: [
    { command: 'rule list', setup: tenPercent },
    { command: 'rule list --scope programme --at 2026-10-31 --json', setup: tenPercent },
  ],
});

/** What a list has no room for, and a history is about. */
const HISTORY = new Set(['version', 'retired_seq', 'continues', 'note']);

const show = showCommand<RuleDetails>({
  ...ruleRows,
  description: 'Shows a rule as it speaks today, and every version it ever had.',
  argument: argument<string>('ID', 'its number in `rule list`'),
  sections: [
    section(
      'versions',
      ruleRows.columns
        .filter(({ name }) => !['rule', 'scope', 'product', 'slot'].includes(name))
        .map((column) => ({ ...column, detail: column.detail && !HISTORY.has(column.name) })),
      (row) => row.versions,
    ),
  ],
  find: showRule,
  examples: [{ command: 'rule show 1', setup: tenPercent }],
});

export const commands: readonly Command[] = [set, list, show, end, test];
