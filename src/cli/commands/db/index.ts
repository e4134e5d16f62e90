import { DifferenceError, ExitCode } from '../../../domain/errors.ts';
import { checkDatabase, type DatabaseCheck } from '../../../services/database/check-database.ts';
import {
  bootstrapDatabase,
  bootstrapSql,
  migrateDatabase,
  type MigratedProgramme,
} from '../../../services/database/migrate-database.ts';
import {
  databaseStatus,
  resetCode,
  resetDatabase,
  startDatabase,
  STOP_MODES,
  stopDatabase,
  type DatabaseStatus,
  type ServerStatus,
} from '../../../services/database/server.ts';
import { command, type Command } from '../../command.ts';
import { confirmOption, confirmTyped } from '../../confirmation.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList, printRow } from '../../output/printer.ts';
import { flag, option, repeatedOption } from '../../parameters.ts';
import { backup, restore } from './backup.ts';

/** Where the examples work: on the embedded server, for a server of one's own has an administrator. */
const embedded = { on: 'nothing', setup: ['init'] } as const;

const s = columnsOf<ServerStatus>();
const serverColumns = [
  s.code('state', (row) => row.state),
  s.number('pid', (row) => row.pid),
  s.code('server_version', (row) => row.serverVersion),
  s.code('data_version', (row) => row.pgVersion),
  s.code('data_directory', (row) => row.dataDir),
  s.code('socket_directory', (row) => row.socketDir),
  s.code('log_file', (row) => row.logFile),
];
const stateOf = (row: ServerStatus): string => row.state;

const start = command({
  verb: 'start',
  summary: 'start the embedded server',
  description: 'Every command does so by itself; this is for a service that wants it up, or to see what happens.',
  parameters: {},
  examples: [{ command: 'db start', on: 'nothing' }],
  async run(invocation) {
    const told: string[] = [];
    const status = await startDatabase(invocation.config.where, (text) => told.push(text));
    for (const text of told) await invocation.note(text);
    await printRow(invocation.print, serverColumns, status, stateOf);
  },
});

const stop = command({
  verb: 'stop',
  summary: 'stop the embedded server',
  description:
    'Ends every session and writes everything out; the next command starts it again. `--mode immediate` ends it as a ' +
    'crash would, for a server that does not stop: the next start replays its log, and nothing committed is lost.',
  parameters: { mode: option('--mode <mode>', 'how', { choices: STOP_MODES }) },
  examples: [
    { command: 'db stop', ...embedded },
    { command: 'db stop --mode immediate', ...embedded },
  ],
  async run(invocation, { mode }) {
    const status = await stopDatabase(invocation.config.where, mode ?? 'fast');
    await invocation.note(status.wasRunning ? 'stopped' : 'it was not running');
    await printRow(invocation.print, serverColumns, status, stateOf);
  },
});

const d = columnsOf<DatabaseStatus>();
const statusColumns = [
  d.code('state', (row) => row.state),
  d.code('kind', (row) => row.kind),
  d.text('at', (row) => row.at),
  d.code('database', (row) => row.database),
  d.text('programmes', (row) => row.programmes?.join(', ') ?? null),
  d.number('pid', (row) => row.pid),
  d.code('server_version', (row) => row.serverVersion),
  d.code('data_version', (row) => row.pgVersion),
  d.code('data_directory', (row) => row.dataDir),
  d.code('socket_directory', (row) => row.socketDir),
  d.code('log_file', (row) => row.logFile),
];

const status = command({
  verb: 'status',
  summary: 'say how the server is and which programmes are in it; starts nothing',
  parameters: {},
  examples: [{ command: 'db status', ...embedded }],
  async run(invocation) {
    await printRow(invocation.print, statusColumns, await databaseStatus(invocation.config.where), (row) => row.state);
  },
});

const bootstrap = command({
  verb: 'bootstrap',
  summary: 'make the roles of a programme, and logins, on a server of your own',
  description:
    'Once, as an administrator (REVSHARE_OWNER_URL or DATABASE_URL): an owner that only migrates, an operator and an ' +
    'auditor role for the programme, and a login for each actor named. Passwords are given by the server’s own means.',
  parameters: {
    printSql: flag('--print-sql', 'print the SQL instead of running it'),
    operators: repeatedOption('--operator <login>', 'a login that works in the programme; may be given again'),
    auditors: repeatedOption('--auditor <login>', 'a login that only reads; may be given again'),
  },
  mutates: true,
  examples: [
    { command: 'db bootstrap --print-sql', ...embedded },
    { command: 'db bootstrap --operator alice --operator cron --auditor audrey --dry-run', ...embedded },
  ],
  async run(invocation, { printSql, operators, auditors }) {
    const { where, programme } = invocation.config;
    const logins = { operators, auditors };
    const statements = printSql
      ? await bootstrapSql(where, programme, logins)
      : await bootstrapDatabase(where, programme, logins, invocation);
    if (printSql || invocation.dryRun) {
      await invocation.print.out.write(`${statements.join(';\n')};\n`);
    }
    if (!printSql) {
      await invocation.note(
        invocation.dryRun ? 'dry run: nothing was made' : `the roles of programme ${programme} are there`,
      );
    }
  },
});

const m = columnsOf<MigratedProgramme>();
const migrate = command({
  verb: 'migrate',
  summary: 'bring a programme to the schema of this version',
  parameters: { all: flag('--all', 'every programme of the database') },
  mutates: true,
  examples: [
    { command: 'db migrate', ...embedded },
    { command: 'db migrate --all --dry-run', ...embedded },
  ],
  async run(invocation, { all }) {
    const { where, programme } = invocation.config;
    const rows = await migrateDatabase(where, all ? 'all' : { programme }, invocation);
    const columns = [
      m.code('programme', (row) => row.programme),
      m.number('applied', (row) => row.applied.length),
      m.text('migrations', (row) => row.applied.join(', ')),
    ];
    await printList(invocation.print, columns, rows, (row) => row.programme);
    if (invocation.dryRun) await invocation.note('dry run: nothing was written');
  },
});

const c = columnsOf<DatabaseCheck>();
const check = command({
  verb: 'check',
  summary: 'compare a programme’s database with what this version makes',
  description:
    'Server, roles, migrations, then every table, column, constraint, trigger, function and grant, against the same ' +
    'migrations run into an empty schema and rolled back. Wants the owner’s login; exit code 7 where anything differs.',
  parameters: {},
  examples: [{ command: 'db check', ...embedded }],
  async run(invocation) {
    const { where, programme } = invocation.config;
    const checks = await checkDatabase(where, programme);
    const columns = [
      c.code('check', (row) => row.check),
      c.code('result', (row) => row.result),
      c.text('found', (row) => row.found),
      c.text('remedy', (row) => row.remedy),
    ];
    await printList(invocation.print, columns, checks, (row) => row.check);
    const wrong = checks.filter((row) => row.result === 'differs');
    if (wrong.length > 0) {
      throw new DifferenceError(
        'database_differs',
        `${wrong.map((row) => row.check).join(', ')}: not as this version expects`,
        { hint: wrong[0]?.remedy ?? 'see the table' },
      );
    }
    return ExitCode.ok;
  },
});

const reset = command({
  verb: 'reset',
  summary: 'remove the embedded server of this home with all its books',
  description: 'Nothing brings them back. Wants the last word of the home’s path typed, or --confirm.',
  parameters: { confirm: confirmOption() },
  mutates: true,
  examples: [{ command: 'db reset --dry-run', ...embedded }],
  async run(invocation, { confirm }) {
    const { where } = invocation.config;
    await confirmTyped(invocation, resetCode(where), confirm, `This removes every book in ${where.home}.`);
    const before = await resetDatabase(where, invocation);
    await printRow(invocation.print, serverColumns, before, stateOf);
    await invocation.note(invocation.dryRun ? 'dry run: nothing was removed' : `removed ${before.dataDir}`);
  },
});

export const commands: readonly Command[] = [start, stop, status, bootstrap, migrate, check, backup, restore, reset];
