/** `postmaster.pid`: who runs on a data directory, as Postgres writes it (src/include/utils/pidfile.h). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PidFile {
  /** The file's bytes, so that who removes it can make sure it is still the one that was judged. */
  raw: string;
  /** null while the file is being written, or when a crash left it empty. */
  pid: number | null;
  dataDir: string;
  port: number;
  /** '' until the postmaster has opened its socket. */
  socketDir: string;
  /** 'starting', 'ready', 'stopping' or '' */
  status: string;
}

export const pidFilePath = (dataDir: string): string => join(dataDir, 'postmaster.pid');

/** null when there is none, or when this user may not see it. Never throws. */
export function readPidFile(dataDir: string): PidFile | null {
  let raw: string;
  try {
    raw = readFileSync(pidFilePath(dataDir), 'utf8');
  } catch {
    return null;
  }
  const lines = raw.split('\n');
  const pid = Number(lines[0]);
  return {
    raw,
    // A stand-alone backend writes its pid negated.
    pid: Number.isInteger(pid) && pid !== 0 ? Math.abs(pid) : null,
    dataDir: lines[1] ?? '',
    port: Number(lines[3] ?? 0),
    socketDir: lines[4] ?? '',
    status: (lines[7] ?? '').trim(),
  };
}
