import type { Price } from '../services/price-book/list-prices.ts';
import { columnsOf } from './output/columns.ts';

const c = columnsOf<Price>();

/** A price of the book: the plans' details show them too. */
export const priceColumns = [
  c.code('plan', (row) => row.plan),
  c.code('meter', (row) => row.meter),
  c.code('cycle', (row) => row.cycle),
  c.code('region', (row) => row.region),
  c.code('currency', (row) => row.currency),
  c.money('wholesale', (row) => row.wholesale),
  c.money('list', (row) => row.list),
  c.money('unit_price', (row) => row.unitPrice),
  c.date('from', (row) => row.from),
  c.date('to', (row) => row.to),
  c.number('known_seq', (row) => row.knownSeq, { detail: true }),
  c.number('retired_seq', (row) => row.retiredSeq, { detail: true }),
  c.actor('set_by', (row) => row.setBy, { detail: true }),
  c.instant('set_at', (row) => row.setAt, { detail: true }),
];
