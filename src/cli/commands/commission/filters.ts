import type { CommissionFilter } from '../../../services/commission/list-commissions.ts';
import type { DateWindow } from '../../date-window.ts';
import { flag, option } from '../../parameters.ts';

export const commissionFilters = {
  partner: option('--partner <code>', 'earned by this partner'),
  instance: option('--instance <code>', 'of this instance'),
  account: option('--account <code>', 'of accounts with this code'),
  product: option('--product <code>', 'of this product'),
  kind: option('--kind <kind>', 'of this kind: earning, refund, credit, chargeback, restoration, adjustment …'),
  status: option('--status <status>', 'in this status', {
    choices: ['pending', 'approved', 'held', 'processing', 'paid', 'rejected', 'cancelled'],
  }),
  reason: option('--reason <reason>', 'decided with this reason, for instance no_rule or unlinked_credit'),
  currency: option('--currency <code>', 'in this currency'),
  nonzero: flag('--nonzero', 'leave out decisions of zero'),
};

/** The filter of the service, with the window of business dates that was asked for. */
export function withWindow(filter: CommissionFilter, { from, to }: DateWindow): CommissionFilter {
  return { ...filter, from: from ?? undefined, to: to ?? undefined };
}
