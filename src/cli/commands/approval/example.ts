import { ONE_SHOP } from '../../example-books.ts';

/** A programme in which somebody asked for something, for the examples of this noun. */
export const oneRequest = [...ONE_SHOP, 'bonus add acme acme-shop 250.00 EUR --reason "launch target met"'];

/** One in which two persons agreed that larger runs want two checkers. */
export const oneLimit = [
  'approval limit EUR 50000.00 --payouts --reason "the largest run of last year"',
  'approval approve 1 --yes --actor checker',
];
