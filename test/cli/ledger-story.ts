import { openStage, type Stage, type Story } from './story.ts';

/** A programme that owes two partners of different currencies what they earned in October. */
export async function ledgerStage(): Promise<Stage> {
  const pay = (shop: string, net: string, currency: string, id: string) =>
    `revenue record --instance ${shop} --kind payment --net ${net} --currency ${currency} --occurred-at 2026-10-0${id} --id pay-${id}`;
  return await openStage({
    lines: [
      'tenant create northwind --name "Northwind Traders"',
      'partner create acme --name "Acme Resale" --type reseller --currency EUR',
      'partner create hana_m --name "Hana" --type referral --currency JPY',
      'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
      'instance create hana-market --tenant northwind --partner hana_m --name "Hana Market"',
      'rule set --scope programme --percentage 10% --from 2026-01-01',
      pay('acme-shop', '125.50', 'EUR', '1'),
      pay('hana-market', '9000', 'JPY', '3'),
      pay('acme-shop', '60.00', 'EUR', '4'),
      'job run accrue-commissions --for 2026-10-31',
    ],
  });
}

export const LEDGER_STORY: Story = [
  [
    'ledger-accounts',
    '> ledger accounts',
    '| ledger accounts --type wallet --partner acme --as-of 2026-10-01 --json',
    '| ledger accounts --type walet',
    '| ledger accounts --partner acne',
  ],
  [
    'ledger-transfers',
    '> ledger transfers --period 2026-10',
    '| ledger transfers --instance hana-market -o csv',
    '| ledger transfers --kind refund',
    '| ledger transfers --from 2026-10-03 --to 2026-10-03',
  ],
  [
    'ledger-trial-balance',
    '> ledger trial-balance',
    '| ledger trial-balance --as-of 2026-10-02 -o csv',
    '| ledger trial-balance --as-of 2026-10-02T00:00:00Z --json',
    '| ledger trial-balance --as-of yesterday',
  ],
  [
    'payable-aging',
    '> payable aging',
    '| payable aging --by instance -o csv',
    '| payable aging --as-of 2026-10-02 --json',
    '| payable aging --currency EUR --partner hana_m',
    '| payable aging --as-of 2026-12-01',
    '| payable aging --partner acne',
    '| payable aging --by month',
  ],
  [
    'ledger-export',
    '| ledger export --format hledger --out -',
    '| ledger export --format beancount --to 2026-10-04 --out -',
    '| ledger export --format ledger --period 2026-10 --out -',
    '| ledger export --format hledger --period 2026-10 --to 2026-11-01 --out -',
    '| ledger export --format hledger --out books.csv',
    '| ledger export --format quicken --out -',
    '| ledger export',
  ],
];
