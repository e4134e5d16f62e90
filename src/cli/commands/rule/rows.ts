import type { Rule } from '../../../services/rule/list-rules.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';

const c = columnsOf<Rule>();

/** One version of one rule: what a scope earns over a time. */
export const ruleRows: NounRows<Rule> = {
  noun: 'rule',
  plural: 'rules',
  id: (row) => String(row.rule),
  columns: [
    c.number('rule', (row) => row.rule),
    c.number('version', (row) => row.version, { detail: true }),
    c.code('scope', (row) => row.scope),
    c.code('product', (row) => row.product),
    c.code('kind', (row) => row.kind),
    c.rate('rate', (row) => row.ratePpm),
    c.money('amount', (row) => row.flat),
    c.code('currency', (row) => row.currency),
    c.code('base', (row) => row.base),
    c.flag('include', (row) => row.includes, { detail: true }),
    c.date('from', (row) => row.from),
    c.date('to', (row) => row.to),
    c.number('known_seq', (row) => row.knownSeq),
    c.number('retired_seq', (row) => row.retiredSeq, { detail: true }),
    c.number('continues', (row) => row.continues, { detail: true }),
    c.text('note', (row) => row.note, { detail: true }),
    c.code('set_by', (row) => row.setBy),
    c.instant('set_at', (row) => row.setAt, { detail: true }),
  ],
};

/** A rule of the programme, for the examples of this noun. */
export const tenPercent = ['rule set --scope programme --percentage 10% --from 2026-01-01'];
