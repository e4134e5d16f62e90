/** The server's log: one file and one generation, and what a start that failed says in it. */
import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/** A log this long is put aside at the next start, one generation. */
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

/** Puts a long log aside and says where this start's lines will begin. */
export function rotateLog(logFile: string): number {
  try {
    const { size } = statSync(logFile);
    if (size < LOG_LIMIT_BYTES) return size;
    renameSync(logFile, `${logFile}.1`);
  } catch {
    // None yet, or another command has just done it.
  }
  return 0;
}

/** The end of the log, from where this start's lines begin; at most 16 kB of it. */
export function tailOf(logFile: string, from: number): string {
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

/** The line that says why, without its time and level; undefined when the log is empty. */
export function reasonIn(log: string): string | undefined {
  const lines = log.split('\n');
  const fatal = lines.findLast((line) => /\b(?:FATAL|PANIC):/.test(line)) ?? lines.findLast((line) => line !== '');
  return fatal?.replace(/^.*?\b(?:FATAL|PANIC):\s*/, '');
}
