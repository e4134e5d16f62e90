import { parseDate } from '../../../domain/dates.ts';
import { DifferenceError } from '../../../domain/errors.ts';
import { AGED_BY, agePayables, type AgedBy, type AgedPayable } from '../../../services/payable/age-payables.ts';
import { command, type Command } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { afterAccrual } from '../../example-books.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { option } from '../../parameters.ts';

const c = columnsOf<AgedPayable>();

const columns = [
  c.code('partner', (row) => row.partner),
  c.code('instance', (row) => row.instance),
  c.code('currency', (row) => row.currency),
  c.money('later', (row) => row.later),
  c.money('within_30', (row) => row.within_30),
  c.money('due_0_30', (row) => row.due_0_30),
  c.money('due_31_60', (row) => row.due_31_60, { aside: true }),
  c.money('due_61_90', (row) => row.due_61_90, { aside: true }),
  c.money('due_over_90', (row) => row.due_over_90),
  c.money('held', (row) => row.held),
  c.money('pending', (row) => row.pending, { aside: true }),
  c.money('in_payout', (row) => row.in_payout, { aside: true }),
  c.money('total', (row) => row.total),
];

const aging = command({
  verb: 'aging',
  summary: 'what is owed to partners by due date, tied to the trial balance',
  description:
    'Every entry that is not paid is in one column: by the days since it may be paid (due_0_30 …), or until then (within_30: ' +
    'in the next 30 days); held; pending, which a person has to see first; or in_payout, drafted and not sent. They sum to the ' +
    'wallets of the ledger, per currency: that tie is told, and where it does not hold the exit code is 7. With --as-of it is ' +
    'what was posted up to that date, as `ledger trial-balance --as-of` has it, aged on that date.',
  parameters: {
    asOf: option('--as-of <date>', 'posting dates up to this one; default all', { read: parseDate }),
    by: option<AgedBy>('--by <what>', 'a row for each partner, or partner and instance (default partner)', {
      choices: AGED_BY,
    }),
    partner: option('--partner <code>', 'owed to this partner'),
    instance: option('--instance <code>', 'earned at this instance'),
    currency: option('--currency <code>', 'in this currency', { read: readCurrency }),
  },
  examples: [
    afterAccrual('payable aging'),
    afterAccrual('payable aging --as-of 2026-10-31 --by instance -o csv'),
    afterAccrual('payable aging --partner acme --currency EUR --json'),
  ],
  async run(invocation, { by = 'partner', ...asked }) {
    const { day, rows, ties } = await agePayables(await invocation.context(), { ...asked, by });
    await invocation.note(`on ${day}`);
    await printList(
      invocation.print,
      by === 'partner' ? columns.filter(({ name }) => name !== 'instance') : columns,
      rows,
      (row) => [row.partner, row.instance, row.currency].filter((code) => code !== null).join('/'),
    );
    const told = ties.map(({ currency, owed, ledger, equal }) =>
      equal ? `${owed} ${currency}, as in the ledger` : `${owed} ${currency}, and the ledger owes ${ledger}`,
    );
    if (ties.some(({ equal }) => !equal)) {
      throw new DifferenceError('aging_tie', `entries and wallets differ: ${told.join('; ')}`, {
        hint: 'run `revshare doctor` and post nothing until it is understood',
      });
    }
    if (told.length > 0) await invocation.note(`owed: ${told.join('; ')}`);
  },
});

export const commands: readonly Command[] = [aging];
