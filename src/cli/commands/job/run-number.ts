import { wholeNumber } from '../../parameters.ts';

/** The number of a run, as `job history` shows it. */
export const readRun = wholeNumber('RUN', 1, Number.MAX_SAFE_INTEGER);
