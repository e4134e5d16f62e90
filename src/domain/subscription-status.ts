import { cycleOn, type BillingCycle, type CycleDays } from './billing-cycles.ts';
import { RefusedError } from './errors.ts';

/** The states of a subscription. Source: SEMANTICS §1. */
export const SUBSCRIPTION_STATUSES = ['trial', 'active', 'suspended', 'cancelled'] as const;
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

/**
 * Where a subscription may go from each state; drizzle/0014_subscriptions.sql holds the same, and a test compares the two.
 * A cancelled one may be started again: that is a new beginning, and what was before it stays.
 */
export const SUBSCRIPTION_TRANSITIONS: Readonly<Record<SubscriptionStatus, readonly SubscriptionStatus[]>> = {
  trial: ['active', 'cancelled'],
  active: ['suspended', 'cancelled'],
  suspended: ['active', 'cancelled'],
  cancelled: ['active'],
};

/** What a subscription becomes from a day on. */
export interface SubscriptionState {
  readonly ordinal: number;
  readonly status: SubscriptionStatus;
  readonly startsOn: string;
}

/**
 * The states that hold, in the order of their days: a later one takes the place of what had not begun before it does.
 * @param states in the order in which they were said
 */
export function effectiveStates<S extends SubscriptionState>(states: readonly S[]): S[] {
  return states.reduce<S[]>((held, state) => [...held.filter(({ startsOn }) => startsOn < state.startsOn), state], []);
}

/** The state on a day; null before the subscription begins. */
export function stateOn<S extends SubscriptionState>(states: readonly S[], day: string): S | null {
  return effectiveStates(states).findLast(({ startsOn }) => startsOn <= day) ?? null;
}

/** What is planned after a day: a trial that becomes active, a cancellation at the end of a cycle. */
export function stateAfter<S extends SubscriptionState>(states: readonly S[], day: string): S | null {
  return effectiveStates(states).find(({ startsOn }) => startsOn > day) ?? null;
}

/** The days from which its cycles are counted: when it became active from a trial, and each time it was started again. */
export function anchorsOf(states: readonly SubscriptionState[]): string[] {
  return effectiveStates(states)
    .filter(({ status }, index, all) => {
      const before = all[index - 1]?.status;
      return status === 'active' && before !== 'suspended' && before !== 'active';
    })
    .map(({ startsOn }) => startsOn);
}

/** The one that counts on a day; null before the first. */
export function anchorOn(states: readonly SubscriptionState[], day: string): string | null {
  return anchorsOf(states).findLast((anchor) => anchor <= day) ?? null;
}

/** The cycle that a day lies in; null on trial, and where it is not in force. */
export function cycleOf(states: readonly SubscriptionState[], cycle: BillingCycle, day: string): CycleDays | null {
  const status = stateOn(states, day)?.status;
  const anchor = status === 'active' || status === 'suspended' ? anchorOn(states, day) : null;
  return anchor === null ? null : cycleOn(anchor, cycle, day);
}

const NEXT_STEP: Readonly<Record<SubscriptionStatus, string>> = {
  trial: '`subscription resume` starts it now, `subscription cancel` ends it',
  active: '`subscription suspend` stops it, `subscription cancel` ends it',
  suspended: '`subscription resume` takes it up again, `subscription cancel` ends it',
  cancelled: '`subscription resume` starts it again',
};

/**
 * Returns when a subscription may become something on a day.
 * @throws RefusedError `subscription_status` naming the subscription, where it stands and what can be done from there;
 *   `subscription_not_begun`
 */
export function assertSubscriptionTransition(
  code: string,
  states: readonly SubscriptionState[],
  to: SubscriptionStatus,
  day: string,
): void {
  const from = stateOn(states, day)?.status;
  if (from === undefined) {
    const begins = effectiveStates(states)[0]!.startsOn;
    throw new RefusedError('subscription_not_begun', `subscription ${code} begins on ${begins}, after ${day}`);
  }
  // What is said again takes back what was planned behind it.
  const takesBack = from === to && stateAfter(states, day) !== null;
  if (SUBSCRIPTION_TRANSITIONS[from].includes(to) || takesBack) return;
  throw new RefusedError('subscription_status', `subscription ${code} is ${from} on ${day} and cannot become ${to}`, {
    hint: NEXT_STEP[from],
    details: { subscription: code, status: from, on: day },
  });
}
