/** The directories of a home and the one of its socket: who may use them, how they are made, what is in them. */
import {
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UnavailableError } from '../../domain/errors.ts';
import { assertSocketDirectory } from './endpoint.ts';
import { errnoOf, foreignOwner, homeFailure } from './failures.ts';
import type { Launcher } from './launcher.ts';

/** Makes the home and its `postgres`, where they are missing. Throws what `homeFailure` says, `home_of_another_user`. */
export function makePostgresDirectory(home: string, postgresDir: string): void {
  try {
    makeDirectories(home);
    const { uid, gid } = statSync(home);
    // EEXIST is fine as long as it is a directory, which a recursive mkdir checks.
    const made = mkdirSync(postgresDir, { recursive: true, mode: 0o700 });
    // Root working in a user's home leaves files that the user can go on with.
    if (made !== undefined && process.geteuid?.() === 0 && uid !== 0) lchownSync(postgresDir, uid, gid);
  } catch (error) {
    if (errnoOf(error) === 'EACCES' && lstatOrNull(home)?.isDirectory()) assertOwner(home);
    throw homeFailure(errnoOf(error) === 'EEXIST' ? home : postgresDir, error);
  }
  assertOwner(postgresDir);
}

/** One level at a time: below /proc and its like node's own recursive mkdir tries for ever. */
function makeDirectories(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' && statSync(path).isDirectory()) return;
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    makeDirectories(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}

/** Root may work for anyone; everyone else only on data of their own, as Postgres itself insists. */
export function assertOwner(path: string): void {
  const euid = process.geteuid?.() ?? 0;
  if (euid === 0) return;
  try {
    if (statSync(path).uid !== euid) throw foreignOwner(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw homeFailure(path, error);
  }
}

/** Makes the socket's directory for the server alone. Throws UnavailableError `socket_directory_unsafe`. */
export function makeSocketDirectory(place: { dataDir: string; socketDir: string }, launcher: Launcher): void {
  try {
    mkdirSync(place.socketDir, { mode: 0o700 });
    // The umask may have taken bits away.
    chmodSync(place.socketDir, 0o700);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST')
      throw new UnavailableError(
        'socket_directory_unsafe',
        `the embedded database's socket directory ${place.socketDir} cannot be made (${errnoOf(error)})`,
        { hint: 'set TMPDIR to a directory of your own', cause: error },
      );
  }
  assertSocketDirectory(place);
  // The server makes its socket in there, as whoever it is.
  if (process.geteuid?.() === 0 && statSync(place.socketDir).uid !== launcher.uid)
    lchownSync(place.socketDir, launcher.uid, launcher.gid);
}

/** Keeps the temporary directory tidy. A start that has just made it anew either has its socket in it or tries again. */
export function removeSocketDirectory(path: string): void {
  if (!basename(path).startsWith('revshare-')) return;
  try {
    rmdirSync(path);
  } catch {
    // In use again, or gone.
  }
}

/** null when there is no cluster. A cluster that cannot be read is someone else's. */
export function versionOf(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    if (errnoOf(error) === 'EACCES') throw foreignOwner(dataDir);
    return null;
  }
}

export function isEmptyOrAbsent(dataDir: string): boolean {
  try {
    return readdirSync(dataDir).length === 0;
  } catch (error) {
    return errnoOf(error) === 'ENOENT';
  }
}

export function lstatOrNull(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}
