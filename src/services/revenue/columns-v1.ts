import type { ExportColumn } from '../../db/queries/export-columns.ts';
import { COUNTED_NET } from '../../db/queries/revenue-export.ts';

/**
 * Version 1 of the revenue export: one row an event that billing reported, voided ones included. As of earnings
 * (services/earnings/columns-v1.ts), what is here is promised, and every expression reads only what never changes or what
 * was so at the export's moment. The aliases are those of src/db/queries/revenue-export.ts.
 */
export const revenueColumnsV1: readonly ExportColumn[] = [
  { name: 'event', kind: 'integer', sql: 'e.id', meaning: 'number of the event' },
  {
    name: 'occurred_on',
    kind: 'date',
    sql: 'e.occurred_on',
    meaning: 'business date; the period of the export is of this date',
  },
  { name: 'occurred_at', kind: 'instant', sql: 'e.occurred_at', meaning: 'when it happened (UTC)' },
  { name: 'source', kind: 'code', sql: 'o.code', meaning: 'billing system it came from' },
  { name: 'external_id', kind: 'text', sql: 'e.external_id', meaning: 'its id there' },
  { name: 'version', kind: 'integer', sql: 'e.version', meaning: 'version under its external_id' },
  { name: 'kind', kind: 'code', sql: 'e.kind', meaning: 'payment, refund, credit_note, …' },
  { name: 'status', kind: 'code', sql: 'x.status', meaning: 'undecided, decided or voided as of the export’s moment' },
  { name: 'partner', kind: 'code', sql: 'p.code', meaning: 'who earns of it; empty until it is decided' },
  { name: 'tenant', kind: 'code', sql: 't.code', meaning: 'client organisation of the instance' },
  { name: 'instance', kind: 'code', sql: 'i.code', meaning: 'platform instance' },
  { name: 'account', kind: 'text', sql: 'a.code', meaning: 'end customer, by its code inside the instance' },
  { name: 'product', kind: 'text', sql: 'd.code', meaning: 'product code' },
  { name: 'sale_ref', kind: 'text', sql: 's.sale_ref', meaning: 'invoice line; empty where it is its own sale' },
  { name: 'sale_net', kind: 'money', sql: 's.sale_net_minor', meaning: 'net amount of that invoice line' },
  { name: 'currency', kind: 'code', sql: 'e.currency', meaning: 'ISO 4217 currency of all amounts' },
  { name: 'gross', kind: 'money', sql: 'e.gross_minor', meaning: 'what the customer paid, or got back when negative' },
  { name: 'tax', kind: 'money', sql: 'e.tax_minor', meaning: 'tax in it' },
  { name: 'net', kind: 'money', sql: 'e.net_minor', meaning: 'what is left without tax' },
  { name: 'counted', kind: 'money', sql: COUNTED_NET, meaning: 'net, and 0 of what was voided' },
  { name: 'quantity', kind: 'decimal', sql: 'trim_scale(e.quantity)', meaning: 'how many, where billing says' },
  { name: 'country', kind: 'text', sql: 'e.country', meaning: 'country of the customer, where billing says' },
  { name: 'transaction_type', kind: 'text', sql: 'e.transaction_type', meaning: 'subscription, addon, …' },
  { name: 'batch', kind: 'integer', sql: 'e.batch_id', meaning: 'what arrived together' },
  { name: 'file', kind: 'text', sql: 'b.file_name', meaning: 'file it arrived in' },
  { name: 'recorded_by', kind: 'text', sql: 'b.created_by', meaning: 'login that recorded it' },
  { name: 'recorded_at', kind: 'instant', sql: 'b.recorded_at', meaning: 'when it was recorded (UTC)' },
];
