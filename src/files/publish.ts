/**
 * How a file leaves this tool: written beside its place under a name nobody looks for, forced to the disk, and only then
 * given its name. Whoever looks at that name sees the old file, or none, or the whole new one; a full disk and a killed
 * process change nothing.
 */
import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, type Stats } from 'node:fs';
import { open, readdir, realpath, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import { fileFailure } from './failures.ts';

export interface WrittenFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** A file that has no name yet. Finish every draft, then publish; or discard. */
export interface Draft {
  /** Where it is going to be: links followed. */
  readonly path: string;
  write(block: Buffer): Promise<void>;
  /** No more writes; everything is on the disk when it resolves. */
  finish(): Promise<WrittenFile>;
  /** Gives it its name, replacing what had it. */
  publish(): Promise<void>;
  /** Leaves no trace of what is not published. Safe at any time. */
  discard(): Promise<void>;
}

const TEMPORARY = /^\.revshare-(\d+)-[0-9a-f]{12}\.tmp$/;
/** A temporary that nobody has written to for so long was left by a process that was killed. */
const ABANDONED_MS = 60 * 60 * 1000;

/**
 * Begins a file at `path`. Only an ordinary file may be replaced: renaming over a device or a pipe would put a file in
 * its stead.
 * @throws UsageError `file_not_ordinary`, `file_not_found` (its directory), UnavailableError `disk_full`,
 *   `file_not_allowed`
 */
export async function draftFile(path: string): Promise<Draft> {
  let handle: FileHandle;
  let target: string;
  let temporary: string;
  try {
    const found = await place(path);
    target = found.path;
    temporary = join(dirname(target), `.revshare-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
    handle = await open(temporary, 'wx', found.mode ?? 0o666);
  } catch (error) {
    throw fileFailure(path, error);
  }
  await sweep(dirname(target), temporary);

  const hash = createHash('sha256');
  let bytes = 0;
  let state: 'open' | 'finished' | 'published' | 'discarded' = 'open';
  let written: WrittenFile | null = null;
  const failed = (error: unknown): never => {
    throw fileFailure(path, error);
  };
  return {
    path: target,
    async write(block) {
      hash.update(block);
      bytes += block.length;
      // A short write is no error for the kernel; FileHandle.write reports it and leaves the rest to the caller.
      for (let at = 0; at < block.length;) {
        const { bytesWritten } = await handle.write(block, at, block.length - at).catch(failed);
        at += bytesWritten;
      }
    },
    async finish() {
      if (written === null) {
        await handle.sync().catch(failed);
        await handle.close().catch(failed);
        written = { bytes, sha256: hash.digest('hex') };
        state = 'finished';
      }
      return written;
    },
    async publish() {
      if (state !== 'finished') throw new Error(`a draft is published once, after it is finished (it is ${state})`);
      await rename(temporary, target).catch(failed);
      state = 'published';
      await syncDirectory(dirname(target)).catch(failed);
    },
    async discard() {
      if (state === 'published' || state === 'discarded') return;
      if (state === 'open') await handle.close().catch(() => {});
      state = 'discarded';
      await unlink(temporary).catch(() => {});
    },
  };
}

/** A rename is on the disk when its directory is. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } catch (error) {
    // Some network file systems have no such thing for directories, and then there is nothing more to do.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  } finally {
    await directory.close();
  }
}

/** Where a file goes that is called `path`, and the mode it keeps if it replaces one. */
async function place(path: string): Promise<{ path: string; mode: number | null }> {
  let found: Stats;
  try {
    found = await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (isLink(path)) throw notOrdinary(path, 'is a link that leads nowhere');
    return { path: join(await directoryOf(path), basename(path)), mode: null };
  }
  if (!found.isFile()) {
    throw notOrdinary(path, found.isDirectory() ? 'is a directory' : 'is a device, a pipe or a socket');
  }
  return { path: await realpath(path), mode: found.mode & 0o777 };
}

/** Where links lead the directory of a file that is to be made. */
async function directoryOf(path: string): Promise<string> {
  const directory = dirname(path);
  try {
    return await realpath(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new UsageError('file_not_found', `there is no directory ${directory} to write ${basename(path)} into`, {
      hint: `make it first: mkdir -p ${directory}`,
      details: { path, errno: 'ENOENT' },
    });
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

function notOrdinary(path: string, what: string): UsageError {
  return new UsageError('file_not_ordinary', `${path} ${what}: a file cannot be published there`, {
    hint: 'name a file; `-` writes to stdout where a command offers it',
    details: { path },
  });
}

/**
 * Takes away what killed processes left in the directory. Their age is read off the file system's own clock, by the
 * temporary just made; a file of a process that may still live on another machine is younger than that.
 */
async function sweep(directory: string, own: string): Promise<void> {
  try {
    const names = (await readdir(directory)).filter((name) => TEMPORARY.test(name) && join(directory, name) !== own);
    if (names.length === 0) return;
    const { mtimeMs: now } = await stat(own);
    for (const name of names) {
      const { mtimeMs } = await stat(join(directory, name));
      if (now - mtimeMs > ABANDONED_MS) await unlink(join(directory, name));
    }
  } catch {
    // Tidiness is no reason to fail: a directory may be writable and not listable.
  }
}
