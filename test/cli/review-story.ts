import { openStage, type Stage, type Story } from './story.ts';

/** A programme where four payments wait for a person, and one partner of another currency. */
export async function reviewStage(): Promise<Stage> {
  const files = { 'reviewed.txt': '2.0\n\n77.0\n1.0\nacme\n' };
  const pay = (shop: string, net: string, currency: string, id: string) =>
    `revenue record --instance ${shop} --kind payment --net ${net} --currency ${currency} --occurred-at 2026-10-0${id} --id pay-${id}`;
  return await openStage({
    files,
    lines: [
      'tenant create northwind --name "Northwind Traders"',
      'partner create acme --name "Acme Resale" --type reseller --currency EUR',
      'partner create hana --name "Hana" --type referral --currency JPY',
      'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
      'instance create hana-market --tenant northwind --partner hana --name "Hana Market"',
      'rule set --scope programme --percentage 10% --from 2026-01-01',
      pay('acme-shop', '125.50', 'EUR', '1'),
      pay('acme-shop', '80.00', 'EUR', '2'),
      pay('hana-market', '9000', 'JPY', '3'),
      pay('acme-shop', '60.00', 'EUR', '4'),
    ],
  });
}

export const REVIEW_STORY: Story = [
  [
    'settings-set',
    '> settings set approval review --from 2026-01-01 --yes',
    '| settings set minimum_payout 50 --currency EUR --dry-run',
    '| settings set minimum_payout 50 --currency EUR',
    '| settings set minimum_payout 1000 --currency JPY --from 2027-01-01 --json',
    '| settings set minimum_payout 50 --currency EUR',
    '| settings set hold_days 45 --from 2027-01-01',
    '| settings set recovery_share 50% --from 2027-01-01 -o id',
    '| settings set review_threshold 500 --currency EUR --from 2027-01-01 --to 2027-07-01 -o id',
    '| settings set hold_days 7 --instance acme-shop --from 2027-01-01',
    '| settings set minimum_payout 7 --currency EUR --instance acme-shop',
    '| settings set hold_dyas 45',
    '| settings set hold_days many',
    '| settings set minimum_payout 50',
  ],
  [
    'settings-list',
    '> settings list --at 2027-01-01',
    '> settings list --at 2027-01-01 --instance acme-shop',
    '| settings list --at 2027-01-01 -o id',
  ],
  [
    'settings-get',
    '> settings get review_threshold --at 2027-01-01',
    '| settings get minimum_payout --at 2027-01-01',
    '> settings get hold_days --at 2027-01-01 --instance acme-shop',
    '| settings get hold',
  ],
  [
    'commission-approve',
    '| job run accrue-commissions --for 2026-10-31 -o id',
    '> commission approve 1.0 --yes',
    '| commission approve 1.0',
    '| commission approve',
    '| commission approve 1.0 --partner acme',
    '| commission approve --partner acne',
    '| commission approve --file reviewed.txt',
    '| commission approve --file reviewed.txt --partial --json',
    '| commission approve --all',
    '> commission approve --all --yes --dry-run',
    '> commission approve --all --yes',
    '| commission approve --partner acme',
  ],
  [
    'commission-hold',
    '> commission hold 1.0 4.0 --reason dispute --note "never came" --yes',
    '| commission hold 1.0 --reason dispute',
    '| commission hold --partner acme --currency EUR --min-amount 7 --reason fraud_review --dry-run',
    '| commission hold --currency EUR --min-amount 7 --reason fraud_review',
    '| commission hold --min-amount 7 --reason fraud_review',
    '| commission hold 1.0 --reason becuase',
  ],
  [
    'commission-release',
    '> commission release 1.0 --reason dispute --yes',
    '| commission release 3.0',
    '| commission release --period 2026-10 --reason fraud_review',
  ],
  [
    'commission-reject',
    '> commission reject 2.0 --reason "test order" --yes',
    '| commission reject 2.0 --reason again',
    '| commission reject 3.0',
  ],
  ['wallet-list', '> wallet list', '| wallet list --currency jpy --json', '| wallet list --as-of 2026-10-02 -o csv'],
  ['wallet-show', '> wallet show acme/acme-shop/EUR', '| wallet show acme/hana-market/EUR', '| wallet show acme'],
  [
    'wallet-history',
    '> wallet history acme/acme-shop/EUR',
    '| wallet history acme/acme-shop/EUR --period 2026-11 -o id',
    '| wallet history acme/acme-shop/EUR --as-of 2026-10-02',
  ],
];
