/**
 * One command's worth of ensureServer in a process of its own, for the tests to start many of, as whoever, in whatever
 * environment. Prints one line of JSON: the endpoint, or the error as a person would meet it.
 */
import { writeSync } from 'node:fs';
import { RevshareError } from '../../../src/domain/errors.ts';
import type { ServerEvent } from '../../../src/db/embedded/attempt.ts';
import { ensureServer } from '../../../src/db/embedded/server.ts';

const [home = '', deadlineMs] = process.argv.slice(2);
const events: ServerEvent[] = [];
const began = performance.now();
let line: Record<string, unknown>;
try {
  const endpoint = await ensureServer(home, {
    onEvent: (event) => events.push(event),
    ...(deadlineMs === undefined ? {} : { deadlineMs: Number(deadlineMs) }),
  });
  line = { ok: true, endpoint };
} catch (error) {
  line =
    error instanceof RevshareError
      ? { ok: false, code: error.code, message: error.message, hint: error.hint }
      : { ok: false, code: 'fault', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
writeSync(1, `${JSON.stringify({ ...line, events: events.map(({ kind }) => kind), ms: performance.now() - began })}\n`);
