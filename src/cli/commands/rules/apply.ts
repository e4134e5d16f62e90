import type { BookChange } from '../../../domain/book-diff.ts';
import { applyRules, askToApplyRules } from '../../../services/rules/apply-rules.ts';
import { readRuleDirectory } from '../../../services/rules/rule-directory.ts';
import type { NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument } from '../../parameters.ts';
import { requestCommand } from '../../request-command.ts';
import { orRetroactive, retroactiveParameters } from '../../retroactive.ts';
import { changeColumns } from './columns.ts';
import { ready, readyDecided } from './example.ts';

interface AppliedRules {
  readonly directory: string;
  readonly changes: readonly BookChange[];
}

const c = columnsOf<AppliedRules>();
const count = (kind: BookChange['change']) => (row: AppliedRules) =>
  row.changes.filter(({ change }) => change === kind).length;
const appliedRows: NounRows<AppliedRules> = {
  noun: 'rule book',
  plural: 'rule books',
  id: (row) => row.directory,
  columns: [
    c.text('directory', (row) => row.directory),
    c.number('added', count('added')),
    c.number('changed', count('changed')),
    c.number('ended', count('ended')),
  ],
};

const declaration = {
  verb: 'apply',
  summary: 'make the live rule book say what files say',
  description:
    'Sets and ends versions until the live book says what the files say, under one known_seq: all of it or nothing. What ' +
    'no file says is ended. With --plan HASH, of `rules plan`, it refuses when the live book or the files have changed ' +
    'since. Changes that would touch decided sales are refused, or with --retroactive asked for, as `rule set` does.',
  parameters: { directory: argument<string>('DIR', 'a directory of `rules export`'), ...retroactiveParameters },
  examples: [
    ready('rules apply rules'),
    ready('rules apply rules --dry-run'),
    readyDecided('rules apply rules --retroactive --reason "gold terms as signed"'),
  ],
};

const says = mutation({
  ...declaration,
  rows: appliedRows,
  sections: [section<AppliedRules, BookChange>('changes', changeColumns, (row) => row.changes)],
  async run(ctx, { directory }, say, path) {
    const changes = await applyRules(ctx, await readRuleDirectory({ path: path(directory), called: directory }));
    if (changes.length === 0) say('the live book says exactly this already: nothing changed');
    return { directory, changes };
  },
  done: ({ directory, changes }) => `the live rule book says what ${directory} says: ${changes.length} changes`,
});

const asks = requestCommand({
  ...declaration,
  previews: true,
  async run(ctx, { directory, reason }, _say, path) {
    const files = await readRuleDirectory({ path: path(directory), called: directory });
    return await askToApplyRules(ctx, files, { directory, reason: reason! });
  },
});

export const apply = orRetroactive(says, asks);
