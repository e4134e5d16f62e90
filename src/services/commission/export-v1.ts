import { commissionCopy, commissionTotals } from '../../db/queries/commission-export.ts';
import { selectEarnings } from '../earnings/selection.ts';
import { exportSum, type ExportSchema } from '../export/schema.ts';
import { commissionColumnsV1 } from './columns-v1.ts';

/** The commissions of a period of business dates, version 1: see columns-v1.ts. */
export const commissionExportV1: ExportSchema = {
  name: 'commission',
  version: 1,
  columns: commissionColumnsV1,
  summed: 'amount',
  async prepare(tx, filter, asOf) {
    const selection = await selectEarnings(tx, { ...filter.period, ...filter });
    return {
      facts: {},
      statement: (shape) => commissionCopy(commissionColumnsV1, selection, asOf, shape),
      sums: async () => (await commissionTotals(tx, selection, asOf)).map(exportSum),
    };
  },
};
