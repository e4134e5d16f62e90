import { accountNameSql } from '../../db/queries/ledger.ts';
import type { ExportColumn } from '../../db/queries/export-columns.ts';

/**
 * Version 1 of the ledger export: one row a transfer. As of earnings (services/earnings/columns-v1.ts), what is here is
 * promised, and every expression reads only what never changes. The aliases are those of src/db/queries/ledger.ts.
 */
export const ledgerColumnsV1: readonly ExportColumn[] = [
  { name: 'transfer', kind: 'integer', sql: 't.id', meaning: 'number of the transfer' },
  {
    name: 'posting_date',
    kind: 'date',
    sql: 't.posting_date',
    meaning: 'business date in the books; the period of the export is of this date',
  },
  { name: 'kind', kind: 'code', sql: 't.kind', meaning: 'what was posted: earning, refund, payout_submitted, …' },
  { name: 'debit', kind: 'code', sql: accountNameSql('d'), meaning: 'account that is debited' },
  { name: 'credit', kind: 'code', sql: accountNameSql('c'), meaning: 'account that is credited' },
  { name: 'currency', kind: 'code', sql: 'd.currency', meaning: 'ISO 4217 currency of both' },
  { name: 'amount', kind: 'money', unit: 'u', sql: 't.amount_minor', meaning: 'what moves, more than 0' },
  {
    name: 'partner',
    kind: 'code',
    sql: 'coalesce(dp.code, cp.code)',
    meaning: 'whose wallet or receivable it is; empty where it touches none',
  },
  { name: 'instance', kind: 'code', sql: 'coalesce(di.code, ci.code)', meaning: 'at which instance' },
  { name: 'posting', kind: 'integer', sql: 't.posting_id', meaning: 'posting it belongs to: a run, a review, payouts' },
  { name: 'recorded_by', kind: 'text', sql: 't.created_by', meaning: 'login that posted it' },
  { name: 'recorded_at', kind: 'instant', sql: 't.recorded_at', meaning: 'when it was posted (UTC)' },
];
