import { openStage, type Stage, type Story } from './story.ts';

/** A payout that left and failed, of a partner with an address; and no mail server. */
const SCENE = [
  'tenant create northwind --name "Northwind Traders"',
  'partner create acme --name "Acme Resale GmbH" --type reseller --currency EUR --email finance@acme.example',
  'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
  'rule set --scope programme --percentage 10% --from 2026-01-01',
  'revenue record --instance acme-shop --kind payment --net 600 --currency EUR --occurred-at 2026-09-05 --id pay-1',
  'job run accrue-commissions --for 2026-09-30',
  'payout generate --cutoff 2026-11-01',
  'payout approve 1 --confirm 1 --actor checker',
  'settings set notices on',
  'payout submit 1 --out register.csv --confirm 1',
  'payout fail P00000001A --reason "account closed"',
];

export const noticeStage = async (): Promise<Stage> => await openStage({ checker: true, lines: SCENE });

export const NOTICE_STORY: Story = [
  [
    'notice-list',
    '> notice list',
    '| notice list --status pending',
    '| notice list --status sent',
    '| notice list --status gone',
    '| notice list --partner acme --json',
  ],
  ['notice-show', '> notice show 1', '| notice show 2 --json', '| notice show 7', '| notice show x'],
  [
    'notice-send',
    '> notice send --dry-run',
    '| notice send',
    '| notice resend 1 --dry-run',
    '| notice resend 1',
    '| notice resend 7',
    '| job run send-notices --for 2026-11-21',
  ],
];
