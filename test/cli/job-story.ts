import type { Story } from './story.ts';

/** Told where a month of revenue waits for its night, and one partner's for an exchange rate. */
export const JOB_STORY: Story = [
  ['job-list', '> job list', '| job list', '| job list -o csv'],
  [
    'job-run-due',
    '> job run-due --dry-run',
    '| job run-due --dry-run --json',
    '| job run-due --plan 000000000000',
    '> job run-due',
    '| job run-due',
    '| job run-due -o ndjson',
    '> job run-due',
    '> job list',
  ],
  [
    'job-history',
    '> job history --status succeeded',
    '| job history --origin hand -o id',
    '| job history --status partly -o csv',
    '| job history --for 2026-11-20 --job accrue-commissions -o id',
  ],
  ['job-show', '> job show 1', '| job show 4', '| job show 1 --json', '| job show 99', '| job show first'],
  [
    'job-resume',
    '| job resume 1',
    '| job resume 99',
    '| fx import rates.csv -o id',
    '> job resume 4 --dry-run',
    '| job resume 4 --json',
    '| job resume 4',
  ],
];
