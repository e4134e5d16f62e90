import { priceName, type Price } from '../../../services/price-book/list-prices.ts';
import type { NounRows } from '../../listing.ts';
import { priceColumns } from '../../price-columns.ts';

/** What a plan costs a cycle, or a meter a unit, at a place and over some days. */
export const priceRows: NounRows<Price> = {
  noun: 'price',
  plural: 'prices',
  id: priceName,
  columns: priceColumns,
};

export const onePlan = ['plan create pro --name "Pro"'];
