import { openStage, type Stage, type Story } from './story.ts';

/** One decided sale in two payments, one of its own, an orphan and a small balance: what there is to correct. */
const SCENE = [
  'tenant create northwind --name "Northwind Traders"',
  'partner create acme --name "Acme Resale GmbH" --type reseller --currency EUR',
  'partner create zenith --name "Zenith Sales" --type reseller --currency EUR',
  'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
  'instance create acme-attic --tenant northwind --partner acme --name "Northwind Attic"',
  'account add acme-shop/C-1',
  'rule set --scope programme --percentage 10% --from 2026-01-01',
  'revenue record --instance acme-attic --kind payment --net 12.30 --currency EUR --occurred-at 2026-02-03 --id old-1',
  'revenue record --instance acme-shop --account C-1 --kind payment --net 100 --currency EUR --occurred-at 2026-10-05 --id pay-1',
  'revenue record --instance acme-shop --account C-1 --kind payment --net 60 --currency EUR --occurred-at 2026-10-06 --id pay-2 --sale-ref S-1 --sale-net 100',
  'revenue record --instance acme-shop --account C-1 --kind payment --net 40 --currency EUR --occurred-at 2026-10-07 --id pay-3 --sale-ref S-1 --sale-net 100',
  'revenue record --instance acme-shop --kind refund --net -20 --currency EUR --occurred-at 2026-10-08 --id ref-1 --sale-ref S-9 --sale-net 100',
  'job run accrue-commissions --for 2026-10-31',
];

export async function actsStage(): Promise<Stage> {
  return await openStage({ checker: true, lines: SCENE });
}

/** What people put right, each asked for by tester and answered by checker. */
export const ACTS_STORY: Story = [
  [
    'bonus-add',
    '> bonus add acme acme-shop 250.00 EUR --reason "launch target met" --yes',
    '| bonus add acme acme-shop 250.00 EUR --reason "launch target met" --dry-run --json',
    '| bonus add acme acme-shop -5 EUR --reason "a slip"',
    '| bonus add zenith acme-shop 5 EUR --reason "the wrong shop"',
    '| bonus add acme acme-shop 5.001 EUR --reason "a slip"',
  ],
  [
    'approval-approve',
    '| approval approve 1',
    '| approval approve 1 --yes',
    '| approval approve 1 --yes --hash 0123 --actor checker',
    '| approval approve 1 --yes --dry-run --actor checker',
    '> approval approve 1 --yes --note "as agreed in May" --actor checker',
    '| approval approve 1 --yes --actor checker',
  ],
  [
    'adjustment-add',
    '> adjustment add acme acme-shop -80.00 EUR --reason "paid twice in May" --yes',
    '| adjustment add acme acme-shop 0 EUR --reason nothing',
  ],
  [
    'approval-reject',
    '> approval reject 3 --reason "it was June" --yes --actor checker',
    '| approval reject 3 --reason "no" --actor checker',
    '| approval approve 3 --yes --actor checker',
  ],
  [
    'revenue-void',
    '| revenue void pay-3 --reason "typed twice" --json',
    '> approval approve 4 --yes --actor checker',
    '| revenue void pay-3 --reason "typed twice"',
    '| revenue void --batch 2 --reason "the wrong file"',
    '| approval approve 5 --yes --actor checker -o id',
    '| revenue void --reason "of what"',
    '| revenue record --instance acme-shop --account C-1 --kind payment --net 110 --currency EUR --occurred-at 2026-10-05 --id pay-1 -o id',
    '| job run accrue-commissions --for 2026-11-21 -o id',
    '| commission explain request-4',
    '| commission summary --by partner',
  ],
  [
    'revenue-settle',
    '| revenue settle ref-1 --reason "the invoice was before our time"',
    '> approval approve 6 --yes --actor checker',
    '| revenue orphans',
    '| revenue settle ref-1 --reason again',
    '| commission why-not ref-1',
  ],
  [
    'commission-reattribute',
    '| commission reattribute acme-shop/C-1 --to zenith=60% --from 2026-10-01 --reason "shared"',
    '| commission reattribute acme-shop/C-1 --to acme=40%,zenith=60% --from 2026-10-01 --reason "shared" --json',
    '> approval approve 7 --yes --actor checker',
    '| commission explain request-7',
    '> account show acme-shop/C-1',
  ],
  [
    'wallet-write-off',
    '| wallet write-off --older-than 90 --below 1.00 --currency EUR --reason "dormant"',
    '> wallet write-off --older-than 90 --below 5.00 --currency EUR --reason "dormant" --yes',
    '> approval approve 8 --yes --actor checker',
    '| wallet list',
  ],
  [
    'approval-limit',
    '> approval limit EUR 50 --reason "small corrections are daily work" --yes',
    '| approval approve 9 --yes --actor checker -o id',
    '> bonus add acme acme-shop 50 EUR --reason "small" --yes',
    '| bonus add acme acme-shop 50.01 EUR --reason "not small"',
  ],
  [
    'approval-limits',
    '> approval limits',
    '| approval limits --json',
    '| approval limit EUR none --reason "whatever it is"',
    '| approval limit EUR -1 --payouts --reason "a slip"',
  ],
  ['approval-list', '> approval list', '| approval list --status pending', '| approval list --kind void --json'],
  ['approval-show', '> approval show 7', '| approval show 99'],
  [
    'rule-retroactive',
    '| rule set --scope programme --percentage 12% --from 2026-10-01',
    '| rule set --scope programme --percentage 12% --from 2026-10-01 --retroactive',
    '| rule set --scope programme --percentage 12% --from 2026-12-01 --reason "agreed since October"',
    '| rule set --scope programme --percentage 12% --from 2027-01-01 --retroactive --reason "agreed since October"',
    '| rule set --scope programme --percentage 10% --from 2026-10-01 --retroactive --reason "agreed since October"',
    '> rule set --scope programme --percentage 12% --from 2026-10-01 --retroactive --reason "agreed since October" --dry-run',
    '> rule set --scope programme --percentage 12% --from 2026-10-01 --retroactive --reason "agreed since October"',
    '| approval approve 13 --yes --actor checker -o id',
    '| commission explain pay-2',
    '| commission explain request-13',
    '| rule end --scope programme --on 2026-10-06 --retroactive --reason "no longer agreed" -o id',
  ],
];
