import { showStatus, type ShownStatus } from '../../../services/status/show-status.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printRow } from '../../output/printer.ts';

const c = columnsOf<ShownStatus>();
const columns = [
  c.code('programme', (row) => row.programme),
  c.text('programmes', (row) => row.programmes.join(', ')),
  c.text('books', (row) => row.books),
  c.code('actor', (row) => row.actor),
  c.code('actor_is', (row) => row.actorIs),
  c.code('zone', (row) => row.zone),
  c.code('server_version', (row) => row.serverVersion),
  c.number('migrations', (row) => row.migrations),
  c.number('tenants', (row) => row.tenants),
  c.number('partners', (row) => row.partners),
  c.number('instances', (row) => row.instances),
  c.number('events', (row) => row.events),
  c.number('undecided', (row) => row.undecided),
  c.number('waiting', (row) => row.waiting),
  c.number('unposted_chunks', (row) => row.unpostedChunks),
  c.number('runs_to_approve', (row) => row.runsToApprove),
  c.instant('last_import', (row) => row.lastImport),
  c.text('last_import_file', (row) => row.lastImportFile),
  c.text('last_run', (row) => row.lastRun),
  c.text('next', (row) => row.next),
];

const status = command({
  verb: '',
  summary: 'where the books are, what is in them, what to do next',
  parameters: {},
  examples: [{ command: 'status' }, { command: 'status --json' }],
  async run(invocation) {
    const ctx = await invocation.context();
    await printRow(invocation.print, columns, await showStatus(ctx, invocation.config.where), (row) => row.programme);
  },
});

export { status as command };
