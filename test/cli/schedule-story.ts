import { openStage, type Stage, type Story } from './story.ts';

const SCENE = [
  'tenant create northwind --name "Northwind Traders"',
  'partner create acme --name "Acme Resale" --type reseller --currency EUR',
  'instance create acme-shop --tenant northwind --partner acme --name Shop',
  'rule set --scope programme --percentage 10% --from 2026-01-01',
  'revenue record --instance acme-shop --kind payment --net 1000 --currency EUR --occurred-at 2026-09-05 --id pay-1',
  'job run accrue-commissions --for 2026-09-30',
];

export async function scheduleStage(): Promise<Stage> {
  const { type, leave } = await openStage({ lines: SCENE });
  return { type, leave };
}

export const SCHEDULE_STORY: Story = [
  [
    'schedule-set',
    '> payout calendar',
    '| schedule set biweekly',
    '| schedule set monthly --net 3 --review 5',
    '| schedule set fortnightly',
    '> schedule set monthly --net 24 --review 5 --calendar target --from 2026-01-01',
    '| schedule set monthly --net 24 --review 5 --calendar target --from 2026-01-01',
    '> schedule set biweekly --anchor 2026-11-02 --net 3 --partner acme --from 2026-11-01 --dry-run',
    '| schedule set biweekly --anchor 2026-11-02 --net 3 --partner acme --from 2026-11-01 --json',
  ],
  ['schedule-list', '> schedule list', '| schedule list --on 2026-10-01'],
  [
    'holiday-add',
    '> holiday add 2026-12-03 --name "Founders’ day"',
    '| holiday add 2026-12-03 --name "Founders’ day"',
    '| holiday add 2026-13-03 --name "No day"',
    '| holiday remove 2026-12-25 --reason "our bank is open" --json',
    '> holiday list',
    '| holiday list --period 2026-12 -o csv',
  ],
  [
    'payout-calendar',
    '> payout calendar',
    '| payout calendar --partner acme --count 3 --json',
    '| payout calendar --from 2027-01-01 --count 1',
    '| payout calendar --partner acne',
    '> payout generate --due',
    '| payout generate --due --partner acme',
    '| payout generate --all --period 2026-10 --dry-run',
    '> payout generate --due --cutoff 2026-11-16',
    '| payout generate --period 2026-10 --cutoff 2026-11-01',
    '| payout generate --all --due',
  ],
];
