import type { Example } from '../../command.ts';

/** A small programme with one payment, for the examples of this noun. */
const recorded = [
  'tenant create northwind --name "Northwind Traders"',
  'partner create acme --name "Acme Resale" --type reseller --currency EUR',
  'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
  'rule set --scope programme --percentage 10% --from 2026-01-01',
  'revenue record --instance acme-shop --kind payment --net 125.50 --currency EUR --occurred-at 2026-10-05 --id pay-1',
];
const accrual = 'job run accrue-commissions --for 2026-10-31';

/** A command that works once something is decided. */
export const afterAccrual = (command: string): Example => ({ command, setup: [...recorded, accrual] });

/** A command that works once something is held. */
export const afterHold = (command: string): Example => ({
  command,
  setup: [...recorded, accrual, 'commission hold 1.0 --reason dispute'],
});

/** A command that works while something waits for a person. */
export const awaitingReview = (command: string, files: Example['files'] = {}): Example => ({
  command,
  setup: [...recorded, 'settings set approval review --from 2026-01-01', accrual],
  files,
});
