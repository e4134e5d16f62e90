import { openStage, type Stage, type Story } from './story.ts';

const pay = (id: string, net: string, on: string, instance = 'acme-shop') =>
  `revenue record --instance ${instance} --kind payment --net ${net} --currency EUR --occurred-at ${on} --id ${id}`;

/** Two months of acme at two instances, with a refund and a bonus; pixel has earned in October alone. */
export async function statementStage(): Promise<Stage & { readonly cwd: string }> {
  const { type, ...stage } = await openStage({
    checker: true,
    lines: [
      'settings set hold_days 14 --from 2026-01-01',
      'tenant create northwind --name "Northwind Traders"',
      'partner create acme --name "Acme Resale GmbH" --type reseller --currency EUR --tier gold',
      'partner create lumen --name "Lumen Media" --type white_label --currency EUR',
      'partner create pixel --name "Pixel Studio Łódź" --type affiliate --currency EUR',
      'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
      'instance create acme-attic --tenant northwind --partner acme --name "Northwind Attic"',
      'instance create pixel-shop --tenant northwind --partner pixel --name "Pixel Shop"',
      'rule set --scope programme --percentage 10% --from 2026-01-01',
      'rule set --scope tier=gold --percentage 20% --from 2026-01-01',
      pay('pay-1', '100.00', '2026-09-05'),
      pay('pay-2', '250.00', '2026-10-05'),
      pay('pay-3', '80.40', '2026-10-28', 'acme-attic'),
      'revenue record --instance acme-shop --kind refund --net -25.00 --currency EUR --occurred-at 2026-10-12 --id ref-1',
      pay('pay-4', '64.00', '2026-10-09', 'pixel-shop'),
      'job run accrue-commissions --for 2026-10-31',
    ],
  });
  return {
    ...stage,
    type: async (line, settings) => {
      const { stdout, stderr, ...ran } = await type(line, settings);
      const steady = (text: string) => text.replaceAll(`${stage.cwd}/`, '');
      return { ...ran, stdout: steady(stdout), stderr: steady(stderr) };
    },
  };
}

export const STATEMENT_STORY: Story = [
  [
    'statement-generate',
    '> statement generate --all --period 2026-09 --yes --dry-run',
    '> statement generate --all --period 2026-09 --yes',
    '> statement generate --all --period 2026-10 --yes',
    '| statement generate --partner acme --period 2026-10 --json',
    '| statement generate --period 2026-10',
    '| statement generate --all --partner acme --period 2026-10',
    '| statement generate --partner acne --period 2026-10',
    '| statement generate --all --period 2026-Q4',
    '| statement generate --partner acme --period 2026-10-15..2026-10-31',
  ],
  [
    'statement-list',
    '> statement list',
    '| statement list --period 2026-10 -o csv',
    '| statement list --partner pixel --json',
    '| statement list --partner acne',
  ],
  [
    'statement-show',
    '> statement show 2',
    '| statement show st000003 --json',
    '| statement show 9',
    '| statement show S-9',
  ],
  [
    'statement-verify',
    '> statement verify',
    '| statement verify ST000002 --json',
    `| ${pay('late-1', '10.00', '2026-10-30')} -o id`,
    '| job run accrue-commissions --for 2026-10-31 -o id',
    '| statement verify --period 2026-10',
  ],
  [
    'statement-files',
    '| statement files --period 2026-10 --out . -o json',
    '| statement files 2 --out nowhere',
    '| statement files 2 --out . --format csv --paper letter',
    '| statement files 2 --out . --format docx',
    '| statement files --partner acne --out .',
    '| statement files 2',
  ],
  [
    'statement-preview',
    '| statement preview --all --period 2026-11 --out . -o csv',
    '| statement preview --period 2026-11 --out .',
    '| statement preview --partner acme --period 2026-11 --out nowhere',
  ],
  [
    'brand',
    '> brand set lumen --yes',
    '> brand set lumen --colour 7A1F5C --yes --dry-run',
    '> brand set lumen --colour 7A1F5C --yes',
    '| brand set lumen --colour "#7a1f5c" -o id',
    '| brand set lumen --colour purple',
    '| brand set lumen --logo nothing.png',
    '| brand set acme --name Acme',
    '> brand list',
    '| brand show lumen --json',
    '| brand show acme',
  ],
  [
    'statement-void',
    '| statement void 2 --reason "a payment came late"',
    '| statement void 2 --reason "a payment came late" --confirm ST000001',
    '| statement void 2 --reason "a payment came late" --dry-run',
    '| statement void 2 --reason "a payment came late" --confirm ST000002',
    '| statement void 2 --reason again --confirm ST000002',
    '> statement generate --partner acme --period 2026-10 --yes',
    '> statement list',
    '| statement verify',
  ],
];
