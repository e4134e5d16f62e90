import type { Example } from '../../command.ts';

/** Two rules, and the same book as files in which one of them has changed. */
const setup = [
  'rule set --scope programme --percentage 10% --from 2026-01-01',
  'rule set --scope tier=gold --percentage 20% --from 2026-01-01',
];
const files = {
  'rules/programme.toml': 'scope = "programme"\n\n[[rule]]\nfrom = 2026-01-01\npercentage = "10%"\n',
  'rules/tier/gold.toml': [
    'scope = "tier=gold"\n',
    '[[rule]]\nfrom = 2026-01-01\nto = 2027-01-01\npercentage = "20%"\n',
    '[[rule]]\nfrom = 2027-01-01\ntiered = "0:20%, 5000:25%"\nbrackets = "marginal"\nwindow = "month"\ncurrency = "EUR"\n',
  ].join('\n'),
};

/** An example on those rules and files. */
export const ready = (command: string): Example => ({ command, setup, files });

/** The same, with a sale that those rules have decided. */
export const readyDecided = (command: string): Example => ({
  command,
  setup: [
    ...setup,
    'tenant create northwind --name "Northwind Traders"',
    'partner create acme --name "Acme Resale" --type reseller --currency EUR --tier gold',
    'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
    'revenue record --instance acme-shop --kind payment --net 125.50 --currency EUR --occurred-at 2026-10-05 --id pay-1',
    'job run accrue-commissions --for 2026-10-31',
  ],
  files: {
    ...files,
    'rules/programme.toml': files['rules/programme.toml'].replace('10%', '12%'),
    'rules/tier/gold.toml': files['rules/tier/gold.toml'].replace('20%"\n', '22%"\n'),
  },
});
