import type { BookChange } from '../../../domain/book-diff.ts';
import { formatScope } from '../../../domain/rule-scope.ts';
import { describeTerms } from '../../../domain/rule-terms.ts';
import { columnsOf } from '../../output/columns.ts';

const c = columnsOf<BookChange>();

/** Days of a rule on which two books differ. */
export const changeColumns = [
  c.code('change', (row) => row.change),
  c.code('scope', (row) => formatScope(row.rule.scope)),
  c.code('product', (row) => row.rule.product),
  c.code('slot', (row) => (row.rule.level === 0 ? 'own' : `override ${row.rule.level}`)),
  c.date('from', (row) => row.from),
  c.date('to', (row) => row.to),
  c.text('was', (row) => row.was && describeTerms(row.was)),
  c.text('becomes', (row) => row.becomes && describeTerms(row.becomes)),
];

export const changeId = ({ rule }: BookChange): string => formatScope(rule.scope);
