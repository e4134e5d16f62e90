import { describeTerms, writeBrackets } from '../domain/rule-terms.ts';
import type { Rule } from '../services/rule/list-rules.ts';
import type { NounRows } from './listing.ts';
import { columnsOf } from './output/columns.ts';

const c = columnsOf<Rule>();

const amount =
  (name: 'flatMinor' | 'minSaleMinor' | 'capSaleMinor' | 'capWindowMinor') =>
  ({ terms }: Rule) =>
    terms[name] === null ? null : { minor: terms[name], currency: terms.currency! };

/** One version of one rule: what a scope earns over a time. The table tells the terms in a sentence, JSON term by term. */
export const ruleRows: NounRows<Rule> = {
  noun: 'rule',
  plural: 'rules',
  id: (row) => String(row.rule),
  columns: [
    c.number('rule', (row) => row.rule),
    c.number('version', (row) => row.version, { detail: true }),
    c.code('scope', (row) => row.scope),
    c.code('product', (row) => row.product),
    c.code('slot', (row) => (row.level === 0 ? 'own' : `override ${row.level}`)),
    c.code('kind', (row) => row.terms.kind),
    c.text('terms', (row) => describeTerms(row.terms)),
    c.rate('rate', (row) => row.terms.ratePpm, { detail: true }),
    c.money('amount', amount('flatMinor'), { detail: true }),
    c.code('tiered', (row) => writeBrackets(row.terms), { detail: true }),
    c.code('brackets', (row) => row.terms.bracketMode, { detail: true }),
    // A flat amount and an exclusion have no base.
    c.code('base', ({ terms }) => (terms.kind === 'flat' || terms.kind === 'exclude' ? null : terms.base), {
      detail: true,
    }),
    c.flag('on_rest', (row) => row.terms.onRest, { detail: true }),
    c.flag('include', (row) => row.terms.includes, { detail: true }),
    c.code('window', (row) => row.terms.windowKind, { detail: true }),
    c.code('per', (row) => row.terms.windowPer, { detail: true }),
    c.code('only_products', (row) => row.terms.limitProducts, { detail: true }),
    c.code('territory', (row) => row.terms.territory, { detail: true }),
    c.money('min_sale', amount('minSaleMinor'), { detail: true }),
    c.money('cap_sale', amount('capSaleMinor'), { detail: true }),
    c.money('cap_window', amount('capWindowMinor'), { detail: true }),
    c.flag('first_sale_only', (row) => row.terms.firstSaleOnly, { detail: true }),
    c.number('earning_months', (row) => row.terms.earningMonths, { detail: true }),
    c.code('currency', (row) => row.terms.currency, { detail: true }),
    c.code('pays_in', (row) => row.terms.paysIn, { detail: true }),
    c.date('from', (row) => row.from),
    c.date('to', (row) => row.to),
    c.number('known_seq', (row) => row.knownSeq, { aside: true }),
    c.number('retired_seq', (row) => row.retiredSeq, { detail: true, aside: true }),
    c.number('continues', (row) => row.continues, { detail: true, aside: true }),
    c.text('note', (row) => row.terms.note, { detail: true, aside: true }),
    c.actor('set_by', (row) => row.setBy, { aside: true }),
    c.instant('set_at', (row) => row.setAt, { detail: true }),
  ],
};
