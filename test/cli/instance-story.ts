import { openStage, type Stage, type Story } from './story.ts';

/** One tenant with two shops of one partner, each with what it earned in October and November. */
export async function instanceStage(): Promise<Stage> {
  const pay = (shop: string, net: string, on: string, id: string) =>
    `revenue record --instance ${shop} --kind payment --net ${net} --currency EUR --occurred-at ${on} --id ${id}`;
  return await openStage({
    checker: true,
    lines: [
      'tenant create northwind --name "Northwind Traders"',
      'partner create acme --name "Acme Resale GmbH" --type reseller --currency EUR',
      'partner create zenith --name "Zenith Sales" --type reseller --currency EUR',
      'partner create dormant --name Dormant --type reseller --currency EUR --pending',
      'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop" --from 2026-01-01',
      'instance create acme-attic --tenant northwind --partner acme --name "Northwind Attic"',
      'account add acme-shop/C-1',
      'rule set --scope programme --percentage 10% --from 2026-01-01',
      pay('acme-shop', '100', '2026-10-05', 'pay-1'),
      pay('acme-attic', '60', '2026-11-03', 'pay-2'),
      pay('acme-shop', '80', '2026-11-10', 'pay-3'),
      'job run accrue-commissions --for 2026-11-15',
    ],
  });
}

/** What becomes of an instance, and what its books say. */
export const INSTANCE_STORY: Story = [
  [
    'instance-suspend',
    '> instance suspend acme-shop --reason "invoice unpaid" --from 2026-11-01 --dry-run',
    '| instance suspend acme-shop --reason "invoice unpaid" --from 2026-11-01',
    '| instance suspend acme-shop --reason "invoice unpaid" --from 2026-11-01 --confirm acme-attic',
    '| instance suspend acme-shop --reason "invoice unpaid" --from 2026-12-01 --confirm acme-shop',
    '> instance suspend acme-shop --reason "invoice unpaid" --from 2026-11-01 --confirm acme-shop --yes',
    '| instance suspend acme-shop --reason again --confirm acme-shop',
    '| instance suspend acme-shp --reason typo --confirm acme-shp',
    '| instance suspend acme-attic --confirm acme-attic',
    '| wallet list',
  ],
  [
    'instance-resume',
    '| instance resume acme-shop --reason paid --dry-run',
    '> instance resume acme-shop --reason paid --yes',
    '| instance resume acme-shop --reason paid',
    '| instance suspend acme-shop --reason again --from 2026-11-01 --confirm acme-shop',
    '| wallet list',
  ],
  [
    'instance-transfer',
    '| instance transfer acme-shop --to zenith --from 2026-11-01 --reason "acme leaves the north"',
    '| instance transfer acme-shop --to acme --from 2026-12-01 --reason "no change"',
    '| instance transfer acme-shop --to dormant --from 2026-12-01 --reason "not signed"',
    '| instance transfer acme-shop --to zenith --from 2025-12-01 --reason "before our time"',
    '> instance transfer acme-shop --to zenith --from 2026-11-16 --reason "acme leaves the north" --yes',
    '| approval approve 1 --yes',
    '> approval approve 1 --yes --actor checker',
    '| instance transfer acme-shop --to acme --from 2026-11-12 --reason "and back"',
    '> instance transfer acme-shop --to acme --from 2026-12-01 --reason "and back" --dry-run',
    '| instance list --partner zenith',
  ],
  [
    'instance-history',
    '> instance history acme-shop',
    '| instance history acme-shop -o csv',
    '| instance history nowhere',
  ],
  [
    'instance-financials',
    '> instance financials acme-shop',
    '| instance financials acme-shop --as-of 2026-10-31 --json',
    '| instance financials acme-shop --period 2026-10 -o csv',
    '| instance financials acme-shop --as-of 2027-01-01',
  ],
  ['analytics-instance', '> analytics instance acme-shop', '| analytics instance acme-shp'],
  [
    'analytics-tenant',
    '> analytics tenant northwind --in EUR',
    '| analytics tenant northwind --period 2026-10 -o csv',
    '| analytics tenant northwind --by currency --json',
    '| analytics tenant northwind --in USD',
    '| analytics tenant northwind --in EURO',
  ],
  [
    'analytics-partner',
    '> analytics partner acme --from 2026-11-01',
    '| analytics partner zenith -o id',
    '| analytics partner',
  ],
];
