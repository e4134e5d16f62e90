/**
 * The two lock files of a server, one in its data and one beside its socket. Both name a pid, and Postgres believes both
 * for as long as that pid exists; what is stale is judged here, and only that is removed.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { realDataDir } from './endpoint.ts';
import { errnoOf, homeFailure } from './failures.ts';
import type { PidFile } from './pid-file.ts';
import { judgePostgres, ownProcessName } from './processes.ts';

/** Whether the server that the file names is the one of `dataDir`; in doubt it is. */
export function isAlive(pidFile: PidFile, dataDir: string): boolean {
  if (pidFile.pid === null) return false;
  const judgement = judgePostgres(pidFile.pid, realDataDir(dataDir));
  return judgement === 'ours' || judgement === 'unknown';
}

/**
 * Removes a lock file that was judged stale, and only that one. Another command may have judged the same file, removed
 * it and started a server since: so the file is taken aside first, and a fresh one put back where it was.
 */
export function removeIfUnchanged(path: string, judged: string): void {
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
export function removeStaleSocketLock(path: string, dataDir: string): void {
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
