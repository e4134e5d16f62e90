import { openStage, withoutPlace, type Stage, type Story } from './story.ts';

/** Two months of two partners, decided and payable: what the story of payouts begins with. */
const SCENE = [
  'tenant create northwind --name "Northwind Traders"',
  'partner create acme --name "Acme Resale GmbH" --type reseller --currency EUR',
  'partner create hana --name "Hana Introductions" --type referral --currency JPY',
  'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
  'instance create acme-outlet --tenant northwind --partner acme --name "Northwind Outlet"',
  'instance create hana-market --tenant northwind --partner hana --name "Northwind Market"',
  'rule set --scope programme --percentage 10% --from 2026-01-01',
  'revenue record --instance acme-shop --kind payment --net 600 --currency EUR --occurred-at 2026-09-05 --id pay-1',
  'revenue record --instance acme-outlet --kind credit_note --net -200 --currency EUR --occurred-at 2026-09-06 --id note-1',
  'revenue record --instance hana-market --kind payment --net 99950 --currency JPY --occurred-at 2026-09-07 --id pay-2',
  'job run accrue-commissions --for 2026-09-30',
];

export async function payoutStage(): Promise<Stage> {
  return withoutPlace(await openStage({ checker: true, lines: SCENE }));
}

export const PAYOUT_STORY: Story = [
  [
    'payout-generate',
    '| payout generate --cutoff 2026-11-01 --dry-run',
    '> payout generate --cutoff 2026-11-01',
    '| payout generate --cutoff 2026-11-01 --json',
    '| payout generate --cutoff 2027-01-01',
    '| payout generate --partner acne',
  ],
  [
    'payout-approve',
    '| payout approve 1',
    '| payout approve 1 --actor checker',
    '| payout approve 1 --confirm 1',
    '| payout approve 1 --confirm 3 --actor checker',
    '| payout approve 1 --confirm 1 --hash 0123456789ab --actor checker',
    '> payout approve 1 --confirm 1 --note "as agreed" --actor checker',
    '| payout approve 1 --confirm 1 --actor checker',
  ],
  [
    'payout-submit',
    '| payout submit 1 --out register.csv',
    '| payout submit 1 --out nowhere/register.csv --confirm 1',
    '| payout submit 1 --out register.csv --dry-run',
    '> payout submit 1 --out register.csv --confirm 1',
    '| payout submit 1 --out register.csv --confirm 1',
  ],
  [
    'payout-register',
    '| payout register 1 --out -',
    '> payout register 1 --out register.csv',
    '| payout register 7 --out other.csv',
  ],
  [
    'payout-complete',
    '| payout complete P00000002A',
    '| payout complete P00000002A --value-date 2026-12-24 --confirm P00000002A',
    '| payout complete P00000002A --value-date 2026-11-20 --confirm P00000002A',
    '| payout complete P00000002A --run 1',
    '> payout complete P00000002A --reference "SEPA 4711" --value-date 2026-11-21 --confirm P00000002A --yes',
  ],
  [
    'payout-unclaimed',
    '| payout unclaimed P00000001A',
    '| payout unclaimed P00000001A --reason "not collected" --dry-run',
    '| payout unclaimed P00000002A --reason "not collected" --confirm P00000002A',
  ],
  [
    'payout-fail',
    '| payout fail P00000001A',
    '| payout fail P00000001A --reason "account closed" --dry-run',
    '| payout fail P00000001A --reason "account closed"',
    '| payout fail P00000001A --reason "account closed"',
  ],
  ['payout-retry', '| payout retry P00000002A', '> payout retry P00000001A', '| payout retry P00000001A'],
  [
    'payout-cancel',
    '| payout cancel P00000001B --reason "wrong bank"',
    '> payout cancel P00000001B --reason "wrong bank" --confirm P00000001B',
  ],
  [
    'payout-return',
    '> payout return P00000002A --reason "unknown account" --confirm P00000002A',
    '| payout return P00000002A --reason "unknown account" --confirm P00000002A',
  ],
  [
    'payout-list',
    '> payout list',
    '| payout list --status returned',
    '| payout list --partner acme --period 2026-11 --json',
    '| payout list --run 1 -o csv',
    '| payout list --run 99',
  ],
  ['payout-runs', '> payout runs', '| payout runs --status cancelled', '| payout runs -o ndjson'],
  [
    'payout-show',
    '> payout show 1',
    '> payout show 1 --detail',
    '> payout show P00000002A',
    '| payout show P00000001A',
    '| payout show P00000001A --detail --json',
    '| payout show P1',
  ],
  [
    'payout-why-not',
    '> payout why-not acme',
    '| payout why-not hana --cutoff 2026-09-30 --json',
    '| payout why-not acne',
  ],
];

/** The same two months, where a run above 50.00 EUR wants two checkers. */
export const SECOND_CHECKER_STORY: Story = [
  [
    'payout-second-checker',
    '> approval limit EUR 50.00 --payouts --reason "the largest run of last year" --yes',
    '| approval approve 1 --yes --actor checker -o id',
    '| approval limits',
    '> payout generate --cutoff 2026-11-01',
    '> payout approve 1 --confirm 1 --note "as agreed" --actor checker',
    '| payout approve 1 --confirm 1 --actor checker',
    '> payout runs',
    '| payout submit 1 --out register.csv --confirm 1',
    '| payout submit P00000001A --out register.csv --confirm P00000001A',
    '> payout why-not acme',
    '> payout show 1',
    '| payout approve 1 --confirm 1 --actor second --json',
    '> payout show P00000001A',
    '| payout approve 1 --confirm 1 --actor second',
  ],
];
