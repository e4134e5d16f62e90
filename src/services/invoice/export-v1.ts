import { invoiceCopy, invoiceTotals } from '../../db/queries/invoices.ts';
import { filterParties } from '../export/parties.ts';
import { exportSum, type ExportSchema } from '../export/schema.ts';
import { invoiceColumnsV1 } from './columns-v1.ts';

/** The invoices that were issued in a period, version 1: see columns-v1.ts. */
export const invoiceExportV1: ExportSchema = {
  name: 'invoice',
  version: 1,
  columns: invoiceColumnsV1,
  summed: 'gross',
  async prepare(tx, { period, status, currency, ...codes }, asOf) {
    const { from, to } = period;
    const selection = { from, to, kind: status, currency, ...(await filterParties(tx, codes)) };
    return {
      facts: {},
      statement: (shape) => invoiceCopy(invoiceColumnsV1, selection, asOf, shape),
      sums: async () => (await invoiceTotals(tx, selection, asOf)).map(exportSum),
    };
  },
};
