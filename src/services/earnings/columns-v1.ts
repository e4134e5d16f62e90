import type { ExportColumn } from '../../db/queries/export-columns.ts';

/**
 * Version 1 of the earnings export: one row an entry, decisions of zero included, since what the file proves is that
 * every event was decided; no totals row. What is here is promised: a name, a meaning and a place never change, and every
 * expression reads only what never changes either (codes, not names; frozen terms; the status of the export's moment).
 * A column that is needed later makes columns-v2.ts, so that a manifest of version 1 can be repeated for ever.
 *
 * The key is (event, leg), in two columns: as '1042.10' a spreadsheet would read it as 1042.1.
 * The aliases are those of src/db/queries/earnings.ts.
 */
export const earningsColumnsV1: readonly ExportColumn[] = [
  { name: 'event', kind: 'integer', sql: 'n.event_id', meaning: 'number of the revenue event that was decided' },
  {
    name: 'leg',
    kind: 'integer',
    sql: 'n.leg',
    meaning: 'share of the event: attribution slot × 16 + level; 0 for the only one',
  },
  {
    name: 'posting_date',
    kind: 'date',
    sql: 'n.posting_date',
    meaning: 'business date in the books; the period of the export is of this date',
  },
  { name: 'occurred_on', kind: 'date', sql: 'e.occurred_on', meaning: 'business date of the event' },
  { name: 'partner', kind: 'code', sql: 'p.code', meaning: 'who earns; empty where nobody had an agreement' },
  { name: 'tenant', kind: 'code', sql: 't.code', meaning: 'client organisation of the instance' },
  {
    name: 'instance',
    kind: 'code',
    sql: 'i.code',
    meaning: 'platform instance; with partner and currency, the wallet',
  },
  { name: 'account', kind: 'text', sql: 'a.code', meaning: 'end customer, by its code inside the instance' },
  { name: 'product', kind: 'text', sql: 'd.code', meaning: 'product code' },
  { name: 'source', kind: 'code', sql: 'o.code', meaning: 'billing system the event came from' },
  { name: 'external_id', kind: 'text', sql: 'e.external_id', meaning: 'the event’s id in its source' },
  { name: 'version', kind: 'integer', sql: 'e.version', meaning: 'version of the event under its external_id' },
  { name: 'event_kind', kind: 'code', sql: 'e.kind', meaning: 'payment, refund, credit_note, …' },
  {
    name: 'sale_ref',
    kind: 'text',
    sql: 's.sale_ref',
    meaning: 'invoice line the event belongs to; empty where it is its own sale',
  },
  { name: 'kind', kind: 'code', sql: 'n.kind', meaning: 'kind of the entry: earning, refund, credit, …' },
  { name: 'currency', kind: 'code', sql: 'c.code', meaning: 'ISO 4217 currency of full_amount and amount' },
  { name: 'sale_currency', kind: 'code', sql: 'b.code', meaning: 'ISO 4217 currency of net and base' },
  {
    name: 'fx_rate',
    kind: 'code',
    cell: 'decimal',
    sql: 'n.fx_rate',
    meaning: 'what one of sale_currency was worth in currency, frozen; empty where nothing was converted',
  },
  { name: 'net', kind: 'money', unit: 'b', sql: 'e.net_minor', meaning: 'net amount of the event' },
  { name: 'base', kind: 'money', unit: 'b', sql: 'n.base_minor', meaning: 'what the rate was applied to' },
  {
    name: 'rate_percent',
    kind: 'percent',
    sql: 'n.rate_ppm',
    meaning: 'rate in per cent, frozen; empty for flat amounts and zero decisions',
  },
  {
    name: 'full_amount',
    kind: 'money',
    sql: 'n.full_minor',
    meaning: 'what the share earns when its sale is collected in full',
  },
  {
    name: 'amount',
    kind: 'money',
    sql: 'n.amount_minor',
    meaning: 'what the entry earns, or takes back when negative',
  },
  { name: 'status', kind: 'code', sql: 'x.status', meaning: 'status as of the export’s moment' },
  { name: 'reason', kind: 'code', sql: 'n.reason', meaning: 'why the amount is 0, or a note on how it was decided' },
  { name: 'payable_on', kind: 'date', sql: 'n.payable_on', meaning: 'first date on which it may be paid' },
  { name: 'tier', kind: 'code', sql: 'n.tier', meaning: 'tier of the partner that decided the rate, frozen' },
  { name: 'rule', kind: 'integer', sql: 'v.rule_id', meaning: 'rule that won' },
  { name: 'rule_version', kind: 'integer', sql: 'n.rule_version_id', meaning: 'version of that rule' },
  {
    name: 'known_seq',
    kind: 'integer',
    sql: 'n.known_seq',
    meaning: 'what was known when it was decided, as a number of the rule book',
  },
  { name: 'run', kind: 'integer', sql: 'k.run_id', meaning: 'job run that decided it' },
  { name: 'decided_at', kind: 'code', cell: 'instant', sql: 'k.decided_at', meaning: 'when it was decided (UTC)' },
];
