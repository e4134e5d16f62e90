import { ONE_SHOP } from '../../example-books.ts';

/** A programme in which somebody asked for something, for the examples of this noun. */
export const oneRequest = [...ONE_SHOP, 'bonus add acme acme-shop 250.00 EUR --reason "launch target met"'];
