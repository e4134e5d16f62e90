import type { Commission } from '../../../services/commission/commission-view.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';

const c = columnsOf<Commission>();

/** One leg of one decided event. */
export const commissionRows: NounRows<Commission> = {
  noun: 'commission',
  plural: 'commissions',
  id: (row) => row.entry,
  columns: [
    c.code('entry', (row) => row.entry),
    c.date('date', (row) => row.date),
    c.code('partner', (row) => row.partner),
    c.code('instance', (row) => row.instance),
    c.text('account', (row) => row.account, { aside: true }),
    c.text('product', (row) => row.product, { aside: true }),
    c.text('event', (row) => row.event, { aside: true }),
    c.code('source', (row) => row.source, { detail: true }),
    c.code('event_kind', (row) => row.eventKind, { detail: true }),
    c.code('kind', (row) => row.kind),
    c.money('net', (row) => row.net, { aside: true }),
    c.money('base', (row) => row.base, { aside: true }),
    c.text('rate', (row) => row.rate),
    c.money('full', (row) => row.full, { aside: true }),
    c.money('uncapped', (row) => row.uncapped, { detail: true }),
    c.money('window_before', (row) => row.windowBefore, { detail: true }),
    c.money('amount', (row) => row.amount),
    c.code('currency', (row) => row.currency),
    c.code('sale_currency', (row) => row.saleCurrency, { detail: true }),
    c.code('fx_rate', (row) => row.fxRate, { detail: true }),
    c.code('status', (row) => row.status),
    c.code('reason', (row) => row.reason, { aside: true }),
    c.code('tier', (row) => row.tier, { detail: true }),
    c.text('sale_ref', (row) => row.saleRef, { detail: true }),
    c.date('posting_date', (row) => row.postingDate, { detail: true }),
    c.date('payable_on', (row) => row.payableOn, { aside: true }),
    c.flag('posted', (row) => row.posted, { detail: true }),
    c.number('rule', (row) => row.rule, { detail: true }),
    c.number('rule_version', (row) => row.ruleVersion, { detail: true }),
    c.number('known_seq', (row) => row.knownSeq, { detail: true }),
    c.number('run', (row) => row.run, { detail: true }),
    c.instant('decided_at', (row) => row.decidedAt, { detail: true }),
    c.actor('decided_by', (row) => row.decidedBy, { detail: true }),
  ],
};
