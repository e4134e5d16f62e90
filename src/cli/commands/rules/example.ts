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
