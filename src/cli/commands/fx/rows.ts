import { fxRateName, type FxRateRow } from '../../../services/fx/list-fx-rates.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';

const c = columnsOf<FxRateRow>();

/** What one of `base` was worth in `quote` on a day. */
export const fxRateRows: NounRows<FxRateRow> = {
  noun: 'exchange rate',
  plural: 'exchange rates',
  id: fxRateName,
  columns: [
    c.date('date', (row) => row.date),
    c.code('base', (row) => row.base),
    c.code('quote', (row) => row.quote),
    c.code('rate', (row) => row.rate),
    c.code('source', (row) => row.source),
    c.number('known_seq', (row) => row.knownSeq),
    c.actor('created_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};
