import { payoutCopy, payoutTotals } from '../../db/queries/payout-export.ts';
import { filterParties } from '../export/parties.ts';
import { exportSum, type ExportSchema } from '../export/schema.ts';
import { payoutColumnsV1 } from './columns-v1.ts';

/** The payouts of a period of cut-offs, version 1: see columns-v1.ts. */
export const payoutExportV1: ExportSchema = {
  name: 'payout',
  version: 1,
  columns: payoutColumnsV1,
  summed: 'gross',
  async prepare(tx, filter, asOf) {
    const { period, status, currency } = filter;
    const selection = { ...period, ...(await filterParties(tx, filter)), status, currency, asOf };
    return {
      facts: {},
      statement: (shape) => payoutCopy(payoutColumnsV1, selection, shape),
      sums: async () => (await payoutTotals(tx, selection)).map(exportSum),
    };
  },
};
