import type { ExportColumn } from '../../db/queries/export-columns.ts';

const yesNo = (sql: string) => `case when ${sql} then 'yes' else 'no' end`;

/**
 * Version 1 of the commission export: one row an entry by the business date of its event, posted or not, with where it
 * stands on its way to being paid. (`earnings` has the same entries as the books have them, by posting date.) As there,
 * what is here is promised, and every expression reads only what never changes or what was so at the export's moment. The
 * aliases are those of src/db/queries/commission-export.ts.
 */
export const commissionColumnsV1: readonly ExportColumn[] = [
  { name: 'event', kind: 'integer', sql: 'n.event_id', meaning: 'number of the revenue event that was decided' },
  { name: 'leg', kind: 'integer', sql: 'n.leg', meaning: 'share of the event; with it the key' },
  {
    name: 'occurred_on',
    kind: 'date',
    sql: 'e.occurred_on',
    meaning: 'business date of the event; the period of the export is of this date',
  },
  { name: 'partner', kind: 'code', sql: 'p.code', meaning: 'who earns; empty where nobody had an agreement' },
  { name: 'instance', kind: 'code', sql: 'i.code', meaning: 'platform instance' },
  { name: 'account', kind: 'text', sql: 'a.code', meaning: 'end customer, by its code inside the instance' },
  { name: 'product', kind: 'text', sql: 'd.code', meaning: 'product code' },
  { name: 'source', kind: 'code', sql: 'o.code', meaning: 'billing system the event came from' },
  { name: 'external_id', kind: 'text', sql: 'e.external_id', meaning: 'the event’s id in its source' },
  { name: 'sale_ref', kind: 'text', sql: 's.sale_ref', meaning: 'invoice line the event belongs to' },
  { name: 'kind', kind: 'code', sql: 'n.kind', meaning: 'kind of the entry: earning, refund, credit, …' },
  { name: 'currency', kind: 'code', sql: 'c.code', meaning: 'ISO 4217 currency of amount' },
  { name: 'amount', kind: 'money', sql: 'n.amount_minor', meaning: 'what it earns, or takes back when negative' },
  { name: 'rate_percent', kind: 'percent', sql: 'n.rate_ppm', meaning: 'rate in per cent; empty for flat amounts' },
  { name: 'rule', kind: 'integer', sql: 'v.rule_id', meaning: 'rule that won' },
  { name: 'tier', kind: 'code', sql: 'n.tier', meaning: 'tier of the partner that decided the rate' },
  { name: 'status', kind: 'code', sql: 'x.status', meaning: 'status as of the export’s moment' },
  { name: 'reason', kind: 'code', sql: 'n.reason', meaning: 'why the amount is 0, or a note on how it was decided' },
  { name: 'approved', kind: 'code', sql: yesNo('x.approved'), meaning: 'whether nobody has to approve it any more' },
  { name: 'held', kind: 'code', sql: yesNo('x.held'), meaning: 'whether a hold stands in its way' },
  { name: 'payable_from', kind: 'date', sql: 'x.payable_from', meaning: 'first date on which it may be paid' },
  { name: 'posted', kind: 'code', sql: yesNo('x.posted'), meaning: 'whether it is in the ledger' },
  { name: 'posting_date', kind: 'date', sql: 'n.posting_date', meaning: 'business date in the books' },
  { name: 'payout', kind: 'code', sql: 'u.number', meaning: 'payout that it is in, neither failed nor returned' },
  { name: 'paid_on', kind: 'date', sql: 'h.completed_on', meaning: 'value date on which that was completed' },
  { name: 'reviewed_by', kind: 'text', sql: 'g.created_by', meaning: 'who approved it or took it back' },
  { name: 'reviewed_at', kind: 'instant', sql: 'g.recorded_at', meaning: 'when that was (UTC)' },
  { name: 'review_reason', kind: 'text', sql: 'g.reason', meaning: 'why it was taken back' },
  { name: 'decided_at', kind: 'code', cell: 'instant', sql: 'k.decided_at', meaning: 'when it was decided (UTC)' },
];
