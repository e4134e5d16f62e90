import { openStage, type Stage, type Story } from './story.ts';

const USAGE = `external_id,instance,meter,quantity,date,currency
u-1,acme-shop,api-calls,120000,2026-10-05,
u-2,acme-shop,api-calls,80500.5,2026-10-20,
u-3,acme-shop,api-calls,-500,2026-10-21,
u-4,acme-shop,api-calls,1000,2026-09-30,
u-1,kestrel-shop,api-calls,3,2026-10-07,KWD
`;

/** Two instances of two partners; subscriptions that were a trial, suspended, cancelled; prices of usage in two currencies. */
export async function wholesaleStage(): Promise<Stage> {
  const files = {
    'usage.csv': USAGE,
    'broken.csv':
      `${USAGE}u-5,acme-shop,storage,5,2026-10-05,\nu-6,nowhere,api-calls,5,2026-10-05,\nu-7,acme-shop,api-calls,0,2026-10-05,\n` +
      `u-8,acme-shop,api-calls,5,2026-12-05,\nu-2,acme-shop,api-calls,81,2026-10-20,\n`,
    'unpriced.csv': 'external_id,instance,meter,quantity,date,currency\nu-9,acme-shop,api-calls,5,2026-11-05,JPY\n',
  };
  return await openStage({
    files,
    lines: [
      'tenant create northwind --name "Northwind Traders"',
      'partner create acme --name "Acme Resale" --type reseller --currency EUR',
      'partner create kestrel --name Kestrel --type white_label --currency KWD',
      'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
      'instance create kestrel-shop --tenant northwind --partner kestrel --name "Kestrel Shop"',
      'plan create pro --name Pro',
      'price-book set pro/monthly --currency EUR --wholesale 12.00 --list 20.00 --from 2026-01-01',
      'price-book set api-calls --currency EUR --unit-price 0.0004 --from 2026-01-01',
      'price-book set api-calls --currency KWD --unit-price 1.2345 --from 2026-01-01',
      'subscription create shop-pro pro/monthly --instance acme-shop --currency EUR --from 2026-08-31 --quantity 3',
      'subscription create new-pro pro/monthly --instance acme-shop --currency EUR --from 2026-10-10 --trial-until 2026-10-25',
      'subscription create kestrel-pro pro/monthly --instance kestrel-shop --currency EUR --from 2026-10-01',
    ],
  });
}

export const WHOLESALE_STORY: Story = [
  [
    'usage-import',
    '| usage import broken.csv',
    '> usage import usage.csv --yes --dry-run',
    '> usage import usage.csv --yes',
    '| usage import usage.csv',
    '| usage import broken.csv --partial -o id',
  ],
  [
    'wholesale-charge',
    '| wholesale charge --period 2026-10 --instance kestrel-shop --dry-run',
    '> wholesale charge --period 2026-10 --yes',
    '| wholesale charge --period 2026-10',
    '| wholesale charge --period 2026-Q3 --json',
    '| usage import unpriced.csv -o id',
    '| wholesale charge --period this-month',
    '| wholesale charge --period october',
  ],
  [
    'wholesale-receive',
    '> wholesale receive acme-shop 100.00 eur --reference "SEPA 8812" --on 2026-11-05 --yes',
    '| wholesale receive acme-shop 10.00 EUR --reference "SEPA 8812"',
    '| wholesale receive acme-shop 10000 EUR --reference "SEPA 8813"',
    '| wholesale receive kestrel-shop 1.000 KWD --reference X --on 2026-12-01',
    '| wholesale receive acme-shop 0 EUR --reference X',
  ],
  [
    'wholesale-show',
    '> wholesale show acme-shop',
    '| wholesale show kestrel-shop --period 2026-10 --json',
    '| wholesale show acme',
  ],
  [
    'wholesale-statement',
    '> wholesale statement --period 2026-10',
    '| wholesale statement --period 2026-11 --partner acme --json',
    '| wholesale statement --period 2026-10 --instance acme-shop --out october.csv -o id',
    '| ledger trial-balance',
  ],
];
