import type { ExportColumn } from '../../db/queries/export-columns.ts';

/**
 * Version 1 of the tax export: one row a partner, tax year and currency, of what was paid. As of earnings
 * (services/earnings/columns-v1.ts), what is here is promised, and every expression reads only what never changes or what
 * was so at the export's moment. The aliases are those of src/db/queries/tax-export.ts.
 */
export const taxColumnsV1: readonly ExportColumn[] = [
  { name: 'partner', kind: 'code', sql: 'a.code', meaning: 'who was paid' },
  {
    name: 'tax_year',
    kind: 'integer',
    sql: 'x.year',
    meaning: 'year of the value date on which payouts were completed',
  },
  { name: 'currency', kind: 'code', sql: 'x.currency', meaning: 'ISO 4217 currency of all amounts' },
  { name: 'form', kind: 'code', sql: 'x.form', meaning: 'tax form on file at the end of the year' },
  { name: 'payouts', kind: 'integer', sql: 'x.payouts', meaning: 'payouts that were completed and did not come back' },
  { name: 'gross', kind: 'money', sql: 'x.gross', meaning: 'what they came to before anything was taken off' },
  { name: 'withheld', kind: 'money', sql: 'x.withheld', meaning: 'tax that was withheld of them' },
  { name: 'fee', kind: 'money', sql: 'x.fee', meaning: 'fees of their transfers' },
  {
    name: 'returned',
    kind: 'money',
    sql: 'x.returned',
    meaning: 'gross of payouts of the year that came back, then or later; it is not in gross',
  },
  { name: 'opening_paid', kind: 'money', sql: 'x.opened', meaning: 'paid in the year before these books began' },
  { name: 'opening_withheld', kind: 'money', sql: 'x.opened_withheld', meaning: 'withheld of that' },
  { name: 'total', kind: 'money', sql: 'x.total', meaning: 'paid in the year: gross and opening_paid' },
  { name: 'total_withheld', kind: 'money', sql: 'x.total_withheld', meaning: 'withheld and opening_withheld' },
  { name: 'report', kind: 'code', sql: 'x.report', meaning: 'what is filed from the threshold on' },
  {
    name: 'threshold',
    kind: 'money',
    sql: 'x.threshold',
    meaning: 'total from which it is filed, as said for the year',
  },
  { name: 'status', kind: 'code', sql: 'x.status', meaning: 'reached, below, or none where no threshold is said' },
];
