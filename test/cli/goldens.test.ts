import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../database.ts';
import { COMPARE_STORY, compareStage } from './compare-story.ts';
import { DEDUCTION_STORY, deductionStage } from './deduction-story.ts';
import { FINANCE_STORY, financeStage } from './finance-story.ts';
import { FX_STORY, fxStage } from './fx-story.ts';
import { expectGolden } from './golden.ts';
import { ACTS_STORY, actsStage } from './acts-story.ts';
import { INSTANCE_STORY, instanceStage } from './instance-story.ts';
import { INSTRUMENT_STORY, instrumentStage } from './instrument-story.ts';
import { JOB_STORY } from './job-story.ts';
import { LEDGER_STORY, ledgerStage } from './ledger-story.ts';
import { MARKET_STORY, marketStage } from './market-story.ts';
import { DASHBOARD_STORY, dashboardStage, REVENUE_STORY, revenueStage } from './metrics-story.ts';
import { NOTICE_STORY, noticeStage } from './notice-story.ts';
import { OPENING_STORY, openingStage } from './opening-story.ts';
import { PAYOUT_STORY, payoutStage, SECOND_CHECKER_STORY } from './payout-story.ts';
import { JOURNAL_STORY, journalStage } from './journal-story.ts';
import { PERIOD_STORY } from './period-story.ts';
import { RECONCILE_STORY, reconcileStage } from './reconcile-story.ts';
import { REFERRAL_STORY, referralStage } from './referral-story.ts';
import { RAIL_STORY, railStage } from './rail-story.ts';
import { REVIEW_STORY, reviewStage } from './review-story.ts';
import { SCHEDULE_STORY, scheduleStage } from './schedule-story.ts';
import { STATEMENT_STORY, statementStage } from './statement-story.ts';
import { SUBSCRIPTION_STORY, subscriptionStage } from './subscription-story.ts';
import { WHOLESALE_STORY, wholesaleStage } from './wholesale-story.ts';
import { told, type Stage, type Story } from './story.ts';
import { shell } from './terminal.ts';
import { TIER_STORY, tierStage } from './tier-story.ts';
import { WALLET_STORY, walletStage } from './wallet-story.ts';

/** What the commands of parties, rules and rule books print, on a terminal, in a pipe and as JSON: one story, told in order. */
let database: TestDatabase;
let type: ReturnType<typeof shell>;
beforeAll(async () => {
  database = await testDatabase();
  type = shell(database);
});
afterAll(async () => {
  await database.drop();
});

const STORY: Story = [
  [
    'tenant-create',
    '> tenant create northwind --name "Northwind Traders"',
    '| tenant create gulf --name "Gulf Payments WLL"',
    '| tenant create gulf --name Again',
  ],
  ['tenant-list', '> tenant list', '| tenant list', '| tenant list --json', '| tenant list -o csv'],
  [
    'partner-create',
    '> partner create acme --name "Acme Resale GmbH" --type reseller --currency EUR --tier gold --yes',
    '| partner create acme-north --name "Acme North" --type reseller --currency SEK --parent acme --dry-run',
    '| partner create blogly --name Blogly --type affiliate --currency EUR --pending --json',
    '| partner create blogly --name Blogly --type afiliate --currency EUR',
  ],
  [
    'partner-update',
    '> partner update acme --email partners@acme.example --yes',
    '| partner update acme --contact "Ada Byron" --dry-run --json --plan x',
  ],
  [
    'partner-freeze',
    '> partner freeze acme --reason "address unconfirmed" --yes --dry-run',
    '| partner freeze acme --reason "address unconfirmed"',
    '| partner freeze acme',
  ],
  ['partner-activate', '> partner activate acme --yes', '| partner activate blogly'],
  [
    'partner-list',
    '> partner list',
    '| partner list --type affiliate',
    '| partner list --tier gold -o ndjson',
    '| partner list --status gone',
  ],
  ['partner-show', '> partner show acme', '| partner show acme', '| partner show acne'],
  ['partner-archive', '| partner archive blogly', '> partner archive blogly --yes', '| partner archive blogly --yes'],
  [
    'instance-create',
    '> instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop" --yes',
    '| instance create late --tenant gulf --partner acme --name Late --from 2027-01-01',
  ],
  ['instance-list', '> instance list', '| instance list --partner acme --json'],
  ['instance-show', '> instance show acme-shop', '| instance show acme-shop --json'],
  [
    'account-add',
    '> account add acme-shop/C-1042 --name "Jane Roe" --country de',
    '| account add 1043 --instance acme-shop',
    '| account add 1044',
  ],
  ['account-list', '> account list', '| account list --instance acme-shop -o csv'],
  ['account-show', '> account show acme-shop/1043', '| account show acme-shop/1044'],
  [
    'rule-set',
    '> rule set --scope programme --percentage 10% --from 2026-01-01 --yes',
    '| rule set --scope programme --percentage 12.5% --from 2026-07-01 --dry-run',
    '| rule set --scope programme --percentage 12.5% --from 2026-07-01',
    '| rule set --scope programme --percentage 12.5% --from 2026-08-01',
    '> rule set --scope partner=acme --product setup --flat 25 --currency EUR --yes',
    '| rule set --scope programme --percentage 12.5',
  ],
  ['rule-list', '> rule list', '| rule list --at 2026-03-01', '| rule list --scope partner=acme --json'],
  ['rule-show', '> rule show 1', '| rule show 1 --json'],
  ['rule-end', '> rule end --scope programme --on 2027-01-01 --yes', '| rule end --scope programme --on 2028-01-01'],
  [
    'rule-terms',
    '> rule set --scope tier=gold --tiered "0:4%,200:6%,400:8%" --whole --window month --currency EUR --from 2026-01-01 --yes -o tsv',
    '> rule set --scope programme --override 1 --percentage 5% --on-rest --from 2026-01-01 --yes -o id',
    '> rule set --scope partner=acme --percentage 8% --flat 1.50 --base gross --only-products setup --territory DE,AT --cap-window 1000 --window year --currency EUR --earning-months 12 --from 2026-01-01 --yes -o id',
    '> rule list --at 2026-10-31',
    '| rule list --override 1 --json',
    '| rule set --scope tier=gold --tiered "0:4%,200:6%" --whole --window lifetime --currency EUR',
    '| rule set --scope tier=gold --tiered "50:4%,200:6%" --marginal --window month --currency EUR',
    '| rule set --scope tier=gold --tiered "0:4%,200:6%,100:8%" --marginal --window month --currency EUR',
    '| rule set --scope tier=gold --percentage 120%',
    '| rule set --scope tier=gold --percentage 12% --only-products stup',
    '| rule set --scope tier=gold --percentage 12% --from 2026-06-01 --to 2026-05-01',
    '> rule end --scope programme --override 1 --on 2027-01-01 --yes -o id',
  ],
  [
    'rules-files',
    '> rules export book',
    '| rules lint book',
    '| rules plan book',
    '| rule set --scope tier=gold --percentage 18% --from 2027-01-01 --note "board, 2026-11" -o id',
    '| rule set --scope programme --product setup --exclude --from 2026-01-01 -o id',
    '| rule set --scope partner=acme --product setup --percentage 0% --from 2026-01-01 -o id',
    '> rules lint live',
    '| rules lint live --json',
    '> rules plan book',
    '| rules plan book --json',
    '| rules apply book --dry-run',
    '| rules apply book --plan 000000000000',
    '> rules apply book --yes',
    '| rules apply book',
    '> rules blame tier=gold --at 2027-03-01',
    '| rules blame tier=silver --at 2027-03-01',
    '| rules lint nowhere',
  ],
  [
    'partner-parents',
    '| partner create north --name North --type reseller --currency EUR -o id',
    '| partner update north --parent acme --from 2027-01-01 -o id',
    '| partner update north --no-parent --from 2028-01-01 --dry-run',
    '| partner update north --no-parent --parent acme',
    '| partner update north --from 2027-01-01',
    '| partner update north --parent north',
    '| partner update acme --parent north --from 2027-06-01',
    '> partner show north',
  ],
];

test.each(STORY)('%s', async (golden, ...lines) => {
  expectGolden(golden, await told(type, lines));
});

/** Stories with a stage of their own. */
const STAGED: readonly (readonly [about: string, story: Story, stage: () => Promise<Stage>])[] = [
  ['review, settings and wallets', REVIEW_STORY, reviewStage],
  ['payouts', PAYOUT_STORY, payoutStage],
  ['payouts of two checkers', SECOND_CHECKER_STORY, payoutStage],
  ['reconciliation', RECONCILE_STORY, reconcileStage],
  ['notices', NOTICE_STORY, noticeStage],
  ['deductions', DEDUCTION_STORY, deductionStage],
  ['schedules', SCHEDULE_STORY, scheduleStage],
  ['instruments', INSTRUMENT_STORY, instrumentStage],
  ['rails', RAIL_STORY, railStage],
  ['acts under four eyes', ACTS_STORY, actsStage],
  ['exchange rates', FX_STORY, fxStage],
  ['the ledger', LEDGER_STORY, ledgerStage],
  ['what finance asks', FINANCE_STORY, financeStage],
  ['wallets moved by hand', WALLET_STORY, walletStage],
  ['statements', STATEMENT_STORY, statementStage],
  ['periods', PERIOD_STORY, statementStage],
  ['journals', JOURNAL_STORY, journalStage],
  ['another system’s history', COMPARE_STORY, compareStage],
  ['books that begin with history', OPENING_STORY, openingStage],
  ['plans, prices and subscriptions', SUBSCRIPTION_STORY, subscriptionStage],
  ['instances', INSTANCE_STORY, instanceStage],
  ['usage and wholesale', WHOLESALE_STORY, wholesaleStage],
  ['tiers', TIER_STORY, tierStage],
  ['referrals', REFERRAL_STORY, referralStage],
  ['jobs', JOB_STORY, tierStage],
  ['a partner on one screen', DASHBOARD_STORY, dashboardStage],
  ['a partner’s revenue', REVENUE_STORY, revenueStage],
  ['resellers, rankings, reports and forecasts', MARKET_STORY, marketStage],
];

describe.each(STAGED)('%s', (_, story, open) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await open();
  });
  afterAll(async () => {
    await stage.leave();
  });

  test.each(story)('%s', async (golden, ...lines) => {
    expectGolden(golden, await told(stage.type, lines));
  });
});

test('every golden has a teller', async () => {
  const { readdirSync } = await import('node:fs');
  const there = readdirSync(new URL('goldens', import.meta.url)).map((file) => file.replace(/\.txt$/, ''));
  const tellers = [STORY, ...STAGED.map(([, story]) => story)].flat();
  expect(tellers.map(([golden]) => golden).sort()).toEqual(there.sort());
});
