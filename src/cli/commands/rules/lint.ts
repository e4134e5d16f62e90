import { DifferenceError } from '../../../domain/errors.ts';
import { lintDirectory, lintLive, type RuleFinding } from '../../../services/rules/lint-rules.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { argument } from '../../parameters.ts';
import { ready } from './example.ts';

const c = columnsOf<RuleFinding>();
const columns = [
  c.code('severity', (row) => row.severity),
  c.code('where', whereOf),
  c.code('code', (row) => row.code),
  c.text('message', (row) => row.message),
  c.code('file', (row) => row.file, { detail: true }),
  c.number('line', (row) => row.line, { detail: true }),
  c.number('column', (row) => row.column, { detail: true }),
  c.code('rule', (row) => row.rule, { detail: true }),
  c.text('hint', (row) => row.hint, { detail: true }),
];

/** Where it is to be mended: in a file, or by `rule set`. */
function whereOf({ file, line, column, rule }: RuleFinding): string | null {
  return file === null ? rule : `${file}:${line}:${column}`;
}

export const lint = command({
  verb: 'lint',
  summary: 'find what is wrong or questionable in a rule book, by file and line',
  description:
    'Reads the files of a directory, or the live book, and changes nothing. Errors keep a book from being applied: words ' +
    'and dates that cannot be read, versions that overlap, codes that do not exist. Warnings may be meant: days between ' +
    'versions on which a rule says nothing, rates that an exclusion overrules, overrides that are never looked up, rates ' +
    'above 100 %, clocks over events without accounts. Exit code 7 with an error, 0 with warnings alone.',
  parameters: { book: argument<string>('DIR|live', 'a directory of `rules export`, or the word live') },
  examples: [ready('rules lint rules'), ready('rules lint live --json')],
  async run(invocation, { book }) {
    const ctx = await invocation.context();
    const found =
      book === 'live' ? await lintLive(ctx) : await lintDirectory(ctx, { path: invocation.path(book), called: book });
    await printList(invocation.print, columns, found, (finding) => whereOf(finding) ?? '');
    const errors = found.filter(({ severity }) => severity === 'error').length;
    if (errors > 0) {
      throw new DifferenceError('rules_invalid', `${errors === 1 ? 'one mistake' : `${errors} mistakes`} in ${book}`, {
        hint: 'the list says where; a book with mistakes is never applied',
      });
    }
    await invocation.note(found.length === 0 ? 'nothing to say against it' : 'warnings alone: it can be applied');
  },
});
