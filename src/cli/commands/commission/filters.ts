import type { CommissionFilter } from '../../../services/commission/list-commissions.ts';
import { ENTRY_STATUSES } from '../../../domain/entry-statuses.ts';
import { ENTRY_KINDS, ZERO_REASONS } from '../../../domain/rating/model.ts';
import type { DateWindow } from '../../date-window.ts';
import { flag, option } from '../../parameters.ts';

const REASONS = [...ZERO_REASONS, 'unlinked_credit'] as const;

const filters = {
  partner: option('--partner <code>', 'earned by this partner'),
  instance: option('--instance <code>', 'of this instance'),
  account: option('--account <code>', 'of accounts with this code; INSTANCE/CODE: of that one'),
  product: option('--product <code>', 'of this product'),
  kind: option('--kind <kind>', 'of this kind', { choices: ENTRY_KINDS }),
  status: option('--status <status>', 'in this status', { choices: ENTRY_STATUSES }),
  currency: option('--currency <code>', 'in this currency', { read: (text) => text.trim().toUpperCase() }),
  minAmount: option('--min-amount <amount>', 'of at least this much of --currency'),
};

export const commissionFilters = {
  ...filters,
  reason: option('--reason <reason>', 'decided with this reason', { choices: REASONS }),
  nonzero: flag('--nonzero', 'leave out decisions of zero'),
};

/** The filters of what acts on entries: there --reason is why, and of nothing there is nothing to review. */
export const reviewFilters = filters;

/** The filter of the service, with the window of business dates that was asked for. */
export function withWindow(filter: CommissionFilter, { from, to }: DateWindow): CommissionFilter {
  return { ...filter, from: from ?? undefined, to: to ?? undefined };
}
