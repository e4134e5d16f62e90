import { disputeCopy, disputeTotals } from '../../db/queries/disputes.ts';
import { filterParties } from '../export/parties.ts';
import { exportSum, type ExportSchema } from '../export/schema.ts';
import { disputeColumnsV1 } from './columns-v1.ts';

/** The disputes that were opened in a period, version 1: see columns-v1.ts. */
export const disputeExportV1: ExportSchema = {
  name: 'dispute',
  version: 1,
  columns: disputeColumnsV1,
  summed: 'amount',
  async prepare(tx, { period, status, currency, ...codes }, asOf) {
    const { from, to } = period;
    const selection = { from, to, status, currency, ...(await filterParties(tx, codes)) };
    return {
      facts: {},
      statement: (shape) => disputeCopy(disputeColumnsV1, selection, asOf, shape),
      sums: async () => (await disputeTotals(tx, selection, asOf)).map(exportSum),
    };
  },
};
