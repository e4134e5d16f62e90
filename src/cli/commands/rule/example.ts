import { ACCRUAL, ONE_SHOP, TEN_PERCENT } from '../../example-books.ts';

/** A rule of the programme, for the examples of this noun. */
export const tenPercent = [TEN_PERCENT];

/** The same, with sales that it has decided. */
export const tenPercentDecided = [
  ...tenPercent,
  ...ONE_SHOP,
  'revenue record --instance acme-shop --kind payment --net 125.50 --currency EUR --occurred-at 2026-10-05 --id pay-1',
  ACCRUAL,
];
