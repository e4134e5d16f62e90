import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childScript } from '../children.ts';
import { stopServer } from '../../src/db/embedded/server.ts';

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An operator at a terminal of their own: the real command line, as a process, on an embedded server in a fresh home. */
export interface Operator {
  readonly home: string;
  /** Types one command; arguments as an array, so that nothing is lost on a shell. */
  type(argv: readonly string[], env?: Readonly<Record<string, string>>): Answer;
  /** Types it and insists that it ends well. */
  must(argv: readonly string[], env?: Readonly<Record<string, string>>): string;
  leave(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

export function operator(): Operator {
  const home = mkdtempSync(join(tmpdir(), 'revshare-story-'));
  const type = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Answer => {
    const { DATABASE_URL: _url, ...inherited } = process.env;
    const ended = spawnSync(process.execPath, [childScript('command-child'), ...argv], {
      cwd: root,
      encoding: 'utf8',
      env: { ...inherited, REVSHARE_HOME: home, REVSHARE_ACTOR: 'fiona', NO_COLOR: '1', ...env },
      maxBuffer: 256 * 1024 * 1024,
    });
    return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr };
  };
  return {
    home,
    type,
    must(argv, env) {
      const answer = type(argv, env);
      if (answer.code !== 0) {
        throw new Error(
          `revshare ${argv.join(' ')} ended with ${answer.code}\n${answer.stderr}\n${answer.stdout.slice(0, 2000)}`,
        );
      }
      return answer.stdout;
    },
    async leave() {
      await stopServer(home, 'immediate');
      rmSync(home, { recursive: true, force: true });
    },
  };
}
