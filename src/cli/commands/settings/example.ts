import { ONE_SHOP } from '../../example-books.ts';

/** An instance, and one that has hold days of its own. */
export const oneInstance = [...ONE_SHOP];
export const ownDays = [...oneInstance, 'settings set hold_days 7 --instance acme-shop'];
