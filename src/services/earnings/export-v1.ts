import { earningsCopy, earningsTotals, postedUpTo } from '../../db/queries/earnings.ts';
import { formatMinor } from '../../domain/money.ts';
import type { ExportSchema } from '../export/schema.ts';
import { earningsColumnsV1 } from './columns-v1.ts';
import { selectEarnings } from './selection.ts';

/** The earnings of a period, version 1: see columns-v1.ts. */
export const earningsExportV1: ExportSchema = {
  name: 'earnings',
  version: 1,
  columns: earningsColumnsV1,
  async prepare(tx, filter, asOf) {
    const selection = await selectEarnings(tx, {
      ...filter.period,
      partner: filter.partner,
      instance: filter.instance,
    });
    const posted = await postedUpTo(tx, asOf);
    return {
      facts: { chunk_to: posted.chunkTo },
      statement: (format) => earningsCopy(earningsColumnsV1, selection, asOf, posted, format),
      sums: async () =>
        (await earningsTotals(tx, selection, asOf, posted)).map(({ currency, entries, positive, negative }) => ({
          currency,
          rows: entries,
          positive: formatMinor(BigInt(positive), currency),
          negative: formatMinor(BigInt(negative), currency),
          net: formatMinor(BigInt(positive) + BigInt(negative), currency),
        })),
    };
  },
};
