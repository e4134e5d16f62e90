import type { Example } from './command.ts';
import { ACCRUAL, ONE_SHOP, TEN_PERCENT } from './example-books.ts';

const MAP = [
  'source = "billing"\n',
  '[columns]\nexternal_id = "id"\noccurred_at = "paid_at"\nnet = "amount"\ncurrency = "currency"\ninstance = "platform"\n',
  '[kind]\notherwise = "payment"\n',
].join('\n');

/** A decided month, and the same rules as files in which a rate has changed. */
const setup = [...ONE_SHOP, TEN_PERCENT, 'revenue import october.csv --map map.toml', ACCRUAL];
const files = {
  'october.csv':
    'id,paid_at,amount,currency,platform\nch_1,2026-10-05T10:00:00Z,480.00,EUR,acme-shop\nch_2,2026-10-09T10:00:00Z,120.00,EUR,acme-shop\n',
  'map.toml': MAP,
  'rules/programme.toml':
    'scope = "programme"\n\n[[rule]]\nfrom = 2026-01-01\ntiered = "0:10%, 500:15%"\nbrackets = "marginal"\nwindow = "month"\ncurrency = "EUR"\n',
};

/** An example on that month. */
export const ready = (command: string): Example => ({ command, setup, files });
