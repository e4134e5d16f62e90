import type { Example } from '../../command.ts';

/** The layout that the help shows. */
export const EXAMPLE_RATES = `date,base,quote,rate,source
2026-10-29,EUR,USD,1.0812,ECB
2026-10-30,EUR,USD,1.0853,ECB
2026-10-30,EUR,GBP,0.8391,ECB
`;

const CORRECTED = EXAMPLE_RATES.replace('1.0853', '1.0835');

/** As the European Central Bank writes it, newest first, with one comma too many. */
const ECB_HISTORY = `Date,USD,JPY,CYP,GBP,
2026-10-30,1.0853,165.42,N/A,0.8391,
2026-10-29,1.0812,165.77,N/A,0.8402,
`;

const files = { 'rates.csv': EXAMPLE_RATES, 'mended.csv': CORRECTED, 'eurofxref-hist.csv': ECB_HISTORY };

export const onRates = (command: string): Example => ({ command, files });

/** A command that works once there are rates. */
export const withRates = (command: string): Example => ({ command, files, setup: ['fx import rates.csv'] });
