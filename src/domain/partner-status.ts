import { RefusedError } from './errors.ts';

/** The states of a partner. `suspended` is what the command line calls frozen. Source: SEMANTICS §1. */
export const PARTNER_STATUSES = ['pending', 'active', 'inactive', 'suspended', 'terminated', 'archived'] as const;
export type PartnerStatus = (typeof PARTNER_STATUSES)[number];

/**
 * Where a partner may go from each state.
 * - `suspended` is left by activating or terminating only: a freeze is somebody's suspicion, and putting the partner
 *   away would bury it together with the money that is held.
 * - `active → archived` exists because `partner archive`, typed by a person, is the one way out of a partnership until
 *   there is a `partner terminate`; nothing archives an active partner by itself.
 * - `terminated` and `archived` never come back to life: a returning partner signs a new contract under a new code.
 */
export const PARTNER_TRANSITIONS: Readonly<Record<PartnerStatus, readonly PartnerStatus[]>> = {
  pending: ['active', 'archived'],
  active: ['inactive', 'suspended', 'terminated', 'archived'],
  inactive: ['active', 'terminated', 'archived'],
  suspended: ['active', 'terminated'],
  terminated: ['archived'],
  archived: [],
};

/**
 * Returns when a partner may go from one state to another.
 * @throws RefusedError `partner_status_unchanged` when it is there already, `partner_transition` when the way is not open
 */
export function assertPartnerTransition(from: PartnerStatus, to: PartnerStatus): void {
  if (from === to) throw new RefusedError('partner_status_unchanged', `the partner is already ${to}`);
  const allowed = PARTNER_TRANSITIONS[from];
  if (allowed.includes(to)) return;
  const hint = allowed.length === 0 ? `${from} is final` : `from ${from} it can become ${allowed.join(' or ')}`;
  throw new RefusedError('partner_transition', `a partner that is ${from} cannot become ${to}`, { hint });
}
