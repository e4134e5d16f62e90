import { openStage, type Stage, type Story } from './story.ts';

const HEADING =
  'record,partner,instance,currency,amount,payable_on,source,sale_ref,sale_date,account,sale_net,received,returned,posted,paid,withheld,first_sale_on,earning_months';

/** A programme that moves here from another system. */
export async function openingStage(): Promise<Stage> {
  const file = (rows: readonly string[]) => `${[HEADING, ...rows].join('\n')}\n`;
  const files = {
    'opening.csv': file([
      'wallet,acme,acme-shop,EUR,120.00,2026-12-01,,,,,,,,,,,,',
      'sale,acme,acme-shop,EUR,,,billing,INV-17,2026-09-14,C-1,500.00,500.00,0,50.00,,,,',
      'partner,acme,,EUR,,,,,,,,,,,900.00,0,,',
      'account,,acme-shop,,,,,,,C-1,,,,,,,2026-01-31,12',
    ]),
    'wrong.csv': file([
      'wallet,acne,acme-shop,EUR,120.00,,,,,,,,,,,,,',
      'wallet,acme,acme-shop,EUR,12.005,,,,,,,,,,,,,',
      'sale,acme,acme-shop,EUR,,,billing,INV-18,2026-09-14,C-9,500.00,0,0,0,,,,',
    ]),
  };
  return await openStage({
    files,
    checker: true,
    lines: [
      'tenant create northwind --name "Northwind Traders"',
      'partner create acme --name "Acme Resale" --type reseller --currency EUR',
      'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
      'account add acme-shop/C-1',
      'rule set --scope programme --percentage 12% --from 2026-01-01',
    ],
  });
}

export const OPENING_STORY: Story = [
  [
    'opening-import',
    '| opening import wrong.csv --reason "PartnerStack"',
    '| opening import nowhere.csv --reason "PartnerStack"',
    '| opening import opening.csv --on 2027-01-01 --reason "PartnerStack"',
    '| opening import opening.csv --on 2026-11-01 --reason "PartnerStack" --dry-run -o id',
    '> opening import opening.csv --on 2026-11-01 --reason "PartnerStack, closing of October" --yes',
    '> approval approve 2 --yes --actor checker',
    '| opening import opening.csv --on 2026-11-01 --reason "PartnerStack"',
    '| wallet list',
    '| ledger trial-balance',
    '| revenue record --source billing --instance acme-shop --kind refund --net -200 --currency EUR --occurred-at 2026-11-10 --id ref-1 --sale-ref INV-17 --sale-net 500 -o id',
    '| job run accrue-commissions --for 2026-11-20 -o id',
    '| commission explain billing:ref-1',
    '| commission explain request-2',
    '| wallet statement acme/acme-shop/EUR --period 2026-11',
  ],
];
