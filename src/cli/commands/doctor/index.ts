import { DifferenceError } from '../../../domain/errors.ts';
import { runDoctor, type CheckResult } from '../../../services/doctor/run-doctor.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { plainJson } from '../../output/plain-text.ts';
import { printList } from '../../output/printer.ts';
import { option, repeatedOption, wholeNumber } from '../../parameters.ts';

const c = columnsOf<CheckResult>();
const columns = [
  c.code('check', (row) => row.name),
  c.code('group', (row) => row.group),
  c.code('result', (row) => row.result),
  c.number('offenders', (row) => row.offenders),
  c.text('first', (row) => row.first.join('; ')),
  c.text('proves', (row) => row.proves, { detail: true }),
];

const doctor = command({
  verb: '',
  summary: 'prove every invariant of the books, by SQL over the whole database',
  description:
    'Each check is one statement that must find nothing; what it finds is named, and the exit code is then 7. Warnings and ' +
    'information are listed and change no exit code. Reads only, in one snapshot.',
  parameters: {
    only: repeatedOption('--only <check>', 'a check or a group, by name; may be given again'),
    negativeDays: option('--negative-days <n>', 'list wallets below zero for longer than this (default 90)', {
      read: wholeNumber('--negative-days', 0, 36_500),
    }),
  },
  examples: [{ command: 'doctor' }, { command: 'doctor --json' }],
  async run(invocation, { only, negativeDays }) {
    const ctx = await invocation.context();
    const report = await runDoctor(ctx, {
      ...(only.length === 0 ? {} : { only }),
      ...(negativeDays === undefined ? {} : { negativeDays }),
    });
    const { print } = invocation;
    if (print.format === 'json') {
      await print.out.write(`${plainJson({ ok: report.differences === 0, ...report }, 2)}\n`);
    } else {
      await printList(print, columns, report.checks, (row) => row.name);
    }
    const found = report.checks.filter((check) => check.result === 'difference');
    if (found.length > 0) {
      throw new DifferenceError(
        'books_differ',
        `${found.length} of ${report.checks.length} checks found differences: ${found.map((check) => check.name).join(', ')}`,
        {
          hint: 'change nothing until it is understood; the table names the first offenders',
        },
      );
    }
    await invocation.note(`${report.checks.length} checks, no difference`);
  },
});

export { doctor as command };
