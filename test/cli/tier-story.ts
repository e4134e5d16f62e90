import { openStage, type Stage, type Story } from './story.ts';

const MAP = `source = "billing"

[columns]
external_id = "external_id"
occurred_at = "occurred_at"
net = "amount"
currency = "currency"
instance = "instance"
account = "account"
`;

/** A payment of each of so many customers of an instance, on the first days of a month. */
function payments(month: string, instance: string, customers: number, each: string, currency: string): string {
  return Array.from({ length: customers }, (_, at) => {
    const day = String((at % 20) + 1).padStart(2, '0');
    return `${instance}-${month}-${at},${month}-${day},${each},${currency},${instance},C-${at}\n`;
  }).join('');
}

/**
 * Acme turns over 6,000.00 in October and 3,600.00 up to 20 November with twelve customers; north, a gold partner, next to
 * nothing; hana only yen, for which there is no rate.
 */
export async function tierStage(): Promise<Stage> {
  const revenue = [
    'external_id,occurred_at,amount,currency,instance,account\n',
    payments('2026-10', 'acme-shop', 12, '500.00', 'EUR'),
    payments('2026-10', 'north-shop', 2, '10.00', 'EUR'),
    payments('2026-10', 'hana-shop', 3, '90000', 'JPY'),
    payments('2026-11', 'acme-shop', 12, '300.00', 'EUR'),
  ];
  const files = {
    'revenue.csv': revenue.join(''),
    'billing.toml': MAP,
    'rates.csv': 'date,base,quote,rate,source\n2026-10-30,EUR,JPY,163.20,ECB\n',
  };
  return await openStage({
    files,
    lines: [
      'tenant create northwind --name "Northwind Traders"',
      'partner create acme --name "Acme Resale" --type reseller --currency EUR --tier bronze',
      'partner create north --name "Acme North" --type reseller --currency EUR --tier gold',
      'partner create hana --name Hana --type affiliate --currency JPY',
      'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
      'instance create north-shop --tenant northwind --partner north --name "Northwind Nordic"',
      'instance create hana-shop --tenant northwind --partner hana --name "Northwind Japan"',
      'revenue import revenue.csv --map billing.toml --create-accounts',
    ],
  });
}

export const TIER_STORY: Story = [
  ['tier-list', '> tier list', '| tier list', '| tier list --at 2026-10-31 -o csv'],
  [
    'tier-set',
    '> tier set platinum --support premium --benefit "co-marketing=twice a year" --from 2026-01-01 --yes --dry-run',
    '> tier set platinum --support none --benefit "co-marketing=twice a year" --from 2026-01-01 --yes',
    '| tier set platinum --benefit "co-marketing=twice a year" --from 2026-01-01',
    '| tier set gold --min-customers 5',
    '| tier set gold --min-revenue 1.234',
    '| tier set gold --rate 20',
    '| tier set gold --benefit co-marketing',
    '| tier set gold',
    '| tier set goldd --min-customers 5',
  ],
  [
    'tier-seed',
    '> tier seed --from 2026-01-01 --yes --dry-run',
    '| tier seed --from 2026-01-01',
    '| tier seed --from 2026-01-01 -o id',
  ],
  ['tier-show', '> tier show platinum', '| tier show platinum --json', '| tier show platnum'],
  ['tier-explain', '> tier explain acme', '| tier explain north --json', '| tier explain acmee'],
  ['tier-forecast', '> tier forecast', '| tier forecast --partner acme --json'],
  [
    'tier-recalc',
    '> tier recalc --as-of 2026-10-31 --yes --dry-run',
    '| tier recalc --as-of 2026-11-21',
    '| tier recalc --as-of 2026-10-31',
    '| tier recalc --as-of 2026-10-31 -o id',
    '| fx import rates.csv -o id',
    '| settings set tier_mode recommend --from 2026-01-01 -o id',
    '> tier recalc --as-of 2026-10-31 --yes',
    '| tier recalc --partner nobody',
  ],
  ['tier-proposals', '> tier proposals', '| tier proposals --json'],
  [
    'tier-approve',
    '| tier approve hana',
    '> tier approve hana --yes --dry-run',
    '> tier approve hana --yes',
    '| tier approve hana --yes',
    '| tier approve acme --yes',
  ],
  [
    'tier-pin',
    '> tier pin north --until 2026-12-31 --reason "first year" --yes --dry-run',
    '| tier pin north --until 2026-12-31 --reason "first year"',
    '| tier pin hana --tier silver --until 2027-03-31 --reason "as agreed" --json',
    '| tier pin hana --until 2026-01-31 --reason late',
  ],
  ['tier-unpin', '> tier unpin hana --reason "agreed otherwise" --yes', '| tier unpin acme --reason x'],
  ['tier-history', '> tier history acme', '> tier history hana', '| tier history north --json'],
];
