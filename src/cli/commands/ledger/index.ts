import { DifferenceError } from '../../../domain/errors.ts';
import { hashBooks, type BookHash, type SectionHash } from '../../../services/ledger/hash-books.ts';
import { trialBalance, type TrialBalance } from '../../../services/ledger/trial-balance.ts';
import { command, type Command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList, printRow, section } from '../../output/printer.ts';
import { option } from '../../parameters.ts';
import { afterAccrual } from '../../example-books.ts';
import { exportCommand } from './export.ts';
import { accounts, transfers } from './lists.ts';

const b = columnsOf<TrialBalance['accounts'][number]>();
const balance = command({
  verb: 'trial-balance',
  summary: 'every kind of account per currency; debits equal credits',
  description:
    'By posting dates up to --as-of, inclusive; or, as of an instant, what had been posted by then, which never changes. ' +
    'Debits and credits of each currency are equal by construction; exit code 7 if they are not.',
  parameters: {
    asOf: option('--as-of <date>', 'posting dates up to this one; or, of an instant, what was posted by then'),
  },
  examples: [
    afterAccrual('ledger trial-balance'),
    afterAccrual('ledger trial-balance --as-of 2026-10-31 --json'),
    afterAccrual('ledger trial-balance --as-of 2026-11-01T09:00:00Z'),
  ],
  async run(invocation, { asOf }) {
    const found = await trialBalance(await invocation.context(), asOf ?? null);
    await printList(
      invocation.print,
      [
        b.code('account', (row) => row.account),
        b.code('currency', (row) => row.currency),
        b.money('debit', (row) => row.debit),
        b.money('credit', (row) => row.credit),
        b.money('balance', (row) => row.balance),
      ],
      found.accounts,
      (row) => `${row.account} ${row.currency}`,
    );
    const wrong = found.differences.filter(({ difference }) => !/^-?[0.]+$/.test(difference));
    if (wrong.length > 0) {
      const said = wrong.map(({ difference, currency }) => `${difference} ${currency}`).join(', ');
      throw new DifferenceError('trial_balance', `debits and credits differ by ${said}`, {
        hint: 'run `revshare doctor` and post nothing until it is understood',
      });
    }
    const currencies = found.differences.map(({ currency }) => currency).join(', ');
    if (currencies !== '') await invocation.note(`debits equal credits in ${currencies}`);
  },
});

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
