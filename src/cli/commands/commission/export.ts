import { ENTRY_STATUSES } from '../../../domain/entry-statuses.ts';
import { afterAccrual } from '../../example-books.ts';
import { exportCommand } from '../../export-command.ts';

export const exportCommissions = exportCommand({
  name: 'commission',
  summary: 'write what was decided for a period, and where it stands on its way out',
  rows:
    'One row a share of an event whose business date lies in the period, posted or not, with its approval, holds, payout ' +
    'and review.',
  dated: 'business dates',
  statuses: ENTRY_STATUSES,
  examples: [
    afterAccrual('commission export --period 2026-10 --out commissions.csv'),
    afterAccrual('commission export --period 2026-10 --status approved --currency EUR --out approved.csv'),
  ],
});
