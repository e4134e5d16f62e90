import { randomBytes } from 'node:crypto';
import { existsSync, lchownSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openDatabase } from '../../db/connection.ts';
import { CLUSTER_ID_FILE, embeddedEndpoint } from '../../db/embedded/endpoint.ts';
import { findNative } from '../../db/embedded/native.ts';
import { isProcessAlive, ownProcessName } from '../../db/embedded/processes.ts';
import { destroyServer, ensureServer, stopServer } from '../../db/embedded/server.ts';
import { compareMigrations, refuseDifference, shippedMigrations } from '../../db/migrations.ts';
import { isEmbedded, openOwner, type Whereabouts } from '../../db/session.ts';
import { IntegrityError, RefusedError } from '../../domain/errors.ts';
import { fileFailure } from '../../files/failures.ts';
import { syncDirectory } from '../../files/publish.ts';
import type { Clock, Context, Progress } from '../context.ts';
import { runDoctor } from '../doctor/run-doctor.ts';
import { hashBooks } from '../ledger/hash-books.ts';
import { mutations } from '../mutation.ts';
import type { BackupManifest } from './manifest.ts';
import { unpackBackup } from './unpack-backup.ts';

export interface RestoreSettings {
  readonly clock: Clock;
  readonly progress: Progress;
  /** Unpacks, starts and proves everything, and puts nothing into its place. */
  readonly dryRun: boolean;
}

export interface RestoredProgramme {
  readonly programme: string;
  readonly asOf: string;
  readonly facts: number;
  readonly sha256: string;
  /** Checks of the doctor that found a difference, by name. */
  readonly differences: readonly string[];
}

export interface Restored {
  readonly dataDir: string;
  readonly manifest: BackupManifest;
  readonly programmes: readonly RestoredProgramme[];
}

/** A restore that is not finished: a home of its own inside the home. */
const UNFINISHED = /^\.restore-(\d+)-(\d+)-[0-9a-f]+$/;

/**
 * Puts a backup into a home that has no books. The archive is unpacked and checked in a place of its own, its server is
 * started there and replays its log, the books must give the hash they had when they were backed up, and the doctor looks
 * at them; only then do they get their place. Whatever goes wrong before that leaves the home as it was.
 *
 * Throws RefusedError `not_embedded`, `home_has_books`, `embedded_other_version`; IntegrityError `book_hash_differs`,
 * `migrations_differ`; as `unpackBackup`.
 */
export async function restoreDatabase(
  where: Whereabouts,
  archive: string,
  settings: RestoreSettings,
): Promise<Restored> {
  if (!isEmbedded(where)) {
    throw new RefusedError('not_embedded', 'DATABASE_URL names a server of your own; a backup is of an embedded one', {
      hint: 'unset DATABASE_URL to restore into REVSHARE_HOME',
    });
  }
  const { home, dataDir } = embeddedEndpoint(where.home);
  assertNoBooks(dataDir);
  await makeHome(home);
  await sweep(home);
  const workshop = join(home, `.restore-${ownProcessName()}-${randomBytes(4).toString('hex')}`);
  const unpacked = join(workshop, 'postgres', 'data');
  try {
    // The server may run as another user than this process (launcher.ts), who has to get through here.
    await mkdir(dirname(unpacked), { recursive: true, mode: 0o700 });
    await chmod(workshop, 0o711);
    await giveLike(home, workshop, dirname(unpacked));
    await mkdir(unpacked, { mode: 0o700 });
    await giveLike(home, unpacked);
    const manifest = await unpackBackup(archive, unpacked, settings.progress);
    await assertRestorable(unpacked, manifest);
    // Another cluster from here on: its socket must not be mistaken for the one of where it came from.
    await writeFile(join(unpacked, CLUSTER_ID_FILE), `${randomBytes(8).toString('hex')}\n`, { flush: true });
    const programmes = await prove({ ...where, home: workshop }, manifest, settings);
    await stopServer(workshop);
    if (!settings.dryRun) {
      await takePlace(unpacked, dataDir, home);
      await ensureServer(home);
    }
    return { dataDir, manifest, programmes };
  } catch (error) {
    throw fileFailure(home, error);
  } finally {
    settings.progress.done();
    await clearAway(workshop);
  }
}

function assertNoBooks(dataDir: string): void {
  if (!existsSync(dataDir)) return;
  throw new RefusedError('home_has_books', `there are books in ${dataDir} already, and a restore never replaces any`, {
    hint: 'set REVSHARE_HOME to an empty directory, or remove these books for good with `revshare db reset`',
  });
}

/** Major version and migrations, before anything of the archive is run. */
async function assertRestorable(unpacked: string, { server, programmes }: BackupManifest): Promise<void> {
  const { major } = findNative();
  const found = (await readFile(join(unpacked, 'PG_VERSION'), 'utf8')).trim();
  if (found !== major || server.major !== major) {
    throw new RefusedError(
      'embedded_other_version',
      `the backup was made by Postgres ${server.version} (${found}), and this revshare brings Postgres ${major}`,
      { hint: 'restore it with the revshare that made it', details: { found, ours: major } },
    );
  }
  for (const { name, migrations } of programmes) {
    const { difference } = compareMigrations(migrations, shippedMigrations());
    if (difference !== null) refuseDifference(name, difference);
  }
}

/** Starts what was unpacked, and compares and examines its books. */
async function prove(
  where: Whereabouts,
  manifest: BackupManifest,
  settings: RestoreSettings,
): Promise<RestoredProgramme[]> {
  // A log of hours may have to be replayed.
  await ensureServer(where.home, { deadlineMs: 10 * 60_000 });
  const server = await openOwner(where);
  const proved: RestoredProgramme[] = [];
  try {
    for (const programme of manifest.programmes) {
      // Of an older schema only the files were compared: the hash is of this version's tables.
      if (compareMigrations(programme.migrations, shippedMigrations()).pending.length > 0) continue;
      const db = openDatabase({ ...server.target, schema: programme.name });
      try {
        const ctx = readingContext(db, programme, settings);
        const book = await hashBooks(ctx, programme.as_of);
        if (book.sha256 !== programme.book.sha256) {
          throw new IntegrityError(
            'book_hash_differs',
            `programme ${programme.name}: the restored books have hash ${book.sha256}, the backup says ${programme.book.sha256}`,
            { hint: 'nothing was restored; take another backup, and run `revshare doctor` where this one was made' },
          );
        }
        const report = await runDoctor(ctx);
        proved.push({
          programme: programme.name,
          asOf: programme.as_of.instant,
          facts: book.facts,
          sha256: book.sha256,
          differences: report.checks.filter(({ result }) => result === 'difference').map(({ name }) => name),
        });
      } finally {
        await db.close();
      }
    }
    return proved;
  } finally {
    await server.close();
  }
}

function readingContext(
  db: ReturnType<typeof openDatabase>,
  { name, zone }: BackupManifest['programmes'][number],
  { clock, progress }: RestoreSettings,
): Context {
  const report = { applied: false, changes: [], plan: null };
  return {
    db,
    programme: name,
    actor: 'restore',
    zone,
    clock,
    // What is sealed stays so: a copy is proved without opening anything.
    keys: { text: null, file: '' },
    railSecrets: { text: null, file: '' },
    mail: { url: null, from: null },
    progress,
    dryRun: true,
    report,
    ...mutations(db, { dryRun: true, plan: null, report }),
  };
}

async function makeHome(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw fileFailure(home, error);
  }
}

/** The one step that counts. Renaming onto a directory with files in it fails: books made meanwhile stay. */
async function takePlace(unpacked: string, dataDir: string, home: string): Promise<void> {
  const made = await mkdir(dirname(dataDir), { recursive: true, mode: 0o700 });
  if (made !== undefined) {
    // The server's own identity when it is not ours: whose directory the data was unpacked into.
    const { uid, gid } = await stat(dirname(unpacked));
    if (process.geteuid?.() === 0 && uid !== 0) lchownSync(dirname(dataDir), uid, gid);
  }
  await rename(unpacked, dataDir).catch((error: unknown) => {
    if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) assertNoBooks(dataDir);
    throw error;
  });
  await syncDirectory(dirname(dataDir));
  await syncDirectory(home);
}

async function giveLike(home: string, ...paths: string[]): Promise<void> {
  const { uid, gid } = await stat(home);
  if (process.geteuid?.() === 0 && uid !== 0) for (const path of paths) lchownSync(path, uid, gid);
}

/** What restores that were killed left behind, with the servers they had started. */
async function sweep(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    const [, startTime, pid] = UNFINISHED.exec(name) ?? [];
    if (startTime !== undefined && !isProcessAlive(startTime, Number(pid))) await clearAway(join(home, name));
  }
}

async function clearAway(workshop: string): Promise<void> {
  // Not ours to remove while a server of it runs; one whose id was not written yet was never started.
  await destroyServer(workshop).catch(() => {});
  await rm(workshop, { recursive: true, force: true });
}
