/**
 * The embedded Postgres of a home: made, started, repaired, stopped and removed. It has no guardian process. Every
 * command that finds it down brings it up, and any number of commands may do so at once; what decides between them is
 * the file system (rename, Postgres's own lock file), never a memory of ours.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Attempt, listeningAt, type EnsureOptions } from './attempt.ts';
import { lstatOrNull, removeSocketDirectory, versionOf } from './directories.ts';
import { CLUSTER_ID_FILE, embeddedEndpoint, type EmbeddedEndpoint } from './endpoint.ts';
import { homeFailure, notOurs, refused } from './failures.ts';
import { sweepUnfinished } from './initialise.ts';
import { isAlive } from './lock-files.ts';
import { readPidFile } from './pid-file.ts';
import { createDatabase, probe, type Answer } from './probe.ts';
import { ownProcessName } from './processes.ts';
import { stopServerOn } from './stop.ts';

export { EMBEDDED_DATABASE, EMBEDDED_SUPERUSER, embeddedEndpoint, type EmbeddedEndpoint } from './endpoint.ts';

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
