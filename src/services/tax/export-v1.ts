import { taxCopy, taxTotals } from '../../db/queries/tax-export.ts';
import { UsageError } from '../../domain/errors.ts';
import { filterParties } from '../export/parties.ts';
import { exportSum, type ExportSchema } from '../export/schema.ts';
import { taxColumnsV1 } from './columns-v1.ts';

/** What was paid in tax years, version 1: see columns-v1.ts. A tax year is the calendar's. */
export const taxExportV1: ExportSchema = {
  name: 'tax',
  version: 1,
  columns: taxColumnsV1,
  summed: 'total',
  async prepare(tx, filter, asOf) {
    const { period, status, currency } = filter;
    if (!period.from.endsWith('-01-01') || !period.to.endsWith('-01-01')) {
      throw new UsageError('period_no_year', `${period.label} is no tax year`, {
        hint: 'thresholds are of whole years: give --period 2026, or 2025-01-01..2026-12-31',
      });
    }
    const { partnerId } = await filterParties(tx, filter);
    const selection = { ...period, partnerId, status, currency, asOf };
    return {
      facts: {},
      statement: (shape) => taxCopy(taxColumnsV1, selection, shape),
      sums: async () => (await taxTotals(tx, selection)).map(exportSum),
    };
  },
};
