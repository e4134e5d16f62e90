import { openStage, type Stage, type Story } from './story.ts';

const CLICKS = `code,clicked_at,landing_url,referrer_url,ip,user_agent,visitor
BLOG,2026-11-02T10:15:00Z,https://northwind.example/?utm_source=newsletter,,203.0.113.42,Mozilla/5.0,v-1
ACME1234,2026-11-09T08:00:00Z,https://northwind.example/,https://www.review.example/crm,203.0.113.42,Mozilla/5.0,v-1
ACME1234,2026-11-09T08:01:00Z,https://northwind.example/,https://www.review.example/crm,203.0.113.42,Mozilla/5.0,v-1
ACME1234,2026-09-01,,,198.51.100.7,,
`;

/** Acme and blogly, each with a code or about to have one. */
export async function referralStage(): Promise<Stage> {
  return await openStage({
    files: {
      'clicks.csv': CLICKS,
      'broken.csv': `${CLICKS}NOBODY,2026-11-10,,,198.51.100.7,,\nBLOG,2026-13-10,ftp://x,,198.51.100.300,,\nBLOG,2026-11-11,,,,,\nBLOG,2027-02-01,,,198.51.100.7,,\n`,
    },
    lines: [
      'tenant create northwind --name "Northwind Traders"',
      'partner create acme --name "Acme Resale" --type reseller --currency EUR',
      'partner create blogly --name Blogly --type affiliate --currency EUR --email me@blogly.example',
      'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
    ],
  });
}

export const REFERRAL_STORY: Story = [
  [
    'referral-code-create',
    '> referral-code create acme1234 --partner acme --campaign autumn --signup 25.00 --yes',
    '| referral-code create BLOG --partner blogly --to 2027-01-01 --dry-run',
    '| referral-code create BLOG --partner blogly --to 2027-01-01',
    '| referral-code create BLOG --partner acme',
    '| referral-code create B! --partner acme',
    '| referral-code create BLOG2 --partner blogly --signup 0',
    '| referral-code create BLOG2 --partner blogli',
  ],
  [
    'referral-import',
    '| referral import broken.csv',
    '> referral import clicks.csv --yes',
    '| referral import clicks.csv',
    '| referral import broken.csv --partial',
  ],
  ['referral-code-list', '> referral-code list', '| referral-code list --partner blogly --json'],
  [
    'referral-track',
    '> referral track ACME1234 --ip 203.0.113.9 --user-agent Mozilla/5.0 --landing "https://northwind.example/?utm_source=ads" --at 2026-11-12T10:00 --yes',
    '| referral track BLOG --ip 203.0.113.9 --user-agent Mozilla/5.0 --at 2026-11-13T10:00',
    '| referral track BLOG --ip 203.0.113.9 --user-agent Mozilla/5.0 --at 2026-11-13T23:00 -o id',
    '| referral track ACME1234 --name "Jane Roe" --email jane@roe.example --at 2026-11-14 -o json',
    '| referral track BLOG --email ME@blogly.example',
    '| referral track BLOG --ip 203.0.113',
    '| referral track BLOG --landing northwind',
    '| referral track BLOG --at 2027-01-01',
    '| referral track BLOK --name Jane',
  ],
  [
    'referral-list',
    '> referral list',
    '| referral list --partner acme --period 2026-11',
    '| referral list --source review.example',
    '| referral list --status open',
  ],
  [
    'referral-qualify',
    '> referral qualify 4 --reason "asked for an offer" --yes',
    '| referral qualify 4',
    '| referral qualify 99',
  ],
  [
    'referral-convert',
    '> referral convert 2 --account acme-shop/C-1042 --create --country de --model linear --yes --dry-run',
    '> referral convert 2 --account acme-shop/C-1042 --create --country de --model linear --yes',
    '| referral convert 3 --account acme-shop/C-1043 --create -o json',
    '| referral convert 4 --account acme-shop/C-1042',
    '| referral convert 4 --account acme-shop/C-1044',
    '| referral convert 1 --account acme-shop/C-1045 --create',
    '| referral convert 2 --account acme-shop/C-1042',
    '| approval list --kind bonus',
  ],
  ['referral-lose', '| referral lose 4 --reason "went elsewhere"', '> referral lose 4 --reason "went elsewhere" --yes'],
  [
    'referral-expire',
    '> referral expire --yes --dry-run',
    '> referral expire --yes',
    '| referral expire --yes',
    '| referral expire --on 2027-01-01 --yes',
  ],
  ['referral-show', '> referral show 1', '| referral show 4 --json', '| referral show 99', '| referral show x'],
  [
    'referral-funnel',
    '> referral funnel --by source',
    '| referral funnel --by partner --json',
    '| referral funnel --by campaign --partner acme',
    '| referral funnel',
  ],
];
