import { parseCode } from '../../../domain/codes.ts';
import { parseDate } from '../../../domain/dates.ts';
import { SUBSCRIPTION_STATUSES } from '../../../domain/subscription-status.ts';
import {
  listSubscriptions,
  showSubscription,
  subscriptionHistory,
  type Subscription,
  type SubscriptionChange,
} from '../../../services/subscription/list-subscriptions.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { argument, option } from '../../parameters.ts';
import { create } from './create.ts';
import { withSubscription } from './example.ts';
import { subscriptionRows } from './rows.ts';
import { cancel, resume, suspend } from './status.ts';
import { update } from './update.ts';

const on = option('--on <date>', 'as they are on this day (default today)', { read: parseDate });

const list = listCommand({
  ...subscriptionRows,
  filters: {
    instance: option('--instance <code>', 'at this instance, its accounts included'),
    account: option('--account <account>', 'of this account, INSTANCE/CODE'),
    partner: option('--partner <code>', 'where this partner earns'),
    plan: option('--of <plan>', 'of this plan', { read: parseCode }),
    status: option('--status <status>', 'only those', { choices: SUBSCRIPTION_STATUSES }),
    on,
  },
  query: async (ctx, filter, page) => await listSubscriptions(ctx, filter, page),
  whenEmpty: '`revshare subscription create CODE PLAN/CYCLE --instance CODE` begins one',
  examples: [
    withSubscription('subscription list'),
    withSubscription('subscription list --partner acme --status active --on 2026-10-31 --json'),
  ],
});

const show = showCommand<Subscription, { on: typeof on }>({
  ...subscriptionRows,
  summary: 'show one subscription as it is on a day: status, prices, margin, cycle',
  options: { on },
  find: async (ctx, code, options) => await showSubscription(ctx, code, options.on),
  examples: [
    withSubscription('subscription show shop-pro'),
    withSubscription('subscription show shop-pro --on 2026-02-28 --json'),
  ],
});

const h = columnsOf<SubscriptionChange>();

const history = listCommand({
  noun: 'change',
  plural: 'changes',
  verb: 'history',
  summary: 'list everything that was ever said of a subscription',
  description:
    'Lists what a subscription became and what it cost, in the order in which that was said. Nothing is overwritten: terms ' +
    'that no longer hold name the change that retired them, and a state that was only planned gives way to a later one.',
  id: (row) => String(row.knownSeq),
  columns: [
    h.number('known_seq', (row) => row.knownSeq),
    h.code('what', (row) => row.what),
    h.code('status', (row) => row.status),
    h.date('from', (row) => row.from),
    h.date('to', (row) => row.to),
    h.number('quantity', (row) => row.quantity),
    h.money('wholesale', (row) => row.wholesale),
    h.money('price', (row) => row.price),
    h.money('margin', (row) => row.margin),
    h.number('retired_seq', (row) => row.retiredSeq),
    h.text('reason', (row) => row.reason),
    h.actor('by', (row) => row.by),
    h.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
  filters: { code: argument<string>('CODE', 'the subscription') },
  query: async (ctx, { code }, page) => await subscriptionHistory(ctx, code, page),
  examples: [
    withSubscription('subscription history shop-pro', 'subscription update shop-pro --price 18.00'),
    withSubscription('subscription history shop-pro -o csv'),
  ],
});

export const commands: readonly Command[] = [create, list, show, update, suspend, resume, cancel, history];
