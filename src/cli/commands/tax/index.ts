import type { Command } from '../../command.ts';
import { exportCommand } from '../../export-command.ts';
import { afterAccrual } from '../../example-books.ts';

const exportTax = exportCommand({
  name: 'tax',
  summary: 'write what partners were paid in a tax year, and who has to be reported',
  rows:
    'One row a partner, tax year and currency: payouts by the value date on which they were completed, by their gross; a ' +
    'return lowers the year of the payout that it returns. What was paid in the year before these books began counts, too. ' +
    'Status tells whether the total reaches the threshold that `tax-threshold set` said for the year.',
  dated: 'whole tax years',
  years: true,
  statuses: ['reached', 'below', 'none'],
  examples: [
    afterAccrual('tax export --period 2026 --out tax-2026.csv'),
    afterAccrual('tax export --period 2026 --status reached --format xlsx --out reportable.xlsx'),
  ],
});

export const commands: readonly Command[] = [exportTax];
