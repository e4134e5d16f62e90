import { createHash } from 'node:crypto';
import { createReadStream, lchownSync } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { RevshareError, UsageError } from '../../domain/errors.ts';
import { fileFailure } from '../../files/failures.ts';
import { syncDirectory } from '../../files/publish.ts';
import { readTar, type TarEntry } from '../../files/tar.ts';
import type { Progress } from '../context.ts';
import { DATA_PATH, MANIFEST_PATH, parseBackupManifest, type BackupManifest } from './manifest.ts';

const LARGEST_MANIFEST = 256 * 1024 * 1024;

/**
 * Unpacks an archive's cluster into `target`, an empty directory, every file forced to the disk and every hash compared
 * with the manifest, which stands at the archive's end. What it throws, the caller clears away.
 *
 * Throws UsageError `archive_damaged`, `backup_incomplete`, `backup_altered`, `backup_invalid`, `file_not_found`;
 * UnavailableError `disk_full`.
 */
export async function unpackBackup(archive: string, target: string, progress: Progress): Promise<BackupManifest> {
  const found = new Map<string, { bytes: number; sha256: string }>();
  const directories = new Set<string>();
  const owner = await stat(dirname(target));
  let manifest: BackupManifest | null = null;
  let bytes = 0;
  try {
    for await (const entry of readTar(await archiveBytes(archive))) {
      if (entry.path === MANIFEST_PATH && entry.kind === 'file') {
        manifest = parseBackupManifest((await contentOf(entry)).toString('utf8'));
        continue;
      }
      const path = pathInside(entry.path);
      if (entry.kind === 'directory') {
        if (path !== '') {
          await mkdir(join(target, path), { mode: 0o700 });
          give(join(target, path), owner);
          directories.add(path);
        }
        continue;
      }
      found.set(path, await writeFile(join(target, path), entry.content));
      give(join(target, path), owner);
      bytes += entry.size;
      progress.step('restoring the database (MB)', Math.trunc(bytes / 1024 / 1024), null);
    }
    for (const path of [...directories, '']) await syncDirectory(join(target, path));
  } catch (error) {
    throw archiveFailure(archive, error);
  }
  if (manifest === null) {
    throw new UsageError('backup_incomplete', `${archive} has no manifest: it was cut off, or is no backup of ours`, {
      hint: 'take another one; `db backup` gives an archive its name only when it is whole',
    });
  }
  assertWhole(archive, manifest, found);
  return manifest;
}

function assertWhole(
  archive: string,
  manifest: BackupManifest,
  found: ReadonlyMap<string, { bytes: number; sha256: string }>,
): void {
  const wrong = manifest.files.find(({ path, sha256 }) => found.get(path)?.sha256 !== sha256);
  const extra =
    found.size === manifest.files.length
      ? undefined
      : [...found.keys()].find((path) => !manifest.files.some((file) => file.path === path));
  const path = wrong?.path ?? extra;
  if (path !== undefined) {
    throw new UsageError('backup_altered', `${archive}: ${path} is not as the manifest says`, {
      hint: 'the archive was altered after it was made: take another one',
    });
  }
}

/** The entries' names come from a file: none may lead out of the directory they are unpacked into. */
function pathInside(path: string): string {
  if (path === DATA_PATH) return '';
  const inside = path.startsWith(`${DATA_PATH}/`) ? path.slice(DATA_PATH.length + 1) : '';
  if (inside === '' || !/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/.test(inside) || /(^|\/)\.\.?(\/|$)/.test(inside)) {
    throw new UsageError('backup_invalid', `the archive holds ${JSON.stringify(path)}, which no backup of ours does`, {
      hint: 'only what `revshare db backup` wrote can be restored',
    });
  }
  return inside;
}

/** Root restores into a user's home: the files are the user's. */
function give(path: string, { uid, gid }: { uid: number; gid: number }): void {
  if (process.geteuid?.() === 0 && uid !== 0) lchownSync(path, uid, gid);
}

async function writeFile(path: string, content: AsyncIterable<Buffer>): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  const handle = await open(path, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const block of content) {
      hash.update(block);
      for (let at = 0; at < block.length;) at += (await handle.write(block, at)).bytesWritten;
      bytes += block.length;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function contentOf(entry: Extract<TarEntry, { kind: 'file' }>): Promise<Buffer> {
  if (entry.size > LARGEST_MANIFEST) throw new UsageError('backup_invalid', 'the archive’s manifest is too large');
  const parts: Buffer[] = [];
  for await (const part of entry.content) parts.push(part);
  return Buffer.concat(parts);
}

async function archiveBytes(path: string): Promise<AsyncIterable<Buffer>> {
  const handle = await open(path, 'r');
  const magic = Buffer.alloc(2);
  try {
    await handle.read(magic, 0, 2, 0);
  } finally {
    await handle.close();
  }
  const raw = createReadStream(path, { highWaterMark: 256 * 1024 });
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) return raw;
  const unzipped = createGunzip();
  raw.on('error', (error) => unzipped.destroy(error));
  return raw.pipe(unzipped);
}

function archiveFailure(archive: string, error: unknown): unknown {
  if (error instanceof RevshareError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code.startsWith('Z_')) {
    return new UsageError('archive_damaged', `${archive} is damaged (${(error as Error).message})`, {
      hint: 'it was cut off or altered on its way: copy it again from where it was made, or take an earlier one',
      cause: error,
    });
  }
  return fileFailure(archive, error);
}
