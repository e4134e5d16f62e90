import { numeric, pgTable, text } from 'drizzle-orm/pg-core';
import { civilDate, identity, reference, stamped } from './column-types.ts';

/** What one of `base` was worth in `quote` on a day; of several rows of a day and pair the latest known counts. */
export const fxRates = pgTable('fx_rates', {
  id: identity(),
  rateDate: civilDate('rate_date').notNull(),
  base: text('base').notNull(),
  quote: text('quote').notNull(),
  rate: numeric('rate').notNull(),
  source: text('source').notNull(),
  knownSeq: reference('known_seq').notNull(),
  ...stamped(),
});
