import type { ExportColumn } from '../../db/queries/export-columns.ts';

/**
 * Version 1 of the payout export: one row a payout and instance, since that is how money is netted; a payout's rows sum
 * to what it sent. As of earnings (services/earnings/columns-v1.ts), what is here is promised, and every expression reads
 * only what never changes, or what had become of the payout by the export's moment. The aliases are those of
 * src/db/queries/payout-export.ts.
 */
export const payoutColumnsV1: readonly ExportColumn[] = [
  { name: 'payout', kind: 'code', sql: 'p.number', meaning: 'number of the payout, as the bank is told it' },
  { name: 'run', kind: 'integer', sql: 'p.run_id', meaning: 'run that netted it' },
  {
    name: 'cutoff',
    kind: 'date',
    sql: 'r.cutoff',
    meaning: 'first day that is not in the run; the period of the export is of this date',
  },
  { name: 'partner', kind: 'code', sql: 'a.code', meaning: 'who is paid' },
  { name: 'tenant', kind: 'code', sql: 't.code', meaning: 'client organisation of the instance' },
  { name: 'instance', kind: 'code', sql: 'i.code', meaning: 'whose wallet the row takes from' },
  { name: 'currency', kind: 'code', sql: 'p.currency', meaning: 'ISO 4217 currency of all amounts' },
  { name: 'gross', kind: 'money', sql: 'w.gross_minor', meaning: 'what is taken from the wallet' },
  { name: 'withheld', kind: 'money', sql: 'w.withheld_minor', meaning: 'its share of the tax that is withheld' },
  { name: 'fee', kind: 'money', sql: 'w.fee_minor', meaning: 'its share of the fee of the transfer' },
  { name: 'sent', kind: 'money', sql: 'w.sent_minor', meaning: 'its share of what the partner gets' },
  { name: 'status', kind: 'code', sql: 'x.status', meaning: 'status of the payout as of the export’s moment' },
  {
    name: 'completed_on',
    kind: 'date',
    sql: 'h.completed_on',
    meaning: 'value date at the bank; it says the tax year',
  },
  { name: 'returned_on', kind: 'date', sql: 'h.returned_on', meaning: 'value date of its return' },
  { name: 'reference', kind: 'text', sql: 'h.reference', meaning: 'the bank’s reference' },
  { name: 'reason', kind: 'text', sql: 'h.reason', meaning: 'why it failed, came back or was cancelled' },
  { name: 'account_kind', kind: 'code', sql: 'm.kind', meaning: 'kind of the instrument; empty: by hand' },
  { name: 'account', kind: 'text', sql: 'm.mask', meaning: 'where it is paid to, masked' },
  { name: 'account_version', kind: 'integer', sql: 'm.version', meaning: 'version of the instrument' },
  { name: 'rail', kind: 'code', sql: 'f.rail', meaning: 'how it left; empty: by the register' },
  { name: 'file', kind: 'text', sql: 'f.name', meaning: 'file that it left in' },
  { name: 'retry_of', kind: 'code', sql: 'o.number', meaning: 'payout whose lines it tries again' },
  { name: 'made_by', kind: 'text', sql: 'r.created_by', meaning: 'who drafted it' },
  { name: 'made_at', kind: 'instant', sql: 'p.recorded_at', meaning: 'when it was drafted (UTC)' },
  {
    name: 'approved_by',
    kind: 'text',
    sql: 'h.approved_by',
    meaning: 'who approved it, never who drafted it: two of a run above the limit',
  },
  { name: 'approved_at', kind: 'instant', sql: 'h.approved_at', meaning: 'when it was approved (UTC)' },
  { name: 'submitted_at', kind: 'instant', sql: 'h.submitted_at', meaning: 'when it was submitted (UTC)' },
];
