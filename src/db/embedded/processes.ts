/**
 * Is the process that a file names still the one it meant? After kill -9 a pid can belong to a zombie, which never ends
 * where nobody reaps it (containers), or to a stranger who got the number again. Postgres itself only asks whether the
 * pid exists, and refuses to start for as long as it does.
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** `unknown` is alive and cannot be looked at: the careful reading is that it is ours. */
export type Judgement = 'ours' | 'gone' | 'stranger' | 'unknown';

interface ProcessLine {
  command: string;
  state: string;
  /** Ticks since boot; together with the pid it names one process for good. */
  startTime: string;
}

/** Judges whether `pid` is a Postgres process working in `dataDir` (a real path). */
export function judgePostgres(pid: number, dataDir: string): Judgement {
  if (process.platform !== 'linux') {
    const alive = signalable(pid);
    return alive === 'yes' ? 'unknown' : alive === 'no' ? 'gone' : 'stranger';
  }
  const line = processLine(pid);
  if (line === null || 'ZXx'.includes(line.state)) return 'gone';
  // A shell or an editor may stand in the data directory, so the directory alone proves nothing.
  if (line.command !== 'postgres') return 'stranger';
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === dataDir ? 'ours' : 'stranger';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    // Someone else's process cannot be our postmaster: Postgres runs only as the owner of its data.
    return ownerOf(`/proc/${pid}`) !== ownerOf(dataDir) ? 'stranger' : 'unknown';
  }
}

/**
 * Backends that outlived their postmaster. They still hold its shared memory, so no new one can start, and they end by
 * themselves as soon as they next wait for something.
 */
export function postgresProcessesIn(dataDir: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => judgePostgres(pid, dataDir) === 'ours');
}

/** A name for this very process that no later one can carry. */
export function ownProcessName(): string {
  return `${(processLine(process.pid)?.startTime ?? '0').padStart(12, '0')}-${process.pid}`;
}

/** Whether the process of such a name still lives. */
export function isProcessAlive(startTime: string, pid: number): boolean {
  if (process.platform !== 'linux') return signalable(pid) !== 'no';
  const line = processLine(pid);
  return line !== null && !'ZXx'.includes(line.state) && line.startTime.padStart(12, '0') === startTime;
}

function processLine(pid: number): ProcessLine | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The command stands in parentheses and may hold some itself: the last one closes it.
  const close = text.lastIndexOf(')');
  const rest = text.slice(close + 2).split(' ');
  return { command: text.slice(text.indexOf('(') + 1, close), state: rest[0] ?? 'X', startTime: rest[19] ?? '0' };
}

function ownerOf(path: string): number | null {
  try {
    return statSync(path).uid;
  } catch {
    return null;
  }
}

function signalable(pid: number): 'yes' | 'no' | 'forbidden' {
  try {
    process.kill(pid, 0);
    return 'yes';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'forbidden' : 'no';
  }
}
