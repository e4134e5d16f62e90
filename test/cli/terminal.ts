import { PassThrough } from 'node:stream';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openContext } from '../../src/app.ts';
import type { Asker } from '../../src/cli/asker.ts';
import { main, type Host } from '../../src/cli/main.ts';
import { testClock, type TestDatabase } from '../database.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunSettings {
  /** Connected to a terminal of this width; default: pipes. */
  readonly tty?: number;
  readonly now?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Answers questions; makes a terminal of stdin too. */
  readonly asker?: Asker;
  readonly host?: Partial<Host>;
}

const made: string[] = [];
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/**
 * A directory without a project file, and a user file that does not exist: nothing of this machine is read. Gone with the
 * last test of the file.
 */
export function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'revshare-cli-'));
  made.push(directory);
  return directory;
}
const nowhere = emptyDirectory();

/** Runs a command line in this process and returns what it said. */
export async function run(argv: readonly string[], settings: RunSettings = {}): Promise<Ran> {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    streams[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  }
  const isTTY = settings.tty !== undefined || settings.asker !== undefined;
  const code = await main(argv, {
    io: {
      stdin: new PassThrough(),
      ...streams,
      stdinIsTTY: isTTY,
      stdoutIsTTY: isTTY,
      stderrIsTTY: isTTY,
      columns: isTTY ? (settings.tty ?? 100) : null,
    },
    env: { REVSHARE_CONFIG: join(nowhere, 'none.toml'), ...settings.env },
    cwd: settings.cwd ?? nowhere,
    clock: testClock(settings.now),
    executable: ['/usr/bin/node', '/opt/revshare/bin/revshare.js'],
    version: '0.0.0-test',
    ...(settings.asker === undefined ? {} : { asker: settings.asker }),
    openContext,
    loadJobs: async () => await import('../../jobs/index.ts'),
    ...settings.host,
  });
  return { code, ...said };
}

/** Reads a command line as a shell would, as far as examples use one: words, single and double quotes. */
export function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** A shell in the programme of a test database: `sh('partner list')`. */
export function shell(database: TestDatabase, defaults: RunSettings = {}) {
  const env = { ...database.environment(), ...defaults.env };
  return async (line: string | readonly string[], settings: RunSettings = {}): Promise<Ran> =>
    await run(typeof line === 'string' ? words(line) : line, {
      ...defaults,
      ...settings,
      env: { ...env, ...settings.env },
    });
}
