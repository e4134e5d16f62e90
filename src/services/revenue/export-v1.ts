import { revenueCopy, revenueTotals } from '../../db/queries/revenue-export.ts';
import { filterParties } from '../export/parties.ts';
import { exportSum, type ExportSchema } from '../export/schema.ts';
import { revenueColumnsV1 } from './columns-v1.ts';

/** What billing reported of a period of business dates, version 1: see columns-v1.ts. */
export const revenueExportV1: ExportSchema = {
  name: 'revenue',
  version: 1,
  columns: revenueColumnsV1,
  summed: 'counted',
  async prepare(tx, filter, asOf) {
    const { period, status, currency } = filter;
    const selection = { ...period, ...(await filterParties(tx, filter)), status, currency, asOf };
    return {
      facts: {},
      statement: (shape) => revenueCopy(revenueColumnsV1, selection, shape),
      sums: async () => (await revenueTotals(tx, selection)).map(exportSum),
    };
  },
};
