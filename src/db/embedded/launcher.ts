/**
 * Who runs Postgres. It refuses to run as root, so root lends it another identity:
 *
 * - data that already belongs to an ordinary user, or lies in that user's home: as that user;
 * - otherwise inside a user namespace of its own, where root's files look like nobody's. That needs no chown and works
 *   below directories that only root may enter;
 * - where namespaces are forbidden (many containers), as `nobody`, who then owns the files and has to be able to reach
 *   them.
 */
import { spawn } from 'node:child_process';
import { lchownSync, lstatSync, readdirSync, statSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { UnavailableError } from '../../domain/errors.ts';
import { errnoOf } from './failures.ts';
import { unusable, type Native } from './native.ts';

const NOBODY = 65534;
/** Said by unshare and by the loader about binaries for another machine; another identity would not help. */
const DOES_NOT_RUN = /failed to execute.*(?:No such file|Exec format)|loading shared libraries|version `GLIBC/;

export interface Finished {
  /** null when the program could not be started or was killed. */
  code: number | null;
  output: string;
}

export interface RunOptions {
  cwd: string;
  timeoutMs: number;
  /** Its own session, so that the terminal's Ctrl-C does not reach it. */
  detached?: boolean;
}

export interface Launcher {
  kind: 'direct' | 'namespace' | 'user';
  /** Who owns what Postgres is to write, seen from here. */
  uid: number;
  gid: number;
  run(program: string, args: readonly string[], options: RunOptions): Promise<Finished>;
}

/**
 * Picks the first identity that can run the binaries and reach `postgresDir`, which must exist. As root it may hand the
 * directory over to that identity.
 * @throws UnavailableError `embedded_postgres_unreachable` naming the directory that is closed,
 *   `embedded_postgres_unusable` when the binaries do not run at all.
 */
export async function chooseLauncher(native: Native, postgresDir: string): Promise<Launcher> {
  const euid = process.geteuid?.() ?? 0;
  const environment = cleanEnvironment(native.libraryPath);
  if (euid !== 0) {
    const direct = launcher('direct', { uid: euid, gid: process.getegid?.() ?? 0 }, environment);
    const refusal = await tryOut(direct, native, postgresDir);
    if (refusal !== null) throw unusable(native, refusal);
    return direct;
  }

  const owner = ownerOf(postgresDir);
  const candidates: Launcher[] =
    owner.uid !== 0
      ? [launcher('user', owner, environment)]
      : [
          launcher('namespace', { uid: 0, gid: 0 }, environment),
          launcher('user', { uid: NOBODY, gid: NOBODY }, environment),
        ];
  let refusal = '';
  for (const candidate of candidates) {
    const answer = await tryOut(candidate, native, postgresDir);
    if (answer === null) {
      // Only what is root's to give, and only away from root: in a user's own home there is nothing to hand over, and
      // chown by root among files that a user controls would be a way to take over any file.
      if (owner.uid === 0 && candidate.uid !== 0) {
        handOver(join(postgresDir, 'data'), candidate);
        handOver(postgresDir, candidate);
      }
      return candidate;
    }
    if (DOES_NOT_RUN.test(answer)) throw unusable(native, answer);
    refusal = answer;
  }
  const last = candidates.at(-1) as Launcher;
  const closed = closedDirectory(postgresDir, last) ?? closedDirectory(native.pgCtl, last);
  if (closed === null) throw unusable(native, refusal);
  throw new UnavailableError(
    'embedded_postgres_unreachable',
    `Postgres may not run as root, and as uid ${last.uid} it cannot enter ${closed}`,
    {
      hint:
        `run the command as an ordinary user, or allow root user namespaces (unshare), or open the way with ` +
        `chmod o+x ${closed}, or set REVSHARE_HOME to a directory that uid ${last.uid} can reach (say /var/lib/revshare)`,
      details: { directory: closed, uid: last.uid },
    },
  );
}

/** A way to start programs with an identity. (node clears the supplementary groups when it is given a uid.) */
function launcher(
  kind: Launcher['kind'],
  { uid, gid }: { uid: number; gid: number },
  environment: Record<string, string>,
): Launcher {
  return {
    kind,
    uid,
    gid,
    run: (program, args, options) =>
      kind === 'namespace'
        ? finish('unshare', ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, program, ...args], {
            ...options,
            environment,
          })
        : finish(program, args, { ...options, environment, ...(kind === 'user' ? { uid, gid } : {}) }),
  };
}

/**
 * Runs a program to its end. It gets pipes of its own, never our terminal or our caller's pipe: the server it starts
 * lives on, and `revshare demo | tail` would wait for it for ever.
 */
function finish(
  program: string,
  args: readonly string[],
  options: RunOptions & { environment: Record<string, string>; uid?: number; gid?: number },
): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: options.detached ?? false,
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    // A timer of our own: node's `timeout` lives on when the program does not exist, and keeps the command from ending.
    const timer = setTimeout(() => child.kill('SIGTERM'), options.timeoutMs);
    const done = (code: number | null): void => {
      clearTimeout(timer);
      resolve({ code, output });
    };
    child.once('error', (error) => {
      output += error.message;
      done(null);
    });
    child.once('close', done);
  });
}

/** PGOPTIONS, PGDATA, a locale: anything of the caller's could change what the server becomes for everyone after. */
function cleanEnvironment(libraryPath: string | null): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    LC_ALL: 'C',
    TZ: 'UTC',
    ...(libraryPath === null ? {} : { LD_LIBRARY_PATH: libraryPath }),
  };
}

/** null when the binaries run and see the directory; else what they said. */
async function tryOut(candidate: Launcher, native: Native, postgresDir: string): Promise<string | null> {
  // `pg_ctl status` looks at the directory and touches nothing; its exit codes 0, 3 and 4 are all answers. So is its
  // complaint that the directory itself is closed to it: that one is ours to hand over.
  const { code, output } = await candidate.run(native.pgCtl, ['status', '-D', postgresDir], {
    cwd: '/',
    timeoutMs: 10_000,
  });
  const answered = code === 0 || code === 3 || code === 4 || output.includes('could not open PID file');
  return answered && !output.includes('could not access') ? null : output || `exit code ${String(code)}`;
}

/** Whose the data is, or is going to be. */
function ownerOf(postgresDir: string): { uid: number; gid: number } {
  for (const path of [join(postgresDir, 'data'), postgresDir]) {
    try {
      const { uid, gid } = statSync(path);
      return { uid, gid };
    } catch {
      // The next one says.
    }
  }
  return { uid: 0, gid: 0 };
}

/**
 * Gives what root owns in the directory to the server's identity, the directory itself last, so that an interrupted
 * attempt is seen and finished by the next. Links are given away themselves, never what they name.
 */
function handOver(path: string, to: { uid: number; gid: number }): void {
  let found: Stats;
  try {
    found = lstatSync(path);
    if (found.uid !== 0) return;
    if (found.isDirectory()) for (const name of readdirSync(path)) handOver(join(path, name), to);
    lchownSync(path, to.uid, to.gid);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error; // Gone: another command's leftovers, cleared away meanwhile.
  }
}

/** The first directory on the way to `path` that this identity may not enter. */
function closedDirectory(path: string, who: { uid: number; gid: number }): string | null {
  const way: string[] = [];
  for (let at = dirname(path); ; at = dirname(at)) {
    way.unshift(at);
    if (at === dirname(at)) break;
  }
  for (const directory of way) {
    const { uid, gid, mode } = statSync(directory);
    const bit = uid === who.uid ? 0o100 : gid === who.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return directory;
  }
  return null;
}
