import { earningsCopy, earningsTotals, postedUpTo } from '../../db/queries/earnings.ts';
import { exportSum, type ExportSchema } from '../export/schema.ts';
import { earningsColumnsV1 } from './columns-v1.ts';
import { selectEarnings } from './selection.ts';

/** The earnings of a period, version 1: see columns-v1.ts. */
export const earningsExportV1: ExportSchema = {
  name: 'earnings',
  version: 1,
  columns: earningsColumnsV1,
  summed: 'amount',
  async prepare(tx, filter, asOf) {
    const selection = await selectEarnings(tx, { ...filter.period, ...filter });
    const posted = await postedUpTo(tx, asOf);
    return {
      facts: { chunk_to: posted.chunkTo },
      statement: (shape) => earningsCopy(earningsColumnsV1, selection, asOf, posted, shape),
      sums: async () => (await earningsTotals(tx, selection, asOf, posted)).map(exportSum),
    };
  },
};
