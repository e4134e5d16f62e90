import { exportRules, type ExportedRules } from '../../../services/rules/export-rules.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printRow } from '../../output/printer.ts';
import { argument } from '../../parameters.ts';
import { ready } from './example.ts';

const c = columnsOf<ExportedRules>();
const columns = [
  c.text('directory', (row) => row.directory),
  c.number('rules', (row) => row.rules),
  c.number('files', (row) => row.files),
  c.code('written', (row) => row.written),
  c.code('removed', (row) => row.removed),
];

export const exportFiles = command({
  verb: 'export',
  summary: 'write the live rule book as TOML files, to be kept in git',
  description:
    'One file a scope, an instance with its accounts, every version as a table [[rule]] in one order: the same book gives ' +
    'the same bytes, and read again it says exactly the same. A file of a scope without rules is removed; a TOML file ' +
    'that no export wrote is never touched.',
  parameters: { directory: argument<string>('DIR', 'where the files go; made where it is not there') },
  examples: [ready('rules export book')],
  async run(invocation, { directory }) {
    const ctx = await invocation.context();
    const exported = await exportRules(ctx, { path: invocation.path(directory), called: directory });
    await printRow(invocation.print, columns, exported, (row) => row.directory);
  },
});
