import { parsePeriod } from '../../../domain/dates.ts';
import { parseStatementNumber } from '../../../domain/statement.ts';
import { writeStatements, type StatementFile } from '../../../services/statement/write-statements.ts';
import { today } from '../../../services/today.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { option, repeatedArgument, requiredOption } from '../../parameters.ts';
import { withStatement } from './rows.ts';

const f = columnsOf<StatementFile>();
const columns = [
  f.code('number', (row) => row.number),
  f.code('partner', (row) => row.partner),
  f.code('currency', (row) => row.currency),
  f.text('file', (row) => row.file),
  f.number('bytes', (row) => row.bytes),
  f.code('sha256', (row) => row.sha256, { detail: true }),
];

export const files = command({
  verb: 'files',
  summary: 'write statements as CSV or JSON, a file for each',
  description:
    'Writes what was issued, so that the same bytes come out whenever it is done. CSV: a line for the opening, each entry, what ' +
    'reviews took back, what was paid, withheld and returned, and the closing; what is between the two adds up to their ' +
    'difference. JSON: these lines and all else that the statement tells. No customer is named but by the code of the account. ' +
    'Default: all that are not void.',
  parameters: {
    numbers: repeatedArgument<number>('NUMBER', 'the statements, as ST000042 or 42', { read: parseStatementNumber }),
    period: option('--period <period>', 'those of these days: 2026-10, 2026-Q4 …'),
    partner: option('--partner <code>', 'those of this partner'),
    out: requiredOption('--out <directory>', 'where the files go'),
    format: option<'csv' | 'json'>('--format <format>', 'default csv', { choices: ['csv', 'json'] }),
  },
  examples: [
    withStatement('statement files --period 2026-10 --out .'),
    withStatement('statement files ST000001 --format json --out .'),
  ],
  async run(invocation, { numbers, period, partner, out, format = 'csv' }) {
    const ctx = await invocation.context();
    const { from, to } = period === undefined ? {} : parsePeriod(period, today(ctx));
    const { STATEMENT_WRITERS } = await import('./statement-files.ts');
    const asked = numbers.length === 0 ? { partner, from, to } : { numbers };
    const written = await writeStatements(ctx, asked, invocation.path(out), STATEMENT_WRITERS[format]);
    await printList(invocation.print, columns, written, (row) => row.file);
    await invocation.note(`files written: ${written.length}`);
  },
});
