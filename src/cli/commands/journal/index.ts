import { JOURNAL_TARGETS, parseJournalNumber, type JournalTarget } from '../../../domain/accounting.ts';
import { parseDate } from '../../../domain/dates.ts';
import { listJournals, showJournal } from '../../../services/journal/list-journals.ts';
import { reverseJournal } from '../../../services/journal/write-journal.ts';
import type { Command } from '../../command.ts';
import { confirmOption, confirmTyped } from '../../confirmation.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { argument, flag, option, requiredOption } from '../../parameters.ts';
import { exportCommand } from './export.ts';
import { journalRows, onceExported, writtenRows } from './rows.ts';

const list = listCommand({
  ...journalRows,
  filters: {
    period: option('--period <period>', 'only of this month'),
    format: option<JournalTarget>('--format <format>', 'only for these books', { choices: JOURNAL_TARGETS }),
    live: flag('--live', 'leave out what is taken back, and what takes it back'),
  },
  query: async (ctx, filter, page) => await listJournals(ctx, filter, page),
  whenEmpty: '`revshare journal export --period …` hands a closed month over',
  examples: [onceExported('journal list'), onceExported('journal list --period 2026-10 --live --json')],
});

const show = showCommand({
  ...journalRows,
  summary: 'show one journal that was handed over',
  argument: argument('NUMBER', 'the journal, as J000042 or 42', { ask: { message: 'Journal:' } }),
  find: async (ctx, number) => await showJournal(ctx, parseJournalNumber(number)),
  examples: [onceExported('journal show J000001'), onceExported('journal show 1 --json')],
});

const reverse = mutation({
  rows: writtenRows,
  verb: 'reverse',
  summary: 'take a journal back whole, so that its period may be handed over anew',
  description:
    'Writes the same entries with debit and credit exchanged, as a journal of its own number: on the days of the entries, or all ' +
    'on --date where those days are closed in the other books. Asked again the same bytes are written.',
  parameters: {
    number: argument<number>('NUMBER', 'the journal, as J000042 or 42', {
      read: parseJournalNumber,
      ask: { message: 'Journal:' },
    }),
    reason: requiredOption('--reason <text>', 'what is wrong with it'),
    out: requiredOption('--out <file>', 'the file to write'),
    date: option('--date <date>', 'the day that all of it is of; default the days of its entries', { read: parseDate }),
    confirm: confirmOption(),
  },
  examples: [
    onceExported('journal reverse J000001 --reason "other accounts" --out back.csv --confirm J000001'),
    onceExported('journal reverse 1 --reason "other accounts" --date 2026-11-30 --out back.csv --dry-run'),
  ],
  async prepare(invocation, { number, confirm }) {
    const journal = await showJournal(await invocation.context(), number);
    const message = `${journal.number} of ${journal.period} (${journal.totals.join(', ')}) will be taken back.`;
    await confirmTyped(invocation, journal.number, confirm, message);
  },
  async run(ctx, { number, reason, out, date }, say, path) {
    const written = await reverseJournal(ctx, { number, reason, dated: date ?? null }, path(out));
    if (!written.made) say(`${written.reverses} was taken back before: the same bytes again`);
    return written;
  },
  done: (row) => `${row.number} takes ${row.reverses} back: ${row.path}`,
});

export const commands: readonly Command[] = [exportCommand, list, show, reverse];
