import { steady } from './golden.ts';
import type { shell } from './terminal.ts';

/** Each golden is named by its command and holds what these lines print; `>` marks a terminal, `|` a pipe. */
export type Story = readonly (readonly [golden: string, ...lines: string[]])[];

/** Where a story is told, when it wants more than an empty programme. */
export interface Stage {
  readonly type: ReturnType<typeof shell>;
  readonly leave: () => Promise<void>;
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
