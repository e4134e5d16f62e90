import { openStage, type Stage, type Story } from './story.ts';

const MAP = `source = "billing"

[columns]
external_id = "id"
occurred_at = "at"
net = "net"
currency = "currency"
instance = "instance"
account = "account"
country = "country"
`;

/** Months from October 2024 to November 2026. */
const MONTHS = Array.from({ length: 26 }, (_, at) => {
  const month = 9 + at;
  return `${2024 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
});

/** Acme sells most before Christmas, of two customers; north grows, of one; pixel sells in yen now and then. */
const REVENUE = [
  'id,at,net,currency,instance,account,country\n',
  ...MONTHS.flatMap((month, at) => {
    const season = [9, 10, 11].includes((9 + at) % 12) ? 300 : 100;
    return [
      `a-${month},${month}-03,${season + (at % 3) * 10}.00,EUR,acme-shop,C-1,DE\n`,
      // C-2 pays every other month, and has not since July.
      ...(at % 2 === 1 && month < '2026-08' ? [`b-${month},${month}-05,50.00,EUR,acme-shop,C-2,CH\n`] : []),
      `n-${month},${month}-12,${40 + at * 4}.00,EUR,north-shop,N-1,SE\n`,
      ...(at % 5 === 0 ? [`p-${month},${month}-20,9000,JPY,pixel-shop,,JP\n`] : []),
    ];
  }),
].join('');

/** Two years of three partners, one of which resells under another. */
export async function marketStage(): Promise<Stage> {
  return await openStage({
    files: { 'map.toml': MAP, 'revenue.csv': REVENUE },
    lines: [
      'tenant create northwind --name "Northwind Traders"',
      'partner create acme --name "Acme Resale" --type reseller --currency EUR --tier gold',
      'partner create pixel --name "Pixel Studio" --type affiliate --currency JPY --tier gold',
    ],
  });
}

export const MARKET_STORY: Story = [
  [
    'reseller-create',
    '> reseller create acme-north --under acme --name "Acme North" --rate 12% --from 2024-01-01 --yes --dry-run',
    '> reseller create acme-north --under acme --name "Acme North" --rate 12% --from 2024-01-01 --yes',
    '| reseller create acme-south --under acme --name "Acme South" --currency SEK -o json',
    '| reseller create acme-north --under acme --name "Acme North"',
    '| reseller create acme-west --under acmee --name "Acme West"',
    '| reseller create acme-west --under acme --name "Acme West" --rate 12',
    '| reseller create acme-west --under acme-north --name "Acme West"',
  ],
  [
    'reseller-report',
    '| instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop" -o id',
    '| instance create north-shop --tenant northwind --partner acme-north --name "Northwind Nordic" -o id',
    '| instance create pixel-shop --tenant northwind --partner pixel --name "Northwind Japan" -o id',
    '| rule set --scope programme --percentage 10% --from 2024-01-01 -o id',
    '| rule set --scope partner=acme --override 1 --percentage 5% --from 2024-01-01 -o id',
    '| plan create pro --name Pro -o id',
    '| price-book set pro/annual --currency EUR --wholesale 600.00 --list 1200.00 --from 2024-01-01 -o id',
    '| revenue import revenue.csv --map map.toml --create-accounts -o id',
    '| subscription create n1-pro pro/annual --account north-shop/N-1 --currency EUR --from 2025-01-01 -o id',
    '| job run accrue-commissions --for 2026-11-21 -o id',
    '> reseller report acme-north --period 2026',
    '| reseller report acme-north --period 2026-10 --json',
    '| reseller report acme',
    '| reseller report acme-nort',
  ],
  ['reseller-list', '> reseller list', '| reseller list --under acme --json', '| reseller list --under pixel'],
  ['reseller-show', '> reseller show acme-north', '| reseller show acme --json'],
  [
    'analytics-reseller',
    '> analytics reseller --period 2026-10',
    '| analytics reseller --under acme --period 2026-10 --json',
  ],
  [
    'analytics-top',
    '> analytics top --period 2026',
    '| analytics top --by customers --period 2026-10 --most 1',
    '| analytics top --by mrr --currency EUR --json --period 2026-10',
    '| analytics top --by luck',
  ],
  ['analytics-region', '> analytics region --period 2026', '| analytics region --period 2026 --partner acme --json'],
  [
    'analytics-churn-risk',
    '> analytics churn-risk',
    '| analytics churn-risk --over 50% --json',
    '| analytics churn-risk --partner pixel',
    '| analytics churn-risk --over 150',
  ],
  [
    'report-performance',
    '> report performance --monthly',
    '| report performance --daily --period 2026-10 --partner acme --json',
    '| report performance --daily --monthly',
    '| report performance --period 2020',
  ],
  [
    'forecast-revenue',
    '> forecast revenue',
    '| forecast revenue --partner acme-north --months 2 --model trend -o csv',
    '| forecast revenue --partner acme --currency EUR --json --months 1 --model seasonal',
    '| forecast revenue --months 25',
    '| forecast revenue --model wish',
  ],
  ['forecast-commission', '> forecast commission --partner acme-north --months 6'],
  ['forecast-payout', '| forecast payout', '| forecast payout --model seasonal'],
  ['account-revenue', '> account list --revenue', '| account list --partner acme --revenue --json'],
];
