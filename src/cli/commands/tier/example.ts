import type { Example } from '../../command.ts';

const REVENUE = 'external_id,occurred_at,amount,currency,instance,account\n';
const MAP = `source = "billing"

[columns]
external_id = "external_id"
occurred_at = "occurred_at"
net = "amount"
currency = "currency"
instance = "instance"
account = "account"
`;
const PAYMENTS = Array.from(
  { length: 12 },
  (_, at) => `pay-${at + 1},2026-10-${String(at + 1).padStart(2, '0')},500.00,EUR,acme-shop,C-${at + 1}\n`,
).join('');

const setup = [
  'tenant create northwind --name "Northwind Traders"',
  'partner create acme --name "Acme Resale" --type reseller --currency EUR --tier bronze',
  'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
  'revenue import october.csv --map billing.toml --create-accounts',
];
const files = { 'october.csv': REVENUE + PAYMENTS, 'billing.toml': MAP };

/** A command that works once a partner of tier bronze has turned over 6,000.00 EUR with twelve customers in October. */
export const withRevenue = (command: string): Example => ({ command, setup, files });
/** The same, when October is evaluated, or `first` was typed before it was. */
export const evaluated = (command: string, ...first: string[]): Example => ({
  command,
  setup: [...setup, ...first, 'tier recalc --as-of 2026-10-31'],
  files,
});
/** The same, pinned. */
export const pinned = (command: string): Example => ({
  command,
  setup: [...setup, 'tier pin acme --until 2027-06-30 --reason "first year"'],
  files,
});
