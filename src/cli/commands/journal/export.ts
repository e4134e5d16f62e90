import {
  JOURNAL_GROUPINGS,
  JOURNAL_TARGETS,
  type JournalGrouping,
  type JournalTarget,
} from '../../../domain/accounting.ts';
import { exportJournal } from '../../../services/journal/write-journal.ts';
import { readCurrency } from '../../currency-reading.ts';
import { mutation } from '../../mutation.ts';
import { option, requiredOption } from '../../parameters.ts';
import { onceClosed, PROFILE, writtenRows } from './rows.ts';

export const exportCommand = mutation({
  rows: writtenRows,
  verb: 'export',
  summary: 'hand a closed period over as journal entries, balanced in each currency',
  description: [
    'One entry for each day, currency and kind (--by period: on the last day), numbered under the number of the journal, which is ' +
      'recorded with the hash of the file. Asked again the same bytes are written; a period that was handed over to some books is ' +
      'not handed over again in another way before `journal reverse` has taken it back.',
    'generic is a CSV with our own names; hledger and beancount are journals that those programs read, with the accounts of the ' +
      'chart. quickbooks, xero and netsuite are CSV by the columns that QuickBooks Online, Xero (manual journals) and NetSuite ' +
      '(journal entries) publish for their imports: they were built to those lists and never tried on real systems, so look at ' +
      'what the first import makes. QuickBooks wants account numbers turned off; Xero takes one currency and 300 lines a file; ' +
      'Xero and NetSuite take two decimals.',
    'What our accounts are called there, a file says (--accounts, or journal_accounts in revshare.toml), with `partners = true` ' +
      'for a line a partner, `names` for what partners are called, and `date_format`:',
    PROFILE.trimEnd()
      .split('\n')
      .map((line) => `  ${line}`)
      .join('\n'),
  ].join('\n\n'),
  parameters: {
    period: requiredOption('--period <period>', 'a calendar month that is closed: 2026-10, or last-month'),
    format: requiredOption<JournalTarget>('--format <format>', 'for whose books', { choices: JOURNAL_TARGETS }),
    out: requiredOption('--out <file>', 'the file to write'),
    accounts: option('--accounts <file>', 'what our accounts are called there (TOML)'),
    currency: option('--currency <code>', 'only of this currency; default all', { read: readCurrency }),
    by: option<JournalGrouping>('--by <span>', 'an entry a day, or one for the period; default day', {
      choices: JOURNAL_GROUPINGS,
    }),
  },
  examples: [
    onceClosed('journal export --period 2026-10 --format generic --out october.csv'),
    onceClosed('journal export --period 2026-10 --format quickbooks --accounts accounts.toml --out october.csv'),
    onceClosed('journal export --period 2026-10 --format xero --accounts accounts.toml --by period --out october.csv'),
    onceClosed('journal export --period 2026-10 --format netsuite --accounts accounts.toml --out october.csv'),
    onceClosed('journal export --period 2026-10 --format hledger --out october.journal'),
    onceClosed('journal export --period 2026-10 --format beancount --out october.beancount --dry-run'),
  ],
  async prepare(invocation, input) {
    const { journalAccounts } = invocation.config;
    return await Promise.resolve({ ...input, accounts: input.accounts ?? journalAccounts ?? undefined });
  },
  async run(ctx, { period, format, out, accounts, currency, by }, say, path) {
    const profile = accounts === undefined ? null : { path: path(accounts), label: accounts };
    const asked = { period, format, profile, currency: currency ?? null, grouping: by ?? 'day' };
    const written = await exportJournal(ctx, asked, path(out));
    if (!written.made) say(`${written.number} was handed over before: the same bytes again`);
    return written;
  },
  done: (row) => `${row.number} of ${row.period}: ${row.path}; entries: ${row.entries}`,
});
