import type { Example } from '../../command.ts';
import { ONE_SHOP, TEN_PERCENT } from '../../example-books.ts';

/** A small programme with two months that can be paid, for the examples of this noun; approvals are a second person's. */
const due = [
  ...ONE_SHOP,
  TEN_PERCENT,
  'revenue record --instance acme-shop --kind payment --net 125.50 --currency EUR --occurred-at 2026-09-05 --id pay-1',
  'job run accrue-commissions --for 2026-09-30',
];
const drafted = [...due, 'payout generate --cutoff 2026-11-01'];
const approved = [...drafted, 'payout approve 1 --confirm 1 --actor checker'];
const submitted = [...approved, 'payout submit 1 --out register.csv --confirm 1'];

const overLimit = [
  'approval limit EUR 10.00 --payouts --reason "the largest run of last year"',
  'approval approve 1 --yes --actor checker',
  ...drafted,
];

export const whenDue = (command: string): Example => ({ command, setup: due });
export const whenScheduled = (command: string): Example => ({
  command,
  setup: [...due, 'schedule set monthly --net 10 --calendar target --from 2026-01-01'],
});
export const whenDrafted = (command: string): Example => ({ command, setup: drafted });
export const whenOverLimit = (command: string): Example => ({ command, setup: overLimit });
export const whenApproved = (command: string): Example => ({ command, setup: approved });
export const whenSubmitted = (command: string): Example => ({ command, setup: submitted });
export const whenCompleted = (command: string): Example => ({
  command,
  setup: [...submitted, 'payout complete P00000001A --confirm P00000001A'],
});
export const whenFailed = (command: string): Example => ({
  command,
  setup: [...submitted, 'payout fail P00000001A --reason "account closed"'],
});

/** The same paid by SEPA file: a profile of the rail, and an account that a second person has verified. */
const filed = [
  ...due,
  'settings set instrument_cooloff 0',
  'keys init',
  'rail set sepa "name=Northwind AG" iban=DE02120300000000202051',
  'instrument add acme --kind iban --from account.toml',
  'instrument verify acme/EUR --yes --actor checker',
  'payout generate --cutoff 2026-11-01',
  'payout approve 1 --confirm 1 --actor checker',
  'payout submit 1 --out . --confirm 1',
];
export const whenFiled = (command: string): Example => ({
  command,
  setup: filed,
  files: { 'account.toml': 'iban = "DE89 3704 0044 0532 0130 00"\n' },
});
