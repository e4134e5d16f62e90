import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { testDatabase } from '../database.ts';
import { steady } from './golden.ts';
import { emptyDirectory, shell } from './terminal.ts';

/** Each golden is named by its command and holds what these lines print; `>` marks a terminal, `|` a pipe. */
export type Story = readonly (readonly [golden: string, ...lines: string[]])[];

/** Where a story is told, when it wants more than an empty programme. */
export interface Stage {
  readonly type: ReturnType<typeof shell>;
  readonly leave: () => Promise<void>;
}

export interface Scene {
  /** Typed in order before the story begins; each has to succeed. */
  readonly lines: readonly string[];
  /** What lies in the working directory, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** `--actor checker` may approve what tester asked for, and `--actor second` what wants two. */
  readonly checker?: boolean;
}

/** A programme and a directory of a story's own, and the directory's path. */
export async function openStage({ lines, files = {}, checker = false }: Scene): Promise<Stage & { cwd: string }> {
  const database = await testDatabase();
  const cwd = emptyDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const type = shell(database, checker ? { cwd, env: await database.environmentOf('checker', 'second') } : { cwd });
  for (const line of lines) {
    const made = await type(line);
    expect(made.code, `${line}\n${made.stderr}`).toBe(0);
  }
  return {
    type,
    cwd,
    async leave() {
      await database.drop();
      rmSync(cwd, { recursive: true, force: true });
    },
  };
}

/** The same stage, told without the place of its directory: that is this machine's, and the files' names are the story's. */
export function withoutPlace({ type, cwd, leave }: Stage & { readonly cwd: string }): Stage {
  return {
    async type(line, settings) {
      const { stdout, stderr, ...ran } = await type(line, settings);
      return { ...ran, stdout: stdout.replaceAll(`${cwd}/`, ''), stderr: stderr.replaceAll(`${cwd}/`, '') };
    },
    leave,
  };
}

const TERMINAL = { tty: 110, env: { NO_COLOR: '1' } };

/** Types the lines in order and returns what they said, without what differs from run to run. */
export async function told(type: ReturnType<typeof shell>, lines: readonly string[]): Promise<string> {
  let text = '';
  for (const line of lines) {
    const { code, stdout, stderr } = await type(line.slice(2), line.startsWith('>') ? TERMINAL : {});
    text += `${line}\n${stdout}${stderr === '' ? '' : `-- stderr\n${stderr}`}-- exit ${code}\n\n`;
  }
  return steady(text);
}
