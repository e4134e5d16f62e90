import type { ExportColumn } from '../../db/queries/export-columns.ts';
import { counted } from '../../db/queries/invoices.ts';

/**
 * Version 1 of the invoice export: one row an invoice or credit note, whose amounts are below zero, by the day of issue. As of
 * earnings (services/earnings/columns-v1.ts), what is here is promised, and every expression reads only what never changes.
 * The aliases are those of src/db/queries/invoices.ts.
 */
export const invoiceColumnsV1: readonly ExportColumn[] = [
  {
    name: 'invoice',
    kind: 'code',
    sql: `'SB' || lpad(i.number::text, greatest(6, length(i.number::text)), '0')`,
    meaning: 'number, in sequence without a gap',
  },
  { name: 'kind', kind: 'code', sql: 'i.kind', meaning: 'invoice or credit_note' },
  {
    name: 'issued_on',
    kind: 'date',
    sql: 'i.issued_on',
    meaning: 'day on which the bank paid or gave back; the period of the export is of this date',
  },
  {
    name: 'credits',
    kind: 'code',
    sql: `'SB' || lpad(x.number::text, greatest(6, length(x.number::text)), '0')`,
    meaning: 'the invoice that a credit note takes back',
  },
  { name: 'partner', kind: 'code', sql: 'p.code', meaning: 'who supplied' },
  { name: 'partner_name', kind: 'text', sql: 'i.partner_name', meaning: 'its name when it was issued' },
  { name: 'tax_id', kind: 'code', sql: 'i.tax_id', meaning: 'its tax number' },
  { name: 'payout', kind: 'code', sql: 'u.number', meaning: 'the payout that it bills' },
  { name: 'mode', kind: 'code', sql: 'i.mode', meaning: 'self_billed or reverse_charge' },
  { name: 'vat_percent', kind: 'percent', sql: 'i.vat_ppm', meaning: 'VAT in per cent of net' },
  { name: 'currency', kind: 'code', sql: 'c.code', meaning: 'ISO 4217 currency of all amounts' },
  { name: 'net', kind: 'money', sql: counted('i.net_minor'), meaning: 'what was supplied, without VAT' },
  { name: 'vat', kind: 'money', sql: counted('i.vat_minor'), meaning: 'VAT in what was paid' },
  { name: 'gross', kind: 'money', sql: counted('i.gross_minor'), meaning: 'net and VAT: the gross of the payout' },
  { name: 'withheld', kind: 'money', sql: counted('u.withheld_minor'), meaning: 'of that, withheld' },
  { name: 'fee', kind: 'money', sql: counted('u.fee_minor'), meaning: 'of that, the fee of the transfer' },
  { name: 'sent', kind: 'money', sql: counted('u.sent_minor'), meaning: 'of that, sent' },
  { name: 'recorded_at', kind: 'instant', sql: 'i.recorded_at', meaning: 'when it was written (UTC)' },
];
