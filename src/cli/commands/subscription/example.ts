import type { Example } from '../../command.ts';
import { ONE_SHOP } from '../../example-books.ts';

/** A shop with a customer, and a plan that has a price. */
export const priced = [
  ...ONE_SHOP,
  'account add acme-shop/C-1042 --name "Jane Roe" --country DE',
  'plan create pro --name "Pro"',
  'price-book set pro/monthly --currency EUR --wholesale 12.00 --list 20.00 --from 2026-01-01',
];

const subscribed = [
  ...priced,
  'subscription create shop-pro pro/monthly --instance acme-shop --currency EUR --from 2026-01-31',
];

/** A command that works once a shop has a subscription. */
export const withSubscription = (command: string, ...more: readonly string[]): Example => ({
  command,
  setup: [...subscribed, ...more],
});
