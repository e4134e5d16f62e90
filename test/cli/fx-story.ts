import { openStage, type Stage, type Story } from './story.ts';

const RATES = `date,base,quote,rate,source
2026-10-01,EUR,USD,1.0795,ECB
2026-10-02,EUR,USD,1.0812,ECB
2026-10-02,EUR,GBP,0.8391,ECB
`;

/** A programme in euro whose rule pays in dollars, and a payment of a day for which there is no rate yet. */
export async function fxStage(): Promise<Stage> {
  const files = {
    'rates.csv': RATES,
    'mended.csv': RATES.replace('1.0812', '1.0821'),
    'broken.csv': `${RATES}2026-10-32,EUR,USD,1.08,ECB\n2026-10-05,EUR,USD,"1,08",ECB\n`,
    'october.csv': 'date,base,quote,rate,source\n2026-10-09,EUR,USD,1.1,ECB\n',
    'eurofxref-hist.csv': 'Date,USD,JPY,XQQ,\n2026-10-02,1.0821,165.42,N/A,\n2026-10-01,1.0795,165.77,N/A,\n',
  };
  return await openStage({
    files,
    lines: [
      'tenant create northwind --name "Northwind Traders"',
      'partner create acme --name "Acme Resale" --type reseller --currency USD',
      'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
      'rule set --scope programme --percentage 12.5% --pays-in USD --from 2026-01-01',
      'revenue record --instance acme-shop --kind payment --net 9.99 --currency EUR --occurred-at 2026-10-05 --id pay-1',
      'revenue record --instance acme-shop --kind payment --net 80.00 --currency EUR --occurred-at 2026-10-09 --id pay-2',
    ],
  });
}

export const FX_STORY: Story = [
  [
    'fx-import',
    '| fx import broken.csv',
    '> fx import rates.csv --yes --dry-run',
    '> fx import rates.csv --yes',
    '| fx import rates.csv',
    '| fx import mended.csv',
    '| fx import mended.csv --correct --json',
    '> fx import eurofxref-hist.csv --yes',
    '| fx import nowhere.csv',
  ],
  [
    'fx-list',
    '> fx list',
    '| fx list --base EUR --quote usd --period 2026-10',
    '| fx list --source ECB --quote GBP --json',
    '| fx list --base EURO',
  ],
  ['fx-show', '> fx show EUR/USD@2026-10-02', '| fx show EUR/USD@2026-10-03', '| fx show EURUSD'],
  [
    'fx-rate',
    '> fx rate eur usd --on 2026-10-04',
    '| fx rate USD EUR --on 2026-10-04',
    '| fx rate USD GBP --on 2026-10-04 --json',
    '| fx rate EUR USD --on 2026-10-07',
    '| fx rate USD CHF --on 2026-10-04',
    '| fx rate USD USD',
  ],
  [
    'fx-converted',
    '> job run accrue-commissions --for 2026-10-31',
    '| job run accrue-commissions --for 2026-10-31 --json',
    '> revenue list --waiting',
    '| revenue list --waiting -o csv',
    '| commission why-not manual:pay-2',
    '| commission explain manual:pay-2',
    '| fx import october.csv -o id',
    '| job run accrue-commissions --for 2026-10-31 -o id',
    '| commission explain manual:pay-1',
    '> wallet list',
  ],
];
