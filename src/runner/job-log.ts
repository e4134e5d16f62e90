import { closeSync, openSync } from 'node:fs';
import { fileFailure } from '../files/failures.ts';
import type { Context } from '../services/context.ts';

/** Where a log goes: `-` is stderr. */
export const TO_STDERR = '-';

/** A line of JSON an event, for whoever collects logs. */
export interface JobLog {
  info(facts: Readonly<Record<string, unknown>>, text: string): void;
  error(facts: Readonly<Record<string, unknown>>, text: string): void;
  close(): void;
}

export const SILENT_LOG: JobLog = { info: () => {}, error: () => {}, close: () => {} };

/**
 * Opens a log by pino: level, time by the context's clock, programme and actor on each line. Written at once, so that a killed
 * process leaves what it said. Throws UnavailableError or UsageError for a file that cannot be written to.
 */
export async function openJobLog(
  { clock, programme, actor }: Pick<Context, 'clock' | 'programme' | 'actor'>,
  file: string,
  stderr: NodeJS.WritableStream,
): Promise<JobLog> {
  const { pino } = await import('pino');
  const fd = file === TO_STDERR ? null : openForAppending(file);
  const destination =
    fd === null ? { write: (line: string) => void stderr.write(line) } : pino.destination({ fd, sync: true });
  const log = pino(
    {
      base: { programme, actor, pid: process.pid },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    destination,
  );
  return {
    info: (facts, text) => {
      log.info(facts, text);
    },
    error: (facts, text) => {
      log.error(facts, text);
    },
    close: () => {
      if (fd !== null) closeSync(fd);
    },
  };
}

function openForAppending(file: string): number {
  try {
    return openSync(file, 'a', 0o640);
  } catch (error) {
    throw fileFailure(file, error);
  }
}
