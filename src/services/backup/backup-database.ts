import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { openDatabase, type Database } from '../../db/connection.ts';
import { beginBaseBackup, type BaseBackup, type ClusterFile } from '../../db/embedded/base-backup.ts';
import { ensureServer } from '../../db/embedded/server.ts';
import { appliedMigrations, compareMigrations, refuseDifference, shippedMigrations } from '../../db/migrations.ts';
import { currentMoment, readOneMoment } from '../../db/queries/as-of.ts';
import { programmeRow, programmeSchemas } from '../../db/queries/programme.ts';
import { isEmbedded, openOwner, type Whereabouts } from '../../db/session.ts';
import { RefusedError, UnavailableError } from '../../domain/errors.ts';
import { draftFile } from '../../files/publish.ts';
import { tarBytes, type TarEntry } from '../../files/tar.ts';
import type { Progress } from '../context.ts';
import { hashOfMoment } from '../ledger/hash-books.ts';
import { DATA_PATH, MANIFEST_PATH, type BackupManifest } from './manifest.ts';

export interface BackupSettings {
  /** Version of the tool, for the manifest. */
  readonly tool: string;
  readonly progress: Progress;
}

export interface Backup {
  readonly path: string;
  readonly bytes: number;
  /** Of the archive. */
  readonly sha256: string;
  readonly manifest: BackupManifest;
}

/**
 * Writes the embedded server with all its programmes into one archive, while others go on working: a tar (gzip where the
 * name ends in .gz or .tgz) with a manifest of every file's hash and of the books' hash at a moment inside the backup. It
 * gets its name when it is whole and on the disk; into a directory it goes as revshare-TIME.tar.gz.
 *
 * Reads the books only; makes a checkpoint. Throws RefusedError `not_embedded`, `migrations_pending`; IntegrityError
 * `migrations_differ`; UnavailableError `disk_full`; UsageError `file_not_ordinary`.
 */
export async function backupDatabase(where: Whereabouts, out: string, settings: BackupSettings): Promise<Backup> {
  if (!isEmbedded(where)) {
    throw new RefusedError(
      'not_embedded',
      'DATABASE_URL names a server of your own, which has better means than this',
      {
        hint: 'use pg_basebackup or pg_dump there; unset DATABASE_URL to mean the embedded server of REVSHARE_HOME',
      },
    );
  }
  const { dataDir } = await ensureServer(where.home);
  const session = await openOwner(where);
  try {
    const started = await startOf(session);
    const path = (await isDirectory(out))
      ? join(out, `revshare-${started.at.replaceAll(/[-:]|\.\d+/g, '')}.tar.gz`)
      : out;
    const draft = await draftFile(path);
    try {
      const backup = await beginBaseBackup(session, dataDir);
      const archive = new Archive(session, backup, settings);
      const bytes = Readable.from(tarBytes(archive.entries(started, where.actor ?? where.osUser)));
      const write = async (blocks: AsyncIterable<Buffer>): Promise<void> => {
        for await (const block of blocks) await draft.write(block);
      };
      // The lowest level: a cluster is mostly empty pages, and what is left is not worth the time.
      await (/\.(gz|tgz)$/.test(path) ? pipeline(bytes, createGzip({ level: 1 }), write) : pipeline(bytes, write));
      const written = await draft.finish();
      await draft.publish();
      return { path: draft.path, ...written, manifest: archive.manifest! };
    } finally {
      settings.progress.done();
      await draft.discard();
    }
  } finally {
    // Ends the backup on the server too, should it still run.
    await session.close();
  }
}

interface Started {
  readonly at: string;
  readonly version: string;
}

class Archive {
  manifest: BackupManifest | null = null;
  readonly #session: Database;
  readonly #backup: BaseBackup;
  readonly #settings: BackupSettings;
  readonly #files: BackupManifest['files'] = [];
  readonly #directories: string[] = [];
  #bytes = 0;

  constructor(session: Database, backup: BaseBackup, settings: BackupSettings) {
    this.#session = session;
    this.#backup = backup;
    this.#settings = settings;
  }

  async *entries(started: Started, by: string): AsyncGenerator<TarEntry> {
    yield { kind: 'directory', path: DATA_PATH };
    yield* this.#hashed(this.#backup.files());
    // Between start and stop: every transaction this snapshot sees is in the log that is copied next.
    const programmes = await hashProgrammes(this.#session);
    yield* this.#hashed(this.#backup.finish());
    this.manifest = {
      backup: 'revshare-backup/1',
      made: { at: started.at, by, tool: this.#settings.tool },
      server: { version: started.version, major: started.version.split('.')[0]! },
      programmes,
      directories: this.#directories,
      files: this.#files,
    };
    const text = Buffer.from(`${JSON.stringify(this.manifest, null, 1)}\n`, 'utf8');
    yield { kind: 'file', path: MANIFEST_PATH, size: text.length, content: Readable.from([text]) };
  }

  async *#hashed(files: AsyncIterable<ClusterFile>): AsyncGenerator<TarEntry> {
    for await (const found of files) {
      const path = `${DATA_PATH}/${found.path}`;
      if (found.kind === 'directory') {
        this.#directories.push(found.path);
        yield { kind: 'directory', path };
        continue;
      }
      const hash = createHash('sha256');
      yield { kind: 'file', path, size: found.size, content: watched(found.content, (block) => hash.update(block)) };
      this.#files.push({ path: found.path, bytes: found.size, sha256: hash.digest('hex') });
      this.#bytes += found.size;
      this.#settings.progress.step('copying the database (MB)', Math.trunc(this.#bytes / 1024 / 1024), null);
    }
  }
}

async function* watched(content: AsyncIterable<Buffer>, see: (block: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const block of content) {
    see(block);
    yield block;
  }
}

async function startOf({ sql }: Database): Promise<Started> {
  const [row] = await sql<Started[]>`
    select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
      split_part(current_setting('server_version'), ' ', 1) as version`;
  return row!;
}

async function hashProgrammes(server: Database): Promise<BackupManifest['programmes']> {
  const hashed: BackupManifest['programmes'] = [];
  for (const { name } of await programmeSchemas(server)) {
    const inside = openDatabase({ ...server.target, schema: name });
    try {
      hashed.push(
        await inside.transaction(async (tx) => {
          await readOneMoment(tx);
          const migrations = [...((await appliedMigrations(tx, name)) ?? [])];
          const { pending, difference } = compareMigrations(migrations, shippedMigrations());
          if (difference !== null) refuseDifference(name, difference);
          const row = await programmeRow(tx);
          if (pending.length > 0 || row === null) throw unmigrated(name);
          const { instant, snapshot } = await currentMoment(tx);
          const { sha256, facts } = await hashOfMoment(tx, { instant, snapshot });
          return { name, zone: row.zone, migrations, as_of: { instant, snapshot }, book: { sha256, facts } };
        }),
      );
    } finally {
      await inside.close();
    }
  }
  return hashed;
}

function unmigrated(name: string): UnavailableError {
  return new UnavailableError('migrations_pending', `programme ${name} is not at this version's schema`, {
    hint: `back it up with the version that made it, or run: revshare db migrate --programme ${name}`,
  });
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
