import { OPENED_ON } from '../../db/queries/disputes.ts';
import type { ExportColumn } from '../../db/queries/export-columns.ts';

/**
 * Version 1 of the dispute export: one row a dispute, by the day on which it was opened. As of earnings
 * (services/earnings/columns-v1.ts), what is here is promised, and every expression reads only what never changes or what
 * was so at the export's moment. The aliases are those of src/db/queries/disputes.ts.
 */
export const disputeColumnsV1: readonly ExportColumn[] = [
  { name: 'dispute', kind: 'integer', sql: 'h.id', meaning: 'number of the dispute' },
  {
    name: 'opened_on',
    kind: 'date',
    sql: OPENED_ON,
    meaning: 'day on which it was opened; the period of the export is of this date',
  },
  { name: 'status', kind: 'code', sql: 'd.status', meaning: 'open, released or rejected as of the export’s moment' },
  { name: 'partner', kind: 'code', sql: 'p.code', meaning: 'whose earning is disputed' },
  { name: 'instance', kind: 'code', sql: 'i.code', meaning: 'platform instance' },
  { name: 'account', kind: 'text', sql: 'a.code', meaning: 'end customer, by its code inside the instance' },
  { name: 'event', kind: 'integer', sql: 'n.event_id', meaning: 'number of the revenue event' },
  { name: 'leg', kind: 'integer', sql: 'n.leg', meaning: 'share of the event' },
  { name: 'source', kind: 'code', sql: 'o.code', meaning: 'billing system the event came from' },
  { name: 'external_id', kind: 'text', sql: 'e.external_id', meaning: 'the event’s id in its source' },
  { name: 'sale_ref', kind: 'text', sql: 's.sale_ref', meaning: 'invoice line the event belongs to' },
  { name: 'kind', kind: 'code', sql: 'n.kind', meaning: 'kind of the entry' },
  { name: 'currency', kind: 'code', sql: 'c.code', meaning: 'ISO 4217 currency of amount' },
  { name: 'amount', kind: 'money', sql: 'n.amount_minor', meaning: 'what is disputed' },
  { name: 'reason', kind: 'text', sql: 'h.note', meaning: 'why it was opened' },
  { name: 'opened_by', kind: 'text', sql: 'h.created_by', meaning: 'login that opened it' },
  { name: 'opened_at', kind: 'instant', sql: 'h.recorded_at', meaning: 'when that was (UTC)' },
  { name: 'resolution', kind: 'text', sql: 'd.resolution', meaning: 'what was found' },
  { name: 'resolved_by', kind: 'text', sql: 'd.resolved_by', meaning: 'login that resolved it' },
  { name: 'resolved_at', kind: 'instant', sql: 'd.resolved_at', meaning: 'when that was (UTC)' },
];
