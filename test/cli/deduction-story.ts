import { openStage, type Stage, type Story } from './story.ts';

/** Two partners with something to be paid. */
const SCENE = [
  'tenant create northwind --name "Northwind Traders"',
  'rule set --scope programme --percentage 10% --from 2026-01-01',
  ...['acme', 'blogly'].flatMap((code) => [
    `partner create ${code} --name ${code} --type reseller --currency EUR`,
    `instance create ${code}-shop --tenant northwind --partner ${code} --name Shop`,
    `revenue record --instance ${code}-shop --kind payment --net 1000 --currency EUR --occurred-at 2026-09-05 --id ${code}`,
  ]),
  'job run accrue-commissions --for 2026-09-30',
];

export async function deductionStage(): Promise<Stage> {
  const { type, leave } = await openStage({ lines: SCENE });
  return { type, leave };
}

export const DEDUCTION_STORY: Story = [
  [
    'deduction-set',
    '| deduction set --withhold 24 --from 2026-01-01',
    '| deduction set --form w9',
    '| deduction set --fee 1.50',
    '| deduction set --partner acme',
    '> deduction set --withhold 24% --fee 1.50 --currency EUR --from 2026-01-01',
    '| deduction set --withhold 24% --from 2026-01-01',
    '> deduction set --partner blogly --form w9 --from 2026-01-01 --to 2027-01-01 --dry-run',
    '| deduction set --partner blogly --form w9 --from 2026-01-01 --to 2027-01-01 --json',
    '| deduction set --partner acne --form w9',
  ],
  ['deduction-list', '> deduction list', '| deduction list', '| deduction list --on 2027-06-01 --json'],
  ['deduction-show', '> deduction show blogly', '| deduction show acme --json'],
  ['deduction-paid', '> payout generate --cutoff 2026-11-01', '> payout show P00000001A --detail'],
];
