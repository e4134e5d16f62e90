import { parseDate } from '../../../domain/dates.ts';
import { updateSubscription } from '../../../services/subscription/update-subscription.ts';
import { subscriptionChoices } from '../../choices.ts';
import { mutation } from '../../mutation.ts';
import { argument, option, wholeNumber } from '../../parameters.ts';
import { withSubscription } from './example.ts';
import { subscriptionRows } from './rows.ts';

export const update = mutation({
  rows: subscriptionRows,
  verb: 'update',
  summary: 'say what a subscription costs from a day on',
  description:
    'Says over [--from, --to) what a subscription costs the partner, what the partner asks for it, or how many units there ' +
    'are; what is not given stays as it was. What it cost on other days stays, and so do sales that took its wholesale ' +
    'price and cycles that were charged. The partner’s own terms limit what it may agree.',
  parameters: {
    code: argument<string>('CODE', 'the subscription', { ask: { choices: subscriptionChoices } }),
    price: option('--price <amount>', 'what the partner asks for a unit a cycle'),
    wholesale: option('--wholesale <amount>', 'what a unit costs the partner a cycle'),
    quantity: option('--quantity <n>', 'how many units', { read: wholeNumber('--quantity', 1, 1_000_000_000) }),
    from: option('--from <date>', "first day; default today in the programme's zone", { read: parseDate }),
    to: option('--to <date>', 'first day it is no longer so; default never', { read: parseDate }),
  },
  previews: true,
  examples: [
    withSubscription('subscription update shop-pro --price 18.00 --from 2026-12-01'),
    withSubscription('subscription update shop-pro --wholesale 11.00 --quantity 3 --dry-run'),
  ],
  async run(ctx, { code, ...input }, say) {
    const { subscription, changed } = await updateSubscription(ctx, code, input);
    if (!changed) say(`subscription ${code} costs exactly this already: nothing changed`);
    return subscription;
  },
  done: (row) =>
    `subscription ${row.code}: ${row.quantity} × ${row.price} ${row.currency}, margin ${row.margin} a cycle`,
});
