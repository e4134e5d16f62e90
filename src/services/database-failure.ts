/** For whoever prints errors: turns what the database raised outside a transaction into one of ours. */
export { translateDatabaseError as explainDatabaseFailure } from '../db/failures.ts';
