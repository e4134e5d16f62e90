import { parsePeriod } from '../../../domain/dates.ts';
import { parseStatementNumber } from '../../../domain/statement.ts';
import { writeStatements } from '../../../services/statement/write-statements.ts';
import { today } from '../../../services/today.ts';
import { command } from '../../command.ts';
import { option, repeatedArgument, requiredOption } from '../../parameters.ts';
import { withStatement } from './rows.ts';
import { printWritten } from '../../written-files.ts';
import { fileParameters } from './parameters.ts';

export const files = command({
  verb: 'files',
  summary: 'write statements as PDF, CSV or JSON, a file for each',
  description:
    'Writes what was issued, so that the same bytes come out whenever it is done. CSV: a line for the opening, each entry, what ' +
    'reviews took back, what was paid, withheld and returned, and the closing; what is between the two adds up to their ' +
    'difference; `date` is the day it posts on, and `occurred_on` the day it is of. JSON: these lines and all else that the statement tells. PDF: the same, printed, in the brand of the ' +
    'partner as it is now (`brand set`), with DRAFT across each page until its months are closed (`period close`), and VOID once it is void; a text in a script that is not printed refuses that statement, by name, and the ' +
    'others are written (exit code 6). No customer is named but by the code of the account, unless the setting ' +
    'customer_names says so when the statement is made. Default: all that are not void.',
  parameters: {
    numbers: repeatedArgument<number>('NUMBER', 'the statements, as ST000042 or 42', { read: parseStatementNumber }),
    period: option('--period <period>', 'those of these days: 2026-10, 2026-Q4 …'),
    partner: option('--partner <code>', 'those of this partner'),
    out: requiredOption('--out <directory>', 'where the files go'),
    ...fileParameters,
  },
  examples: [
    withStatement('statement files --period 2026-10 --out .'),
    withStatement('statement files ST000001 --format json --out .'),
    withStatement('statement files --period 2026-10 --format pdf --paper letter --out .'),
  ],
  async run(invocation, { numbers, period, partner, out, ...asked }) {
    const ctx = await invocation.context();
    const { from, to } = period === undefined ? {} : parsePeriod(period, today(ctx));
    const { statementWriter } = await import('../../statement-writer.ts');
    const writer = await statementWriter(invocation, asked);
    const which = numbers.length === 0 ? { partner, from, to } : { numbers };
    await printWritten(invocation, 'statements', await writeStatements(ctx, which, invocation.path(out), writer));
  },
});
