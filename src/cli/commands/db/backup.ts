import { DifferenceError } from '../../../domain/errors.ts';
import { backupDatabase, type Backup } from '../../../services/backup/backup-database.ts';
import { restoreDatabase, type RestoredProgramme } from '../../../services/backup/restore-database.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList, printRow } from '../../output/printer.ts';
import { argument } from '../../parameters.ts';

const b = columnsOf<Backup>();

export const backup = command({
  verb: 'backup',
  summary: 'write the embedded server with all its books into one file',
  description:
    'While others go on working. FILE is a tar archive, compressed where its name ends in .gz; into a directory it goes as ' +
    'revshare-TIME.tar.gz. It appears whole or not at all, with the hash of every file and of every programme’s books.',
  parameters: { file: argument('FILE', 'the archive to write, or a directory to put it into') },
  examples: [{ command: 'db backup books.tar.gz', on: 'nothing', setup: ['init'] }],
  async run(invocation, { file }) {
    const made = await backupDatabase(invocation.config.where, invocation.path(file), {
      tool: invocation.host.version,
      progress: invocation.progress,
    });
    await printRow(
      invocation.print,
      [
        b.text('file', (row) => row.path),
        b.number('bytes', (row) => row.bytes),
        b.code('sha256', (row) => row.sha256),
        b.number('files', (row) => row.manifest.files.length),
        b.text('programmes', (row) => row.manifest.programmes.map(({ name }) => name)),
        b.text('book_hashes', (row) => row.manifest.programmes.map(({ book }) => book.sha256)),
      ],
      made,
      (row) => row.path,
    );
  },
});

const r = columnsOf<RestoredProgramme>();

export const restore = command({
  verb: 'restore',
  summary: 'put a backup into a home that has no books',
  description:
    'Checks every hash, starts the server in a place of its own, compares the hash of the books with that of the backup and ' +
    'runs the doctor; only then the books get their place. Refuses a home that has books, and a backup of another major ' +
    'version of Postgres. --dry-run proves a backup and keeps nothing.',
  parameters: { file: argument('FILE', 'the archive that `db backup` wrote') },
  mutates: true,
  // Where it is typed there are books already, which is what it must refuse.
  examples: [{ command: 'db restore books.tar.gz', on: 'nothing', setup: ['init', 'db backup books.tar.gz'], exit: 3 }],
  async run(invocation, { file }) {
    const restored = await restoreDatabase(invocation.config.where, invocation.path(file), {
      clock: invocation.host.clock,
      progress: invocation.progress,
      dryRun: invocation.dryRun,
    });
    await printList(
      invocation.print,
      [
        r.code('programme', (row) => row.programme),
        r.number('facts', (row) => row.facts),
        r.code('book_hash', (row) => row.sha256),
        r.code('as_of', (row) => row.asOf),
        r.text('differences', (row) => row.differences),
      ],
      restored.programmes,
      (row) => row.programme,
    );
    const unproved = restored.manifest.programmes.length - restored.programmes.length;
    if (unproved > 0) {
      await invocation.note(
        `${unproved} of an older schema: run \`revshare db migrate --all\`, then \`revshare doctor\``,
      );
    }
    await invocation.note(invocation.dryRun ? 'dry run: nothing was restored' : `restored into ${restored.dataDir}`);
    const ill = restored.programmes.filter(({ differences }) => differences.length > 0);
    if (ill.length > 0) {
      throw new DifferenceError(
        'books_differ',
        `the doctor finds differences in ${ill.map(({ programme }) => programme).join(', ')}`,
        {
          hint: 'they were in the backup already, whose books are equal to these: run `revshare doctor`',
        },
      );
    }
  },
});
