import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import {
  insertState,
  lockSubscription,
  statesOf,
  type StateRow,
  type SubscriptionRow,
} from '../../db/queries/subscriptions.ts';
import { RefusedError } from '../../domain/errors.ts';
import {
  assertSubscriptionTransition,
  cycleOf,
  effectiveStates,
  stateAfter,
  stateOn,
} from '../../domain/subscription-status.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { findSubscription } from './find-subscription.ts';
import { subscriptionViews, type Subscription } from './subscription-view.ts';

export interface SubscriptionMove {
  /** First day; default today. */
  readonly on?: string | undefined;
  readonly reason?: string | undefined;
}

/**
 * Suspends an active subscription: its cycles go on being counted, and those that begin meanwhile are not charged. A
 * cancellation that was planned stays planned. Writes. Throws NotFoundError `subscription_not_found`, RefusedError
 * `subscription_status`, `subscription_not_begun`, `subscription_past`.
 */
export async function suspendSubscription(ctx: Context, code: string, move: SubscriptionMove): Promise<Subscription> {
  return await moving(ctx, code, move, (_row, states, on) => [
    { status: 'suspended', startsOn: on },
    ...plannedEnd(states, on),
  ]);
}

/**
 * Takes a suspended subscription up again, ends a trial before its time, takes a planned cancellation of an active one
 * back, or starts a cancelled one again, whose cycles are then counted anew. Writes. Throws as `suspendSubscription`.
 */
export async function resumeSubscription(ctx: Context, code: string, move: SubscriptionMove): Promise<Subscription> {
  return await moving(ctx, code, move, (_row, states, on) => [
    { status: 'active', startsOn: on },
    ...(stateOn(states, on)?.status === 'suspended' ? plannedEnd(states, on) : []),
  ]);
}

export interface Cancellation extends SubscriptionMove {
  /** When the cycle of the day, or the trial, is over. */
  readonly atPeriodEnd?: boolean | undefined;
}

/** Cancels a subscription, at once or at the end of its cycle. Writes. Throws as `suspendSubscription`. */
export async function cancelSubscription(ctx: Context, code: string, move: Cancellation): Promise<Subscription> {
  return await moving(ctx, code, move, (row, states, on) => [
    { status: 'cancelled', startsOn: move.atPeriodEnd === true ? periodEnd(row, states, on) : on },
  ]);
}

/** What is planned after a day from its cancellation on, to be planned again; also where other plans stand before it. */
function plannedEnd(states: readonly StateRow[], on: string): Step[] {
  const end = effectiveStates(states).findIndex(({ status, startsOn }) => status === 'cancelled' && startsOn > on);
  return end === -1 ? [] : effectiveStates(states).slice(end);
}

/** The first day after the cycle that a day lies in, or after the trial. */
function periodEnd({ cycle }: SubscriptionRow, states: readonly StateRow[], on: string): string {
  const status = stateOn(states, on)?.status;
  const end = status === 'trial' ? stateAfter(states, on)?.startsOn : cycleOf(states, cycle, on)?.to;
  return end ?? on;
}

type Step = Pick<StateRow, 'status' | 'startsOn'>;

/** Says one or more states after those there are. */
async function moving(
  ctx: Context,
  code: string,
  { on = today(ctx), reason }: SubscriptionMove,
  steps: (row: SubscriptionRow, states: readonly StateRow[], on: string) => readonly [Step, ...Step[]],
): Promise<Subscription> {
  return await ctx.write(async (tx) => {
    const row = await findSubscription(tx, code, on);
    await lockSubscription(tx, row.id);
    const states = await statesOf(tx, [row.id]);
    assertNotPast(code, states, on, today(ctx));
    const wanted = steps(row, states, on);
    const [{ status: to, startsOn: first }] = wanted;
    assertSubscriptionTransition(code, states, to, first);
    const knownSeq = await drawKnownSeq(tx, `subscription ${code} becomes ${to} on ${first}`);
    for (const [index, { status, startsOn }] of wanted.entries()) {
      const ordinal = states.length + 1 + index;
      const why = index === 0 ? (reason ?? null) : null;
      await insertState(tx, { subscriptionId: row.id, ordinal, status, startsOn, reason: why, knownSeq });
    }
    const [view] = await subscriptionViews(tx, [row], on);
    return view!;
  });
}

/** What has begun stays as it was: only what has not may be said otherwise. */
function assertNotPast(code: string, states: readonly StateRow[], on: string, now: string): void {
  const begun = stateOn(states, now);
  if (begun === null || on >= begun.startsOn) return;
  throw new RefusedError(
    'subscription_past',
    `subscription ${code} is ${begun.status} since ${begun.startsOn}: what it becomes on ${on} would change its past`,
    { hint: `give a day from ${begun.startsOn} on` },
  );
}
