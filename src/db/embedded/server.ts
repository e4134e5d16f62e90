/**
 * The embedded Postgres of a home: made, started, repaired, stopped and removed. It has no guardian process. Every
 * command that finds it down brings it up, and any number of commands may do so at once; what decides between them is
 * the file system (rename, Postgres's own lock file), never a memory of ours.
 */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RefusedError, UnavailableError } from '../../domain/errors.ts';
import {
  assertSocketDirectory,
  CLUSTER_ID_FILE,
  embeddedEndpoint,
  realDataDir,
  socketDirectoryFor,
  type EmbeddedEndpoint,
} from './endpoint.ts';
import { errnoOf, foreignOwner, homeFailure } from './failures.ts';
import { initialiseCluster, sweepUnfinished } from './initialise.ts';
import { chooseLauncher, type Launcher } from './launcher.ts';
import { findNative, linkLibraries, type Native } from './native.ts';
import { pidFilePath, readPidFile, type PidFile } from './pid-file.ts';
import { createDatabase, probe, type Answer } from './probe.ts';
import { judgePostgres, ownProcessName, postgresProcessesIn } from './processes.ts';
import { startOptions } from './settings.ts';

export { EMBEDDED_DATABASE, EMBEDDED_SUPERUSER, embeddedEndpoint, type EmbeddedEndpoint } from './endpoint.ts';

/** What ensureServer did on the way, for a person who waits: text without secrets, one line. */
export interface ServerEvent {
  kind: 'initialising' | 'starting' | 'recovered' | 'waiting';
  text: string;
}

export interface EnsureOptions {
  /** How long to keep trying, 15 s unless told; making a new database does not count against it. */
  deadlineMs?: number;
  onEvent?: (event: ServerEvent) => void;
}

export interface ServerStatus {
  /** `stale`: a pid file is there and its server is not; the next command repairs that. */
  state: 'absent' | 'stopped' | 'running' | 'stale';
  pid: number | null;
  /** Major version of the data directory. */
  pgVersion: string | null;
  /** Full version of the running server; null when it does not answer. */
  serverVersion: string | null;
  dataDir: string;
  socketDir: string;
  logFile: string;
  port: number;
}

/** A log this long is put aside at the next start, one generation. */
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
/** A start that fails this often with nobody else at it is not bad luck. */
const START_ATTEMPTS = 3;
/** How long a ready server may have no socket, and a lock file no contents, before that counts as broken. */
const GRACE_MS = 1_000;

/**
 * Guarantees that the server of `home` runs and that EMBEDDED_SUPERUSER can connect to EMBEDDED_DATABASE at the
 * returned endpoint, making and starting both as needed. Safe for many processes at once. Reads only, when it runs
 * already. Prefer the returned endpoint to one computed before: the first call on a home gives the cluster its id.
 *
 * @throws UnavailableError `home_not_writable`, `home_not_a_directory`, `home_of_another_user`, `disk_full`,
 *   `embedded_postgres_missing`, `embedded_postgres_unusable`, `embedded_postgres_unreachable`,
 *   `embedded_initdb_failed`, `embedded_start_failed`, `embedded_not_ready`, `socket_directory_unsafe`
 * @throws RefusedError `embedded_other_version`, `not_our_database`
 */
export async function ensureServer(home: string, options: EnsureOptions = {}): Promise<EmbeddedEndpoint> {
  const attempt = new Attempt(home, options);
  for (;;) {
    const endpoint = attempt.endpoint();
    const answer = await probe(endpoint, Math.min(5_000, attempt.remainingMs()));
    switch (answer.kind) {
      case 'ready':
        return endpoint;
      case 'no_database': {
        // Whatever comes of it, only a connection that works says that it is there.
        const created = await createDatabase(endpoint, Math.max(1_000, attempt.remainingMs()));
        if (created.kind === 'refusing') throw refused(endpoint, created.reason);
        attempt.note(created);
        break;
      }
      case 'refusing':
        throw refused(endpoint, answer.reason);
      case 'busy':
        attempt.note(answer);
        break;
      case 'absent':
        await attempt.bringUp();
        break;
    }
    await attempt.pause();
  }
}

/**
 * Stops the server of `home` and waits until it is gone. `fast` ends sessions and writes everything out; `immediate`
 * is a crash on purpose, repaired at the next start.
 * @throws UnavailableError `embedded_stop_timeout` when it is still there after a minute, `home_of_another_user`
 */
export async function stopServer(home: string, mode: 'fast' | 'immediate' = 'fast'): Promise<{ wasRunning: boolean }> {
  const { dataDir } = embeddedEndpoint(home);
  return { wasRunning: await stopServerOn(dataDir, mode === 'fast' ? 'SIGINT' : 'SIGQUIT', 60_000) };
}

/** Says how the server of `home` is. Changes nothing. */
export async function serverStatus(home: string): Promise<ServerStatus> {
  const computed = embeddedEndpoint(home);
  const pidFile = readPidFile(computed.dataDir);
  const alive = pidFile !== null && isAlive(pidFile, computed.dataDir);
  const endpoint = alive ? listeningAt(computed, pidFile) : computed;
  const answer: Answer = alive ? await probe(endpoint, 3_000) : { kind: 'absent' };
  const pgVersion = versionOf(computed.dataDir);
  return {
    state: alive ? 'running' : pidFile !== null ? 'stale' : pgVersion === null ? 'absent' : 'stopped',
    pid: alive ? pidFile.pid : null,
    pgVersion,
    serverVersion: answer.kind === 'ready' ? answer.serverVersion : null,
    dataDir: endpoint.dataDir,
    socketDir: endpoint.socketDir,
    logFile: endpoint.logFile,
    port: endpoint.port,
  };
}

/**
 * Stops the server of `home` and removes its data directory with everything in it. Done already when there is none.
 * @throws RefusedError `not_our_database` for a directory that revshare did not make, or that is a symbolic link.
 */
export async function destroyServer(home: string): Promise<void> {
  const endpoint = embeddedEndpoint(home);
  const { dataDir } = endpoint;
  const postgresDir = dirname(dataDir);
  const found = lstatOrNull(dataDir);
  if (found === null) return;
  if (!found.isDirectory() || !existsSync(join(dataDir, CLUSTER_ID_FILE)) || versionOf(dataDir) === null)
    throw notOurs(dataDir, 'it will not be removed');
  try {
    await stopServerOn(dataDir, 'SIGINT', 60_000);
    // Under its new name no command can start it again; one that was about to has its pid file in there.
    const trash = join(postgresDir, `trash-${ownProcessName()}-${randomBytes(4).toString('hex')}`);
    renameSync(dataDir, trash);
    await stopServerOn(trash, 'SIGQUIT', 60_000);
    rmSync(trash, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    sweepUnfinished(postgresDir);
    removeSocketDirectory(endpoint.socketDir);
  } catch (error) {
    // Another command may have removed the data first.
    if (existsSync(dataDir)) throw homeFailure(dataDir, error);
  }
}

/** One call of ensureServer: what it has tried, how much time is left. */
class Attempt {
  private readonly home: string;
  private readonly budgetMs: number;
  private readonly onEvent: (event: ServerEvent) => void;
  private deadline: number;
  private lastReason = 'nobody listens';
  private pauses = 0;
  private startFailures = 0;
  private brokenSince: number | null = null;
  private said = new Set<string>();
  private means: { native: Native; launcher: Launcher } | null = null;

  constructor(home: string, options: EnsureOptions) {
    this.home = home;
    this.budgetMs = options.deadlineMs ?? 15_000;
    this.onEvent = options.onEvent ?? (() => {});
    this.deadline = performance.now() + this.budgetMs;
  }

  remainingMs(): number {
    return Math.max(0, this.deadline - performance.now());
  }

  note(answer: Answer): void {
    if ('reason' in answer) this.lastReason = answer.reason;
  }

  /** The computed endpoint, or where a server of this data directory really listens (its home was moved meanwhile). */
  endpoint(): EmbeddedEndpoint {
    const computed = embeddedEndpoint(this.home);
    const pidFile = readPidFile(computed.dataDir);
    if (pidFile === null || pidFile.socketDir === computed.socketDir || !isAlive(pidFile, computed.dataDir))
      return computed;
    return listeningAt(computed, pidFile);
  }

  async pause(): Promise<void> {
    if (this.remainingMs() === 0) throw this.tooLate();
    // Short at first, for a start takes a tenth of a second; uneven, so that eight commands do not march in step.
    this.pauses += 1;
    await sleep(Math.min(200, 15 * this.pauses) * (0.7 + Math.random() * 0.6));
  }

  /** Nobody listens: does the next thing that is missing, and leaves it to the caller to look again. */
  async bringUp(): Promise<void> {
    const endpoint = embeddedEndpoint(this.home);
    const { dataDir } = endpoint;
    const postgresDir = dirname(dataDir);
    makePostgresDirectory(endpoint.home, postgresDir);
    assertOwner(dataDir);

    const version = versionOf(dataDir);
    if (version === null) {
      if (!isEmptyOrAbsent(dataDir)) throw notOurs(dataDir, 'it is left alone');
      const { native, launcher } = await this.prepare(postgresDir);
      await initialiseCluster(postgresDir, native, launcher, () =>
        this.say('initialising', `making a new database in ${dataDir}`),
      );
      this.deadline = performance.now() + this.budgetMs;
      return;
    }
    const { major } = findNative();
    if (version !== major) throw otherVersion(dataDir, version, major);

    const pidFile = readPidFile(dataDir);
    if (pidFile !== null && !this.settle(dataDir, pidFile)) return;
    const orphans = postgresProcessesIn(realDataDir(dataDir));
    if (orphans.length > 0) {
      this.lastReason = `processes of a server that was killed still run (${orphans.join(', ')})`;
      this.say('waiting', 'waiting for the processes of a killed server to end');
      return;
    }
    await this.start(endpoint);
  }

  /** Deals with a lock file whose server does not answer. True when nothing stands in the way of a start. */
  private settle(dataDir: string, pidFile: PidFile): boolean {
    if (isAlive(pidFile, dataDir)) {
      if (pidFile.status !== 'ready') {
        this.lastReason = pidFile.status === 'stopping' ? 'it is shutting down' : 'it is starting up';
        this.brokenSince = null;
        return false;
      }
      this.lastReason = `the server (pid ${String(pidFile.pid)}) runs, and its socket is gone from ${pidFile.socketDir}`;
      if (!this.brokenFor(GRACE_MS)) return false;
      // Someone cleaned up the temporary directory. `smart` lets work in progress finish first: nobody new can get in,
      // and cutting off a colleague's job is not ours to decide.
      this.say('recovered', 'the server had lost its socket and is started anew');
      signal(pidFile.pid as number, 'SIGTERM', dataDir);
      return false;
    }
    if (pidFile.pid === null) {
      this.lastReason = 'another command is just starting it';
      if (!this.brokenFor(GRACE_MS)) return false;
    }
    // Backends of a killed server first: as long as they run, the file is what keeps a new one from their data.
    if (postgresProcessesIn(realDataDir(dataDir)).length > 0) return true;
    removeIfUnchanged(pidFilePath(dataDir), pidFile.raw);
    this.say('recovered', 'the server had been killed and is started anew');
    return true;
  }

  private async start(computed: EmbeddedEndpoint): Promise<void> {
    const postgresDir = dirname(computed.dataDir);
    const { native, launcher } = await this.prepare(postgresDir);
    const socketDir = socketDirectoryFor(computed.dataDir);
    makeSocketDirectory({ dataDir: computed.dataDir, socketDir }, launcher);
    removeStaleSocketLock(join(socketDir, `.s.PGSQL.${computed.port}.lock`), realDataDir(computed.dataDir));
    const logStart = rotateLog(computed.logFile);
    this.say('starting', 'starting the database');
    const seconds = Math.max(1, Math.ceil(this.remainingMs() / 1000));
    const { output } = await launcher.run(
      native.pgCtl,
      [
        'start',
        '--wait',
        `--timeout=${seconds}`,
        '--silent',
        // Relative, like initdb's: pg_ctl puts both into a shell command.
        '--pgdata=data',
        '--log=postgres.log',
        `--options=${startOptions(computed.port)} -k ${shellWord(socketDir)}`,
      ],
      { cwd: postgresDir, timeoutMs: seconds * 1000 + 5_000, detached: true },
    );
    // Whether it worked is for the next connection to say. If not, the usual reason is that someone else was faster.
    const pidFile = readPidFile(computed.dataDir);
    if (pidFile !== null && (pidFile.pid === null || isAlive(pidFile, computed.dataDir))) return;
    const log = tailOf(computed.logFile, logStart);
    if (/pre-existing shared memory block/.test(log)) {
      this.lastReason = 'processes of a server that was killed still hold its memory';
      return;
    }
    this.startFailures += 1;
    this.lastReason = reasonIn(log) ?? output.trim();
    if (this.startFailures >= START_ATTEMPTS)
      throw new UnavailableError('embedded_start_failed', `the embedded database does not start: ${this.lastReason}`, {
        hint: `look into ${computed.logFile}`,
        details: { log: log.slice(-2000), runAs: launcher.kind },
      });
  }

  private async prepare(postgresDir: string): Promise<{ native: Native; launcher: Launcher }> {
    if (this.means === null) {
      const native = linkLibraries(findNative(), postgresDir);
      this.means = { native, launcher: await chooseLauncher(native, postgresDir) };
    }
    return this.means;
  }

  private brokenFor(ms: number): boolean {
    this.brokenSince ??= performance.now();
    return performance.now() - this.brokenSince >= ms;
  }

  private say(kind: ServerEvent['kind'], text: string): void {
    if (this.said.has(text)) return;
    this.said.add(text);
    this.onEvent({ kind, text });
  }

  private tooLate(): UnavailableError {
    const { logFile } = embeddedEndpoint(this.home);
    const seconds = Math.round(this.budgetMs / 1000);
    return new UnavailableError(
      'embedded_not_ready',
      `the embedded database was not ready after ${seconds} s: ${this.lastReason}`,
      { hint: `try again in a moment: after a crash it replays its log first; if it stays so, look into ${logFile}` },
    );
  }
}

function isAlive(pidFile: PidFile, dataDir: string): boolean {
  if (pidFile.pid === null) return false;
  const judgement = judgePostgres(pidFile.pid, realDataDir(dataDir));
  return judgement === 'ours' || judgement === 'unknown';
}

function listeningAt(endpoint: EmbeddedEndpoint, pidFile: PidFile): EmbeddedEndpoint {
  if (pidFile.socketDir === '' || pidFile.socketDir === endpoint.socketDir) return endpoint;
  const actual = { ...endpoint, socketDir: pidFile.socketDir, port: pidFile.port };
  assertSocketDirectory(actual);
  return actual;
}

/** Signals the server on `dataDir` and waits for its end; false when none ran. Any other process is left alone. */
async function stopServerOn(dataDir: string, how: 'SIGINT' | 'SIGQUIT', limitMs: number): Promise<boolean> {
  const pidFile = readPidFile(dataDir);
  if (pidFile?.pid == null || !isAlive(pidFile, dataDir)) return false;
  const { pid } = pidFile;
  const until = performance.now() + limitMs;
  signal(pid, how, dataDir);
  for (let pauseMs = 5; ; pauseMs = Math.min(100, pauseMs * 1.5)) {
    await sleep(pauseMs);
    if (judgePostgres(pid, realDataDir(dataDir)) !== 'ours') {
      removeSocketDirectory(pidFile.socketDir);
      return true;
    }
    if (performance.now() > until)
      throw new UnavailableError('embedded_stop_timeout', `the embedded database (pid ${pid}) does not stop`, {
        hint: 'it may still be writing to a slow disk: wait and try again, or stop it with `db stop --mode immediate`',
        details: { pid },
      });
  }
}

/** Keeps the temporary directory tidy. A start that has just made it anew either has its socket in it or tries again. */
function removeSocketDirectory(path: string): void {
  if (!basename(path).startsWith('revshare-')) return;
  try {
    rmdirSync(path);
  } catch {
    // In use again, or gone.
  }
}

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT' | 'SIGTERM', dataDir: string): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errnoOf(error) === 'EPERM') throw foreignOwner(dataDir);
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

/**
 * Removes a lock file that was judged stale, and only that one. Another command may have judged the same file, removed
 * it and started a server since: so the file is taken aside first, and a fresh one put back where it was.
 */
function removeIfUnchanged(path: string, judged: string): void {
  const aside = `${path}.${ownProcessName()}-${randomBytes(4).toString('hex')}`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') !== judged) linkSync(aside, path);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(errnoOf(error))) throw homeFailure(path, error);
  } finally {
    rmSync(aside, { force: true });
  }
}

/** The socket has a lock file of its own, naming the same pid on its first line, and Postgres believes it as readily. */
function removeStaleSocketLock(path: string, dataDir: string): void {
  let raw: string;
  try {
    raw = readFileSync(path, 'utf8');
  } catch {
    return;
  }
  const pid = Math.abs(Number(raw.split('\n')[0]));
  if (!Number.isInteger(pid) || pid === 0) return;
  const judgement = judgePostgres(pid, dataDir);
  if (judgement === 'gone' || judgement === 'stranger') removeIfUnchanged(path, raw);
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

function makePostgresDirectory(home: string, postgresDir: string): void {
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

/** Root may work for anyone; everyone else only on data of their own, as Postgres itself insists. */
function assertOwner(path: string): void {
  const euid = process.geteuid?.() ?? 0;
  if (euid === 0) return;
  try {
    if (statSync(path).uid !== euid) throw foreignOwner(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw homeFailure(path, error);
  }
}

function makeSocketDirectory(place: { dataDir: string; socketDir: string }, launcher: Launcher): void {
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

/** null when there is no cluster. A cluster that cannot be read is someone else's. */
function versionOf(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    if (errnoOf(error) === 'EACCES') throw foreignOwner(dataDir);
    return null;
  }
}

function isEmptyOrAbsent(dataDir: string): boolean {
  try {
    return readdirSync(dataDir).length === 0;
  } catch (error) {
    return errnoOf(error) === 'ENOENT';
  }
}

function lstatOrNull(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}

function refused(endpoint: EmbeddedEndpoint, reason: string): UnavailableError {
  return new UnavailableError('embedded_start_failed', `the embedded database refuses the connection: ${reason}`, {
    hint: `look into ${endpoint.logFile}`,
  });
}

function notOurs(dataDir: string, so: string): RefusedError {
  return new RefusedError('not_our_database', `${dataDir} is not a database that revshare made: ${so}`, {
    hint: 'move it away yourself, or set REVSHARE_HOME to another directory',
    details: { dataDir },
  });
}

function otherVersion(dataDir: string, found: string, ours: string): RefusedError {
  return new RefusedError(
    'embedded_other_version',
    `${dataDir} was made by Postgres ${found}, and this revshare brings Postgres ${ours}`,
    {
      hint:
        `use the revshare that made it for \`db backup\` and restore that backup here into a new REVSHARE_HOME, ` +
        `or set DATABASE_URL to a server that runs Postgres ${found}`,
      details: { dataDir, found, ours },
    },
  );
}

/** Puts a long log aside and says where this start's lines will begin. */
function rotateLog(logFile: string): number {
  try {
    const { size } = statSync(logFile);
    if (size < LOG_LIMIT_BYTES) return size;
    renameSync(logFile, `${logFile}.1`);
  } catch {
    // None yet, or another command has just done it.
  }
  return 0;
}

function tailOf(logFile: string, from: number): string {
  try {
    const file = openSync(logFile, 'r');
    try {
      const size = Math.max(0, statSync(logFile).size - from);
      const start = from + Math.max(0, size - 16_384);
      const buffer = Buffer.alloc(Math.min(size, 16_384));
      return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, start));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

function reasonIn(log: string): string | undefined {
  const lines = log.split('\n');
  const fatal = lines.findLast((line) => /\b(?:FATAL|PANIC):/.test(line)) ?? lines.findLast((line) => line !== '');
  return fatal?.replace(/^.*?\b(?:FATAL|PANIC):\s*/, '');
}

/** pg_ctl hands its options to `/bin/sh`, and TMPDIR may hold anything. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
