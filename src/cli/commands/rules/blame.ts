import { parseDate } from '../../../domain/dates.ts';
import { parseScope, type RuleScope } from '../../../domain/rule-scope.ts';
import { blameRule, type BlamedRule } from '../../../services/rules/blame-rule.ts';
import { command } from '../../command.ts';
import { isoInstant, columnsOf } from '../../output/columns.ts';
import { printRow, section } from '../../output/printer.ts';
import { argument, option, requiredOption, wholeNumber } from '../../parameters.ts';
import { ruleRows } from '../../rule-rows.ts';
import { describeTerms } from '../../../domain/rule-terms.ts';
import { ready } from './example.ts';

const c = columnsOf<BlamedRule>();
const columns = [
  c.number('rule', (row) => row.rule),
  c.code('scope', (row) => row.scope),
  c.code('product', (row) => row.product),
  c.code('slot', (row) => (row.level === 0 ? 'own' : `override ${row.level}`)),
  c.date('at', (row) => row.day),
  c.text('terms', (row) => describeTerms(row.terms)),
  c.date('from', (row) => row.from),
  c.date('to', (row) => row.to),
  c.number('version', (row) => row.version),
  c.number('first_said_in', (row) => row.saidBy.version),
  c.actor('set_by', (row) => row.saidBy.setBy),
  c.code('set_at', (row) => isoInstant(row.saidBy.setAt)),
  c.number('known_seq', (row) => row.saidBy.knownSeq),
  c.text('change', (row) => row.change),
  c.text('note', (row) => row.terms.note),
];
const replaced = section<BlamedRule, BlamedRule['replaced'][number]>(
  'replaced',
  ruleRows.columns
    .filter(({ name }) => !['rule', 'scope', 'product', 'slot'].includes(name))
    .map((column) => (column.name === 'version' ? { ...column, detail: false } : column)),
  (row) => row.replaced,
);

export const blame = command({
  verb: 'blame',
  summary: 'who said what a rule says on a day, when, and what it replaced',
  description:
    'Tells which version of a rule speaks on a day, who set it and by which change (a version that later changes cut short ' +
    'leads back to the one that first said it), and what the rule said on that day until then.',
  parameters: {
    scope: argument<RuleScope>('SCOPE', 'programme, tier=X, partner=X, instance=X or account=INSTANCE/CODE', {
      read: parseScope,
    }),
    product: option('--product <code>', "the product's rule of that scope"),
    level: option('--override <level>', 'of the n-th partner above the one who earns', {
      read: wholeNumber('--override', 1, 15),
    }),
    at: requiredOption('--at <date>', 'the day', { read: parseDate }),
  },
  examples: [ready('rules blame tier=gold --at 2026-10-31')],
  async run(invocation, { scope, product, level, at }) {
    const ctx = await invocation.context();
    const blamed = await blameRule(ctx, { scope, product, level }, at);
    await printRow(invocation.print, columns, blamed, (row) => String(row.version), [replaced]);
  },
});
