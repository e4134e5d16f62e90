import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { statementStage } from './statement-story.ts';
import type { Stage, Story } from './story.ts';

const PROFILE = `[quickbooks]
partners = true

[quickbooks.accounts]
wallet = { account = "Partner Payables", class = "Partners" }
commission_expense = "Commissions"

[xero.accounts]
wallet = "820"
`;

/** The stage of statements with September closed, and what our accounts are called elsewhere. */
export async function journalStage(): Promise<Stage> {
  const stage = await statementStage();
  writeFileSync(join(stage.cwd, 'accounts.toml'), PROFILE);
  await stage.type('period close 2026-09 --confirm 2026-09');
  return stage;
}

export const JOURNAL_STORY: Story = [
  [
    'journal-export',
    '| journal export --period 2026-10 --format generic --out october.csv',
    '| journal export --period 2026-09 --format quickbooks --out september.csv',
    '| journal export --period 2026-09 --format xero --accounts accounts.toml --out september.csv',
    '| journal export --period 2026-09 --format netsuite --accounts accounts.toml --out september.csv',
    '| journal export --period 2026-Q3 --format generic --out september.csv',
    '| journal export --period 2026-09 --format generic --out nowhere/september.csv',
    '| journal export --period 2026-09 --format quickbooks --accounts accounts.toml --out september.csv --dry-run',
    '> journal export --period 2026-09 --format quickbooks --accounts accounts.toml --out september.csv',
    '| journal export --period 2026-09 --format quickbooks --accounts accounts.toml --out again.csv --json',
    '| journal export --period 2026-09 --format quickbooks --accounts accounts.toml --by period --out again.csv',
  ],
  [
    'journal-reverse',
    '| journal reverse 1 --reason "other accounts" --out back.csv',
    '| journal reverse J000001 --reason "other accounts" --date 2026-10-01 --out back.csv --confirm J000001 -o tsv',
    '| journal reverse 2 --reason "a slip" --out back.csv --confirm J000002',
    '| journal reverse 9 --reason "a slip" --out back.csv --confirm J000009',
  ],
  ['journal-list', '> journal list', '| journal list --period 2026-09 --format xero', '| journal list --live --json'],
  ['journal-show', '| journal show 1 --json', '| journal show X1'],
];
