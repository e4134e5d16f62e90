import { openStage, type Stage, type Story } from './story.ts';

/** A partner with 18.55 EUR at one instance that owes 4.00 EUR at another; what is below 10.00 EUR one person does alone. */
export async function walletStage(): Promise<Stage> {
  return await openStage({
    checker: true,
    lines: [
      'tenant create northwind --name "Northwind Traders"',
      'partner create acme --name "Acme Resale" --type reseller --currency EUR',
      'partner create hana --name "Hana" --type referral --currency EUR',
      'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
      'instance create acme-attic --tenant northwind --partner acme --name "Northwind Attic"',
      'rule set --scope programme --percentage 10% --from 2026-01-01',
      'revenue record --instance acme-shop --kind payment --net 185.50 --currency EUR --occurred-at 2026-10-05 --id pay-1',
      'job run accrue-commissions --for 2026-10-31',
      'approval limit EUR 10 --reason "small corrections are daily work"',
      'approval approve 1 --yes --actor checker',
      'adjustment add acme acme-attic --reason "paid twice in May" -- -4.00 EUR',
    ],
  });
}

export const WALLET_STORY: Story = [
  [
    'wallet-credit',
    '> wallet credit acme/acme-shop/EUR 1.45 --reason "billed elsewhere" --yes',
    '| wallet credit acme/acme-shop/EUR 1.45 --reason "billed elsewhere" --dry-run --json',
    '| wallet credit acme/acme-shop/EUR -1.45 --reason "a slip"',
    '| wallet credit hana/acme-shop/EUR 1.45 --reason "the wrong shop"',
    '| wallet credit acme/acme-shop 1.45 --reason "a slip"',
    '| wallet credit',
  ],
  [
    'wallet-debit',
    '> wallet debit acme/acme-shop/EUR 8.55 --reason "travel costs" --yes',
    '| wallet debit acme/acme-shop/EUR 10.01 --reason "more than is due"',
    '| wallet debit acme/acme-attic/EUR 0.01 --reason "it owes already"',
    '| wallet debit acme/acme-shop/eur 5 --reason "travel costs" -o id',
    '| wallet debit acme/acme-shop/EUR 5.01 --reason "more than is left"',
    '| wallet debit acme/acme-shop/EUR 1 --reason "travel costs" --dry-run',
    '| wallet debit acme/acme-shop/EUR 0 --reason nothing',
  ],
  [
    'wallet-recover',
    '> wallet recover acme/acme-shop/EUR acme/acme-attic/EUR --reason "agreed on 12 May" --yes',
    '> approval approve 8 --yes --actor checker',
    '| approval approve 5 --yes --actor checker',
    '| wallet recover acme/acme-shop/EUR acme/acme-attic/EUR --reason again',
    '| wallet recover acme/acme-shop/EUR hana/acme-shop/EUR --reason "not their debt"',
    '| wallet list',
    '| ledger accounts --type recovery_clearing',
  ],
  [
    'wallet-statement',
    '> wallet statement acme/acme-shop/EUR --period 2026-10',
    '| wallet statement acme/acme-shop/EUR --period 2026-Q4 -o csv',
    '| wallet statement acme/acme-attic/EUR --period 2026-11 --json',
    '| wallet statement acme/acme-cellar/EUR --period 2026-11',
    '| wallet statement acme/acme-shop/EUR --period november',
  ],
];
