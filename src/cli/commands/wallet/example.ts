import type { Example } from '../../command.ts';

/** A wallet in which 12.55 EUR are payable. */
export const afterAccrual = (command: string): Example => ({
  command,
  setup: [
    'tenant create northwind --name "Northwind Traders"',
    'partner create acme --name "Acme Resale" --type reseller --currency EUR',
    'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
    'rule set --scope programme --percentage 10% --from 2026-01-01',
    'revenue record --instance acme-shop --kind payment --net 125.50 --currency EUR --occurred-at 2026-10-05 --id pay-1',
    'job run accrue-commissions --for 2026-10-31',
  ],
});
