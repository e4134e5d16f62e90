import type { CommissionFilter } from '../../../services/commission/list-commissions.ts';
import { ENTRY_KINDS, ZERO_REASONS } from '../../../domain/rating/model.ts';
import type { DateWindow } from '../../date-window.ts';
import { flag, option } from '../../parameters.ts';

const REASONS = [...ZERO_REASONS, 'unlinked_credit'] as const;

export const commissionFilters = {
  partner: option('--partner <code>', 'earned by this partner'),
  instance: option('--instance <code>', 'of this instance'),
  account: option('--account <code>', 'of accounts with this code'),
  product: option('--product <code>', 'of this product'),
  kind: option('--kind <kind>', 'of this kind', { choices: ENTRY_KINDS }),
  status: option('--status <status>', 'in this status', {
    choices: ['pending', 'approved', 'held', 'processing', 'paid', 'rejected', 'cancelled'],
  }),
  reason: option('--reason <reason>', 'decided with this reason', { choices: REASONS }),
  currency: option('--currency <code>', 'in this currency'),
  nonzero: flag('--nonzero', 'leave out decisions of zero'),
};

/** The filter of the service, with the window of business dates that was asked for. */
export function withWindow(filter: CommissionFilter, { from, to }: DateWindow): CommissionFilter {
  return { ...filter, from: from ?? undefined, to: to ?? undefined };
}
