import { PartialError } from '../domain/errors.ts';
import type { PaperFile, WrittenPapers } from '../services/paper/write-papers.ts';
import type { Invocation } from './command.ts';
import { columnsOf } from './output/columns.ts';
import { printList } from './output/printer.ts';
import { option } from './parameters.ts';

export const paperOption = option<'a4' | 'letter'>('--paper <paper>', 'of a PDF; default a4', {
  choices: ['a4', 'letter'],
});

const f = columnsOf<PaperFile>();
const columns = [
  f.code('number', (row) => row.number),
  f.code('partner', (row) => row.partner),
  f.code('currency', (row) => row.currency),
  f.text('file', (row) => row.file),
  f.number('bytes', (row) => row.bytes),
  f.code('sha256', (row) => row.sha256, { detail: true }),
];

/** @throws PartialError `statements_refused` or so, once what was written is listed */
export async function printWritten(
  invocation: Invocation,
  of: 'statements' | 'invoices',
  { files, refused }: WrittenPapers,
): Promise<void> {
  await printList(invocation.print, columns, files, (row) => row.file);
  if (refused.length === 0) return await invocation.note(`files written: ${files.length}`);
  const message = `files written: ${files.length}; refused: ${refused.length}`;
  throw new PartialError(`${of}_refused`, [message, ...refused].join('\n  '), {
    hint: 'their CSV and JSON hold any script',
  });
}
