import { hashBooks, type BookHash, type SectionHash } from '../../../services/ledger/hash-books.ts';
import { command, type Command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printRow, section } from '../../output/printer.ts';
import { option } from '../../parameters.ts';
import { exportCommand } from './export.ts';
import { accounts, transfers } from './lists.ts';
import { balance } from './trial-balance.ts';

const h = columnsOf<BookHash>();
const s = columnsOf<SectionHash>();
const hash = command({
  verb: 'hash',
  summary: 'one hash over everything the books say',
  description:
    'Over agreements, rules, events, entries, transfers, reviews, holds and payouts: codes, amounts and dates, without ' +
    'recorded times, names and the numbers that a database draws. Equal hashes mean equal books, for instance before and ' +
    'after a restore.',
  parameters: { asOf: option('--as-of <date>', 'the books as of this date or instant; default now') },
  examples: [{ command: 'ledger hash' }, { command: 'ledger hash -o id' }],
  async run(invocation, { asOf }) {
    const found = await hashBooks(await invocation.context(), asOf ?? null);
    await printRow(
      invocation.print,
      [
        h.code('sha256', (row) => row.sha256),
        h.number('facts', (row) => row.facts),
        h.code('as_of', (row) => row.asOf.instant),
      ],
      found,
      (row) => row.sha256,
      [
        section(
          'sections',
          [
            s.code('section', (row) => row.section),
            s.number('facts', (row) => row.facts),
            s.code('sha256', (row) => row.sha256),
          ],
          (row) => row.sections,
        ),
      ],
    );
  },
});

export const commands: readonly Command[] = [accounts, transfers, balance, exportCommand, hash];
