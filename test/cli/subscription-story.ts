import { openStage, type Stage, type Story } from './story.ts';

const PRICES = `plan,meter,cycle,region,currency,wholesale,list,unit_price,from,to
pro,,monthly,,EUR,12.00,20.00,,2026-01-01,
pro,,monthly,,EUR,13.00,21.00,,2027-01-01,
pro,,monthly,CH,CHF,13.50,24.00,,2026-01-01,
,api-calls,,,EUR,,,0.0004,2026-01-01,
`;

/** A tenant with a shop of one partner. */
export async function subscriptionStage(): Promise<Stage> {
  const files = {
    'prices.csv': PRICES,
    'broken.csv':
      `${PRICES}prime,,monthly,,EUR,1.00,2.00,,2026-01-01,\npro,,weekly,,EUR,3.00,5.00,,2026-01-01,\n` +
      `pro,,annual,,JPY,1000,2000.50,,2026-01-01,\npro,,monthly,,EUR,12.00,20.00,,2027-01-01,\n`,
    'odd.csv': 'plan,currency,from,colour\npro,EUR,2026-01-01,red\n',
  };
  return await openStage({
    files,
    lines: [
      'tenant create northwind --name "Northwind Traders"',
      'partner create acme --name "Acme Resale" --type reseller --currency EUR',
      'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
      'account add acme-shop/C-1042 --name "Jane Roe" --country DE',
    ],
  });
}

export const SUBSCRIPTION_STORY: Story = [
  [
    'plan-create',
    '> plan create pro --name Pro --yes',
    '| plan create crm --name "CRM Basic" --product crm --dry-run',
    '| plan create pro --name Again',
    '| plan create Pro',
  ],
  [
    'price-book-set',
    '> price-book set pro/annual --currency EUR --wholesale 130 --list 200 --from 2026-01-01 --yes',
    '| price-book set pro/annual --currency EUR --wholesale 140 --list 220 --from 2026-07-01',
    '| price-book set pro/annual --currency EUR --wholesale 140.00 --list 220.00 --from 2026-07-01',
    '| price-book set api-calls --currency eur --unit-price 0.0005 --from 2025-01-01 --to 2026-01-01 --dry-run',
    '| price-book set prp/annual --currency EUR --wholesale 140 --list 220',
    '| price-book set pro --currency EUR --wholesale 140 --list 220',
    '| price-book set pro/yearly --currency EUR --wholesale 140 --list 220',
    '| price-book set pro/annual --currency EUR --wholesale 140',
    '| price-book set pro/annual --currency JPY --wholesale 140.50 --list 220',
    '| price-book set api-calls --currency EUR --unit-price 0,5',
    '| price-book set api-calls --currency EUR --unit-price 0.5 --from 2026-02-01 --to 2026-01-01',
  ],
  [
    'price-book-import',
    '| price-book import broken.csv',
    '| price-book import odd.csv',
    '> price-book import prices.csv --yes --dry-run',
    '> price-book import prices.csv --yes',
    '| price-book import prices.csv',
    '| price-book import broken.csv --partial',
    '| price-book import nowhere.csv',
  ],
  [
    'price-book-list',
    '> price-book list',
    '| price-book list --of pro --on 2026-12-31',
    '| price-book list --of api-calls --json',
    '| price-book list --of pro --cycle annual --all -o csv',
    '| price-book list --of api-call',
  ],
  ['plan-list', '> plan list', '| plan list --json'],
  ['plan-show', '> plan show pro', '| plan show prop'],
  [
    'subscription-create',
    '> subscription create shop-pro pro/monthly --instance acme-shop --currency EUR --from 2026-01-31 --yes',
    '| subscription create roe-pro pro/annual --account acme-shop/C-1042 --currency EUR --quantity 5 --price 199.99 --from 2026-11-21',
    '| subscription create roe-try pro/monthly --account acme-shop/C-1042 --currency EUR --trial-until 2026-12-05 --dry-run',
    '| subscription create roe-try pro/monthly --account acme-shop/C-1042 --currency EUR --trial-until 2026-12-05 -o id',
    '| subscription create shop-pro pro/monthly --instance acme-shop --currency EUR',
    '| subscription create yen pro/monthly --instance acme-shop --currency JPY',
    '| subscription create both pro/monthly --instance acme-shop --account acme-shop/C-1042 --currency EUR',
    '| subscription create odd pro --instance acme-shop --currency EUR',
    '| subscription create odd pro/monthly --instance acme-shop --currency EUR --trial-until 2026-11-21',
    '| subscription create odd pro/monthly --instance acme-shop --currency EUR --price -1',
  ],
  [
    'subscription-update',
    '> subscription update shop-pro --price 18.50 --from 2026-12-01 --yes',
    '| subscription update shop-pro --price 18.50 --from 2026-12-01',
    '| subscription update roe-pro --quantity 6 --wholesale 135 --dry-run',
    '| subscription update shop-pro',
    '| subscription update shop-pro --price 18.50 --from 2026-01-01',
    '| subscription update shop --price 18.50',
  ],
  [
    'subscription-suspend',
    '> subscription suspend shop-pro --reason "invoice unpaid" --yes',
    '| subscription suspend shop-pro',
    '| subscription suspend roe-try',
  ],
  [
    'subscription-cancel',
    '| subscription cancel roe-pro --at-period-end',
    '> subscription cancel roe-pro --at-period-end --yes',
    '| subscription cancel shop-pro --on 2026-11-01 --yes',
    '| subscription cancel roe-try --yes --reason "no interest" -o csv',
  ],
  [
    'subscription-resume',
    '> subscription resume shop-pro --yes',
    '| subscription resume roe-pro',
    '| subscription resume roe-try --on 2026-12-10',
    '| subscription resume shop-pro',
  ],
  [
    'subscription-list',
    '> subscription list',
    '| subscription list --status active --on 2026-12-15',
    '| subscription list --account acme-shop/C-1042 --of pro --json',
    '| subscription list --partner nobody',
  ],
  ['subscription-show', '> subscription show shop-pro --on 2026-02-28', '| subscription show shop-prp'],
  ['subscription-history', '> subscription history shop-pro', '| subscription history roe-try -o csv'],
  [
    'partner-terms-set',
    '| plan create desk --name Desk --product desk -o id',
    '> partner-terms set acme --max-discount 15% --territory at,DE --minimum-order 50 --credit-limit 1000 --yes --from 2026-11-01',
    '| partner-terms set acme --max-discount 15% --from 2026-11-01 -o id',
    '| partner-terms set acme --products desk --from 2027-01-01 --cookie-days 30 --dry-run',
    '| partner-terms set acme --minimum-order 5000 --currency JPY --first-purchase-only no --recurring-months 12 -o id',
    '| partner-terms set acme --first-purchase-only constructor',
    '| partner-terms set acme --territory Germany',
    '| partner-terms set acme --products dask',
    '| partner-terms set acme --max-discount 15',
    '| partner-terms set acme',
    '| partner-terms set acne --cookie-days 3',
  ],
  ['partner-terms-show', '> partner-terms show acme', '| partner-terms show acme --on 2026-10-31'],
  [
    'partner-terms-exceeded',
    '| account add acme-shop/C-2 --country FR',
    '| account add acme-shop/C-2',
    '| account add acme-shop/C-2 --country AT -o id',
    '| subscription create two pro/annual --account acme-shop/C-2 --currency EUR --price 180',
    '| subscription create two pro/monthly --account acme-shop/C-2 --currency EUR',
    '| subscription create two pro/annual --account acme-shop/C-2 --currency EUR --quantity 8',
    '| subscription update shop-pro --price 1',
    '| partner-terms set acme --products desk --minimum-order none -o id',
    '| subscription create two pro/annual --account acme-shop/C-2 --currency EUR',
    '| partner-terms set acme --products none -o id',
    '| subscription create two pro/annual --account acme-shop/C-2 --currency EUR -o id',
  ],
];
