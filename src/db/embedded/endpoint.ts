/**
 * Where the embedded server of a home is, worked out without talking to it. Every command imports this file on its way
 * up, so it pulls in nothing but node's own modules; starting, stopping and repairing live in server.ts.
 */
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, realpathSync, statSync, type Stats } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { UnavailableError } from '../../domain/errors.ts';
import { readPidFile } from './pid-file.ts';

/** The bootstrap superuser of every embedded cluster: owner of the database, used for migrations and bootstrap only. */
export const EMBEDDED_SUPERUSER = 'revshare_admin';
/** The one database of an embedded cluster; programmes are schemas in it. */
export const EMBEDDED_DATABASE = 'revshare';

/** Only part of the socket's file name: nothing listens on TCP, so it can clash with nothing. */
const PORT = 5432;
/** `sockaddr_un.sun_path` holds 108 bytes with its closing NUL on Linux. */
const SOCKET_PATH_BYTES = 107;
/** Written inside the data directory before it gets its name; what carries it was made by us. */
export const CLUSTER_ID_FILE = 'revshare.id';

/** Paths are real paths. Clients connect to `socketDir` and `port`; postgres.js takes `host: socketDir`. */
export interface EmbeddedEndpoint {
  home: string;
  dataDir: string;
  logFile: string;
  socketDir: string;
  port: number;
}

/**
 * Says where the server of `home` listens, or would listen once started. Reads three small files at most and never the
 * server. Before the first `ensureServer` there is no cluster and so no socket yet: use the endpoint that call returns.
 *
 * The socket directory's name hashes the home's real path and the cluster's random id: two homes never meet, not even a
 * home that was removed and made anew while its old server still runs, and nobody can take the name in advance.
 *
 * @throws UnavailableError `socket_directory_unsafe` when someone else owns or can enter the directory: with trust
 *   authentication it is the only lock on the door, and connecting would show our books to whoever stands there.
 */
export function embeddedEndpoint(home: string): EmbeddedEndpoint {
  const realHome = realPathOf(home);
  const postgresDir = join(realHome, 'postgres');
  const dataDir = join(postgresDir, 'data');
  // A running server is where it says it is, whatever TMPDIR this shell has. A copied data directory carries the pid
  // file of its original, which names the original's path: that one is not ours to visit.
  const pidFile = readPidFile(dataDir);
  const running = pidFile !== null && pidFile.socketDir !== '' && pidFile.dataDir === realDataDir(dataDir);
  const endpoint = {
    home: realHome,
    dataDir,
    logFile: join(postgresDir, 'postgres.log'),
    socketDir: running ? pidFile.socketDir : socketDirectoryFor(dataDir),
    port: running ? pidFile.port : PORT,
  };
  assertSocketDirectory(endpoint);
  return endpoint;
}

/** The socket directory a server started now would get, whatever one that still runs uses. */
export function socketDirectoryFor(dataDir: string): string {
  const name = `revshare-${createHash('sha256')
    .update(`${dataDir}\0${clusterId(dataDir)}`)
    .digest('hex')
    .slice(0, 16)}`;
  const preferred = join(resolve(tmpdir()), name);
  return Buffer.byteLength(`${preferred}/.s.PGSQL.${PORT}`) <= SOCKET_PATH_BYTES ? preferred : join('/tmp', name);
}

/**
 * Guarantees that only this user, or for root the owner of the data, could listen in the socket directory: a real
 * directory of theirs that nobody else may enter. Passes when there is none yet.
 */
export function assertSocketDirectory(endpoint: { dataDir: string; socketDir: string }): void {
  const found = look(() => lstatSync(endpoint.socketDir));
  if (found === null) return;
  const owner = look(() => statSync(endpoint.dataDir))?.uid ?? process.geteuid?.();
  const euid = process.geteuid?.();
  const wrong = found.isSymbolicLink()
    ? 'is a symbolic link'
    : !found.isDirectory()
      ? 'is not a directory'
      : found.uid !== euid && (euid !== 0 || found.uid !== owner)
        ? `belongs to uid ${found.uid}, not to uid ${euid === 0 ? owner : euid}`
        : (found.mode & 0o077) !== 0
          ? `can be entered by others (mode ${(found.mode & 0o777).toString(8)})`
          : null;
  if (wrong === null) return;
  throw new UnavailableError(
    'socket_directory_unsafe',
    `the embedded database's socket directory ${endpoint.socketDir} ${wrong}`,
    {
      hint:
        'someone else may be posing as your database: find out who made it, remove it (its owner or root can) and run ' +
        'the command again, or set TMPDIR to a directory of your own',
      details: { socketDir: endpoint.socketDir },
    },
  );
}

/** Data directories are compared as the kernel names them: `/proc/PID/cwd` is always a real path. */
export function realDataDir(dataDir: string): string {
  return look(() => realpathSync(dataDir)) ?? dataDir;
}

function clusterId(dataDir: string): string {
  return look(() => readFileSync(join(dataDir, CLUSTER_ID_FILE), 'utf8').trim()) ?? 'none';
}

/** The real path of a home that may not exist yet: that of its nearest ancestor, with the rest put behind. */
function realPathOf(home: string): string {
  const absolute = resolve(home);
  const real = look(() => realpathSync(absolute));
  if (real !== null) return real;
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(realPathOf(parent), basename(absolute));
}

/** What cannot be seen counts as absent here; the command that then tries to make it gets the real reason. */
function look<T extends string | Stats>(see: () => T): T | null {
  try {
    return see();
  } catch {
    return null;
  }
}
