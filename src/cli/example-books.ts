import type { Example } from './command.ts';

/** What examples of many nouns begin with: one tenant, one partner, and the platform that is theirs. */
export const ONE_SHOP = [
  'tenant create northwind --name "Northwind Traders"',
  'partner create acme --name "Acme Resale" --type reseller --currency EUR',
  'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
] as const;

export const TEN_PERCENT = 'rule set --scope programme --percentage 10% --from 2026-01-01';

/** A payment of 125.50 EUR there, under a rule of 10 %. */
export const ONE_PAYMENT = [
  ...ONE_SHOP,
  TEN_PERCENT,
  'revenue record --instance acme-shop --kind payment --net 125.50 --currency EUR --occurred-at 2026-10-05 --id pay-1',
] as const;

export const ACCRUAL = 'job run accrue-commissions --for 2026-10-31';

/** An example on books with one commission, of 12.55 EUR, payable. */
export const afterAccrual = (command: string): Example => ({ command, setup: [...ONE_PAYMENT, ACCRUAL] });
