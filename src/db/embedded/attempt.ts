/**
 * Bringing a server up, step by step: each step does the next thing that is missing and leaves it to the next look whether
 * it worked, for any number of other commands may be at the same.
 */
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '../../domain/errors.ts';
import { assertOwner, isEmptyOrAbsent, makePostgresDirectory, makeSocketDirectory, versionOf } from './directories.ts';
import {
  assertSocketDirectory,
  embeddedEndpoint,
  realDataDir,
  socketDirectoryFor,
  type EmbeddedEndpoint,
} from './endpoint.ts';
import { notOurs, otherVersion } from './failures.ts';
import { initialiseCluster } from './initialise.ts';
import { chooseLauncher, type Launcher } from './launcher.ts';
import { isAlive, removeIfUnchanged, removeStaleSocketLock } from './lock-files.ts';
import { findNative, linkLibraries, type Native } from './native.ts';
import { pidFilePath, readPidFile, type PidFile } from './pid-file.ts';
import type { Answer } from './probe.ts';
import { postgresProcessesIn } from './processes.ts';
import { reasonIn, rotateLog, tailOf } from './server-log.ts';
import { startOptions } from './settings.ts';
import { signal } from './stop.ts';

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

/** A start that fails this often with nobody else at it is not bad luck. */
const START_ATTEMPTS = 3;
/** How long a ready server may have no socket, and a lock file no contents, before that counts as broken. */
const GRACE_MS = 1_000;

/** One call of ensureServer: what it has tried, how much time is left. */
export class Attempt {
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

/** Where a server of this data directory really listens, which a moved home does not tell. */
export function listeningAt(endpoint: EmbeddedEndpoint, pidFile: PidFile): EmbeddedEndpoint {
  if (pidFile.socketDir === '' || pidFile.socketDir === endpoint.socketDir) return endpoint;
  const actual = { ...endpoint, socketDir: pidFile.socketDir, port: pidFile.port };
  assertSocketDirectory(actual);
  return actual;
}

/** pg_ctl hands its options to `/bin/sh`, and TMPDIR may hold anything. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
