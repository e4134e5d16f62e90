import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { main } from '../src/cli/main.ts';

/** The tool as a process: its streams, its environment, the wall clock; returns the exit code and ends nothing. */
export async function run(argv: readonly string[]): Promise<number> {
  const { stdout, stderr } = process;
  const interrupt = new AbortController();
  const onSignal = () => {
    interrupt.abort();
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  try {
    return await main(argv, {
      io: {
        // Opened when somebody reads: few commands do.
        get stdin() {
          return process.stdin;
        },
        stdout,
        stderr,
        stdinIsTTY: isatty(0),
        stdoutIsTTY: stdout.isTTY,
        stderrIsTTY: stderr.isTTY,
        // Some pseudo-terminals have no width: then nothing is fitted to it.
        columns: stdout.isTTY && stdout.columns > 0 ? stdout.columns : null,
      },
      env: process.env,
      cwd: process.cwd(),
      clock: { now: () => Date.now() },
      executable: [process.execPath, fileURLToPath(new URL('../bin/revshare.js', import.meta.url))],
      version: manifest.version,
      interrupted: interrupt.signal,
      readableStack: async (stack) => {
        const { originalFrames } = await import('./original-frames.mts');
        return originalFrames(stack, dirname(fileURLToPath(import.meta.url)));
      },
      openContext: async (request) => {
        const context = await (await import('../src/app.ts')).openContext(request);
        // This process ends with what it was called for.
        return { ...context, close: () => Promise.resolve(context.db.leave()) };
      },
      loadJobs: async () => await import('../jobs/index.ts'),
    });
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
