/** Ending a server by signals, whatever its home is called by now. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '../../domain/errors.ts';
import { removeSocketDirectory } from './directories.ts';
import { realDataDir } from './endpoint.ts';
import { errnoOf, foreignOwner } from './failures.ts';
import { isAlive } from './lock-files.ts';
import { readPidFile } from './pid-file.ts';
import { judgePostgres } from './processes.ts';

/** Signals the server on `dataDir` and waits for its end; false when none ran. Any other process is left alone. */
export async function stopServerOn(dataDir: string, how: 'SIGINT' | 'SIGQUIT', limitMs: number): Promise<boolean> {
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

/** Sends a signal; a process that is gone has had it. */
export function signal(pid: number, name: 'SIGINT' | 'SIGQUIT' | 'SIGTERM', dataDir: string): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errnoOf(error) === 'EPERM') throw foreignOwner(dataDir);
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}
