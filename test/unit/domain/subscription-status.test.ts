import { describe, expect, it } from 'vitest';
import {
  anchorOn,
  assertSubscriptionTransition,
  cycleOf,
  effectiveStates,
  stateAfter,
  stateOn,
  type SubscriptionState,
  type SubscriptionStatus,
} from '../../../src/domain/subscription-status.ts';

const said = (...states: readonly (readonly [SubscriptionStatus, string])[]): SubscriptionState[] =>
  states.map(([status, startsOn], index) => ({ ordinal: index + 1, status, startsOn }));

describe('what a subscription is on a day', () => {
  it('is what was said last of what has begun', () => {
    const states = said(['trial', '2026-01-10'], ['active', '2026-02-10'], ['cancelled', '2026-01-20']);
    expect(effectiveStates(states).map(({ status }) => status)).toEqual(['trial', 'cancelled']);
    expect(stateOn(states, '2026-01-09')).toBeNull();
    expect(stateOn(states, '2026-01-19')?.status).toBe('trial');
    expect(stateOn(states, '2026-02-10')?.status).toBe('cancelled');
    expect(stateAfter(states, '2026-01-10')?.status).toBe('cancelled');
  });

  it('counts cycles from the day it became active, through suspensions, and anew after a cancellation', () => {
    const states = said(
      ['trial', '2026-01-01'],
      ['active', '2026-01-31'],
      ['suspended', '2026-03-05'],
      ['active', '2026-03-20'],
      ['cancelled', '2026-04-30'],
      ['active', '2026-06-15'],
    );
    expect(anchorOn(states, '2026-01-30')).toBeNull();
    expect(anchorOn(states, '2026-05-01')).toBe('2026-01-31');
    expect(anchorOn(states, '2026-06-15')).toBe('2026-06-15');
    expect(cycleOf(states, 'monthly', '2026-01-30')).toBeNull();
    expect(cycleOf(states, 'monthly', '2026-03-10')).toMatchObject({ from: '2026-02-28', to: '2026-03-31' });
    expect(cycleOf(states, 'monthly', '2026-05-10')).toBeNull();
    expect(cycleOf(states, 'monthly', '2026-07-14')).toMatchObject({ from: '2026-06-15', to: '2026-07-15', index: 0 });
  });

  it('takes a planned end back by what it is already', () => {
    const states = said(['active', '2026-01-31'], ['cancelled', '2026-02-28']);
    expect(() => assertSubscriptionTransition('s', states, 'active', '2026-02-10')).not.toThrow();
    expect(anchorOn([...states, { ordinal: 3, status: 'active', startsOn: '2026-02-10' }], '2026-03-01')).toBe(
      '2026-01-31',
    );
    expect(() => assertSubscriptionTransition('s', states.slice(0, 1), 'active', '2026-02-10')).toThrow(
      expect.objectContaining({ code: 'subscription_status' }),
    );
    expect(() => assertSubscriptionTransition('s', states, 'suspended', '2026-01-30')).toThrow(
      expect.objectContaining({ code: 'subscription_not_begun' }),
    );
  });
});
