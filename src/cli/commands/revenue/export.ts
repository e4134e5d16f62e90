import { exportCommand } from '../../export-command.ts';
import { recorded as setup } from './example.ts';

export const exportRevenue = exportCommand({
  name: 'revenue',
  summary: 'write what billing reported to a file that can be proved and repeated',
  rows:
    'One row an event whose business date lies in the period; --partner means events that it earns of. The sums of the ' +
    'manifest count nothing of what was voided.',
  dated: 'business dates',
  statuses: ['undecided', 'decided', 'voided'],
  examples: [
    { command: 'revenue export --period 2026-10 --out revenue.csv', setup },
    { command: 'revenue export --period 2026-10 --instance acme-shop --status undecided --out undecided.csv', setup },
  ],
});
