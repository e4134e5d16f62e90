/**
 * A copy of a running cluster by Postgres's low-level backup API (pg_backup_start, copy, pg_backup_stop): the npm package
 * brings neither pg_basebackup nor pg_dump. Files are copied while they change; what makes the copy whole is the log
 * written meanwhile, which is copied last and replayed when the copy is started.
 */
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from '../connection.ts';
import { errnoOf } from './failures.ts';

export type ClusterFile =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly size: number; readonly content: AsyncIterable<Buffer> };

/** Begun on one session, which has to live until it is finished: Postgres forgets a backup whose session ended. */
export interface BaseBackup {
  /** Every file of the cluster but its log. */
  files(): AsyncGenerator<ClusterFile>;
  /** Ends the backup; then come the log since its start and the label that tells Postgres where to begin. */
  finish(): AsyncGenerator<ClusterFile>;
}

// Contents that a start makes anew, or that belong to this server alone (PostgreSQL manual, 25.3.4.2).
const EMPTIED = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
const LEFT_OUT = new Set(['postmaster.pid', 'postmaster.opts', 'backup_label', 'tablespace_map', 'backup_manifest']);
/** Kept inside an emptied directory, where the server expects it. */
const KEPT_DIRECTORIES = new Set(['pg_wal/archive_status', 'pg_wal/summaries']);
const CONTROL_FILE = 'global/pg_control';
const BLOCK_BYTES = 256 * 1024;

/**
 * Begins a backup with a checkpoint at once, and a slot that keeps the log from being recycled; both end with the session.
 * @param session a superuser's only connection: not one of a pool
 */
export async function beginBaseBackup(session: Connection, dataDir: string): Promise<BaseBackup> {
  const { sql } = session;
  const slot = `revshare_backup_${process.pid}`;
  await sql`select pg_create_physical_replication_slot(${slot}, true, true)`;
  const [begun] = await sql<
    { segment: string }[]
  >`select pg_walfile_name(pg_backup_start('revshare', true)) as segment`;

  return {
    async *files() {
      yield* walk(dataDir, '');
      // Last, as pg_basebackup does it. The server overwrites it in place: a copy counts when two readings agree.
      yield* one(CONTROL_FILE, await stableContent(join(dataDir, CONTROL_FILE)));
    },
    async *finish() {
      const [ended] = await sql<{ segment: string; label: string; tablespaces: string }[]>`
        select pg_walfile_name(lsn) as segment, labelfile as label, spcmapfile as tablespaces from pg_backup_stop(false)`;
      if (ended!.tablespaces.trim() !== '') throw new Error('the cluster has tablespaces outside of its directory');
      for (const segment of readdirSync(join(dataDir, 'pg_wal')).sort()) {
        // Segments of one timeline are named in order. The stop switched to a new one, so these change no more.
        if (/^[0-9A-F]{24}$/.test(segment) && segment >= begun!.segment && segment <= ended!.segment) {
          yield* file(dataDir, `pg_wal/${segment}`);
        }
      }
      yield* one('backup_label', Buffer.from(ended!.label, 'utf8'));
    },
  };
}

async function* walk(dataDir: string, directory: string): AsyncGenerator<ClusterFile> {
  for (const name of names(join(dataDir, directory))) {
    const path = directory === '' ? name : `${directory}/${name}`;
    const found = lookAt(join(dataDir, path));
    if (found === null || isTemporary(name)) continue;
    if (found.isDirectory()) {
      if (EMPTIED.has(directory) && !KEPT_DIRECTORIES.has(path)) continue;
      yield { kind: 'directory', path };
      yield* walk(dataDir, path);
    } else if (
      found.isFile() &&
      !EMPTIED.has(directory.split('/')[0]!) &&
      !LEFT_OUT.has(path) &&
      path !== CONTROL_FILE
    ) {
      yield* file(dataDir, path);
    }
  }
}

function isTemporary(name: string): boolean {
  return name.startsWith('pgsql_tmp') || name.startsWith('pg_internal.init') || name.startsWith('postmaster.pid.');
}

/**
 * A file at the size it has when it is opened. The log mends what changes while it is read, and what is cut off
 * meanwhile: so zeros may stand for that.
 */
async function* file(dataDir: string, path: string): AsyncGenerator<ClusterFile> {
  const handle = await open(join(dataDir, path), 'r').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return null; // Dropped since its directory was read.
    throw error;
  });
  if (handle === null) return;
  try {
    const { size } = await handle.stat();
    yield {
      kind: 'file',
      path,
      size,
      content: (async function* () {
        for (let at = 0; at < size;) {
          const block = Buffer.alloc(Math.min(BLOCK_BYTES, size - at));
          const { bytesRead } = await handle.read(block, 0, block.length, at);
          yield bytesRead === 0 ? block : block.subarray(0, bytesRead);
          at += bytesRead === 0 ? block.length : bytesRead;
        }
      })(),
    };
  } finally {
    await handle.close();
  }
}

async function* one(path: string, content: Buffer): AsyncGenerator<ClusterFile> {
  yield {
    kind: 'file',
    path,
    size: content.length,
    content: (async function* () {
      yield content;
    })(),
  };
}

async function stableContent(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    let before: Buffer | null = null;
    for (;;) {
      const block = Buffer.alloc(64 * 1024);
      const { bytesRead } = await handle.read(block, 0, block.length, 0);
      const now = block.subarray(0, bytesRead);
      if (before !== null && before.equals(now)) return now;
      before = now;
    }
  } finally {
    await handle.close();
  }
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function lookAt(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}
