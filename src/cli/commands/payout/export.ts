import { PAYOUT_STATUSES } from '../../../domain/payout-status.ts';
import { exportCommand } from '../../export-command.ts';
import { whenCompleted } from './example.ts';

export const exportPayouts = exportCommand({
  name: 'payout',
  summary: 'write payouts to a file that can be proved and repeated',
  rows:
    'One row a payout and instance, since money is netted by instance: the rows of a payout sum to what it sent, and tell ' +
    'what became of it.',
  dated: 'cut-offs',
  statuses: PAYOUT_STATUSES,
  examples: [
    whenCompleted('payout export --period 2026-11 --out payouts.csv'),
    whenCompleted('payout export --period 2026-11 --format xlsx --out payouts.xlsx'),
    whenCompleted('payout export --period 2026 --partner acme --status completed --out acme.csv'),
  ],
});
