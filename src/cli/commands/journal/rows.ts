import type { JournalView } from '../../../services/journal/journal-view.ts';
import type { WrittenJournal } from '../../../services/journal/write-journal.ts';
import type { Example } from '../../command.ts';
import { ACCRUAL, ONE_PAYMENT } from '../../example-books.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';

const j = columnsOf<JournalView>();

/** What of a closed period was handed over to whose books. */
export const journalRows: NounRows<JournalView> = {
  noun: 'journal',
  plural: 'journals',
  id: (row) => row.number,
  columns: [
    j.code('number', (row) => row.number),
    j.code('period', (row) => row.period),
    j.code('format', (row) => row.format),
    j.code('only_currency', (row) => row.currency, { detail: true }),
    j.code('by', (row) => row.by, { detail: true }),
    j.code('status', (row) => row.status),
    j.number('entries', (row) => row.entries),
    j.amounts('moves', (row) => row.totals),
    j.code('reverses', (row) => row.reverses, { aside: true }),
    j.code('reversed_by', (row) => row.reversedBy, { aside: true }),
    j.date('dated', (row) => row.dated, { detail: true }),
    j.text('reason', (row) => row.reason, { detail: true }),
    j.text('file_name', (row) => row.fileName),
    j.code('content_hash', (row) => row.contentHash, { detail: true }),
    j.instant('taken_at', (row) => row.takenAt, { detail: true }),
    j.actor('created_by', (row) => row.createdBy),
    j.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};

const w = columnsOf<WrittenJournal>();

/** The same with the file that was written just now. */
export const writtenRows: NounRows<WrittenJournal> = {
  ...journalRows,
  columns: [
    ...journalRows.columns,
    w.flag('made', (row) => row.made),
    w.text('path', (row) => row.path),
    w.number('bytes', (row) => row.bytes),
  ],
};

const closed = [...ONE_PAYMENT, ACCRUAL, 'period close 2026-10 --confirm 2026-10'];

export const PROFILE = `[quickbooks.accounts]
wallet = { account = "Partner Payables", class = "Partners" }
commission_expense = "Commissions"
in_transit = "Payouts in Transit"
cash = "Checking"

[xero.accounts]
wallet = { account = "820", tax_rate = "No VAT" }
commission_expense = { account = "610", tax_rate = "No VAT" }

[netsuite]
subsidiary = "Parent Company"
partners = true

[netsuite.accounts]
wallet = "2110 Partner Payables"
commission_expense = "6120 Commissions"
`;

/** A command that works once October is closed, with a profile at hand; and once its journal is handed over. */
export const onceClosed = (command: string): Example => ({
  command,
  setup: closed,
  files: { 'accounts.toml': PROFILE },
});
export const onceExported = (command: string): Example => ({
  ...onceClosed(command),
  setup: [...closed, 'journal export --period 2026-10 --format generic --out october.csv'],
});
