import { parseDate } from '../../../domain/dates.ts';
import {
  cancelSubscription,
  resumeSubscription,
  suspendSubscription,
} from '../../../services/subscription/move-subscription.ts';
import { subscriptionChoices } from '../../choices.ts';
import { confirmRoutine } from '../../confirmation.ts';
import { mutation } from '../../mutation.ts';
import { argument, flag, option } from '../../parameters.ts';
import { withSubscription } from './example.ts';
import { subscriptionRows } from './rows.ts';

const code = argument<string>('CODE', 'the subscription', { ask: { choices: subscriptionChoices } });
const on = option('--on <date>', "first day; default today in the programme's zone", { read: parseDate });
const reason = option('--reason <text>', 'why, for the record');

export const suspend = mutation({
  rows: subscriptionRows,
  verb: 'suspend',
  summary: 'stop an active subscription for a while',
  description:
    'Suspends a subscription. Its cycles go on being counted; one that begins while it is suspended is not charged, and a ' +
    'sale of such a day finds no wholesale price there. A planned cancellation stays planned. Neither its instance nor ' +
    'other subscriptions are touched.',
  parameters: { code, on, reason },
  previews: true,
  examples: [withSubscription('subscription suspend shop-pro --reason "invoice unpaid"')],
  run: async (ctx, { code: which, ...move }) => await suspendSubscription(ctx, which, move),
  done: (row) => `subscription ${row.code} is ${row.status}`,
});

export const resume = mutation({
  rows: subscriptionRows,
  verb: 'resume',
  summary: 'take a suspended or cancelled subscription up again',
  description:
    'Makes a subscription active: a suspended one goes on in the cycle it is in; a trial ends before its time; a planned ' +
    'cancellation is taken back; a cancelled one is started again, and its cycles are counted anew. What was before stays ' +
    'in its history.',
  parameters: { code, on, reason },
  previews: true,
  examples: [
    withSubscription('subscription resume shop-pro', 'subscription suspend shop-pro'),
    withSubscription('subscription resume shop-pro', 'subscription cancel shop-pro --at-period-end --yes'),
  ],
  run: async (ctx, { code: which, ...move }) => await resumeSubscription(ctx, which, move),
  done: (row) => `subscription ${row.code} is ${row.status}`,
});

export const cancel = mutation({
  rows: subscriptionRows,
  verb: 'cancel',
  summary: 'end a subscription, at once or with its cycle',
  description:
    'Cancels a subscription, after a question or with --yes: on a day, or with --at-period-end when the cycle of that day, ' +
    'or the trial, is over. What was charged for the cycle stays charged.',
  parameters: {
    code,
    on,
    atPeriodEnd: flag('--at-period-end', 'when the cycle, or the trial, is over'),
    reason,
  },
  previews: true,
  examples: [
    withSubscription('subscription cancel shop-pro --at-period-end --yes'),
    withSubscription('subscription cancel shop-pro --reason "moved away" --yes'),
  ],
  async prepare(invocation, input) {
    await confirmRoutine(invocation, `Cancel subscription ${input.code}?`);
  },
  run: async (ctx, { code: which, ...move }) => await cancelSubscription(ctx, which, move),
  done: (row) => `subscription ${row.code} is ${row.next ?? row.status}`,
});
