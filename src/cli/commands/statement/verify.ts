import { parsePeriod } from '../../../domain/dates.ts';
import { DifferenceError } from '../../../domain/errors.ts';
import { parseStatementNumber } from '../../../domain/statement.ts';
import { verifyStatements, type VerifiedStatement } from '../../../services/statement/verify-statements.ts';
import { today } from '../../../services/today.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { option, repeatedArgument } from '../../parameters.ts';
import { withStatement } from './rows.ts';

const v = columnsOf<VerifiedStatement>();
const columns = [
  v.code('number', (row) => row.number),
  v.code('partner', (row) => row.partner),
  v.date('period_start', (row) => row.periodFrom),
  v.date('period_end', (row) => row.periodLast),
  v.code('status', (row) => row.status),
  v.flag('intact', (row) => row.intact),
  v.flag('proved', (row) => row.proved),
  v.flag('current', (row) => row.current),
  v.money('closing', (row) => row.closing),
  v.money('closing_now', (row) => row.closingNow),
  v.code('currency', (row) => row.currency),
];

export const verify = command({
  verb: 'verify',
  summary: 'recompute statements from the books',
  description:
    'Intact: it says what it said when it was made. Proved: the same comes out again from the books as they were known then. ' +
    'Current: the same comes out of the books as they are now; what was posted into the period since, by its posting date, ' +
    'makes a statement outdated. Exit code 7 if one of them fails. Names are those of the day it was made, and not compared.',
  parameters: {
    numbers: repeatedArgument<number>('NUMBER', 'the statements, as ST000042 or 42; default all', {
      read: parseStatementNumber,
    }),
    period: option('--period <period>', 'of these days: 2026-10, 2026-Q4 …'),
    partner: option('--partner <code>', 'of this partner'),
  },
  examples: [withStatement('statement verify'), withStatement('statement verify ST000001 --json')],
  async run(invocation, { numbers, period, partner }) {
    const ctx = await invocation.context();
    const { from, to } = period === undefined ? {} : parsePeriod(period, today(ctx));
    const verified =
      numbers.length === 0
        ? await verifyStatements(ctx, { partner, from, to })
        : await verifyStatements(ctx, { numbers });
    await printList(invocation.print, columns, verified, (row) => row.number);
    const wrong = verified.filter(({ intact, proved }) => !intact || !proved);
    const outdated = verified.filter(({ current }) => current === false);
    if (wrong.length > 0) {
      throw new DifferenceError('statement_differs', `not what the books said: ${numbersOf(wrong)}`, {
        hint: 'send nothing until it is understood; `revshare doctor` looks at the books',
      });
    }
    if (outdated.length > 0) {
      throw new DifferenceError('statement_outdated', `the books have changed since: ${numbersOf(outdated)}`, {
        hint: 'void it with its reason, then generate another, which refers to it',
      });
    }
    await invocation.note(`no difference; statements: ${verified.length}`);
  },
});

const numbersOf = (rows: readonly VerifiedStatement[]) => rows.map(({ number }) => number).join(', ');
