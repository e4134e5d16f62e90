import { RefusedError } from './errors.ts';

/** The states of a payout. Source: SEMANTICS §7. */
export const PAYOUT_STATUSES = [
  'pending',
  'ready',
  'processing',
  'unclaimed',
  'completed',
  'failed',
  'returned',
  'cancelled',
] as const;
export type PayoutStatus = (typeof PAYOUT_STATUSES)[number];

/**
 * Where a payout may go from each state; drizzle/0007_payouts.sql holds the same, and a test compares the two.
 * - `ready` is reached by the approval of the run, and left by submission or by being taken out.
 * - once submitted, the money is with the bank: only what the bank says moves a payout on. `processing → cancelled` does
 *   not exist, because a cancelled payout's lines are free to be paid again.
 * - what is final stays: paying the same money again is a new payout that names the old one.
 */
export const PAYOUT_TRANSITIONS: Readonly<Record<PayoutStatus, readonly PayoutStatus[]>> = {
  pending: ['ready', 'cancelled'],
  ready: ['processing', 'cancelled'],
  processing: ['completed', 'failed', 'unclaimed'],
  unclaimed: ['completed', 'returned', 'cancelled'],
  completed: ['returned'],
  failed: [],
  returned: [],
  cancelled: [],
};

/** The states from which a payout may come to one. */
export function statusesBefore(to: PayoutStatus): PayoutStatus[] {
  return PAYOUT_STATUSES.filter((from) => PAYOUT_TRANSITIONS[from].includes(to));
}

const NEXT_STEP: Readonly<Record<PayoutStatus, string>> = {
  pending: 'a second person approves its run, and a third where it is over the limit: `revshare payout approve RUN`',
  ready: '`revshare payout submit RUN` sends it',
  processing:
    'it is with the bank: `revshare payout complete`, `payout fail` or `payout unclaimed` says what the bank said',
  unclaimed:
    'the recipient has not taken it: `revshare payout complete`, `payout return` or `payout cancel` says how it ended',
  completed: 'it is paid; what came back from the bank is a return',
  failed: 'failed is final: `revshare payout retry` makes a new payout of its open lines',
  returned: 'returned is final: `revshare payout retry` makes a new payout of its open lines',
  cancelled: 'cancelled is final: its lines are free for the next run',
};

/**
 * Returns when a payout may go from one state to another.
 * @throws RefusedError `payout_status` naming the payout, where it stands and what can be done from there
 */
export function assertPayoutTransition(number: string, from: PayoutStatus, to: PayoutStatus): void {
  if (!PAYOUT_TRANSITIONS[from].includes(to)) {
    throw new RefusedError('payout_status', `payout ${number} is ${from} and cannot become ${to}`, {
      hint:
        from === 'processing' && to === 'processing'
          ? `it was submitted; its register is written again by: revshare payout register ${number} --out FILE`
          : NEXT_STEP[from],
      details: { payout: number, status: from },
    });
  }
}
