import { loadConfig } from '../../../config.ts';
import { codesBeginning } from '../../../services/completion/codes-beginning.ts';
import type { Context } from '../../../services/context.ts';
import type { Choice } from '../../asker.ts';
import { command, type Command, type Invocation } from '../../command.ts';
import { candidates, type Candidate, type Known } from '../../completion/candidates.ts';
import type { CodeKind } from '../../completion/code-kinds.ts';
import { INSTALLING, SCRIPTS, SHELLS, type Shell } from '../../completion/scripts.ts';
import { plainText } from '../../output/plain-text.ts';
import { repeatedArgument } from '../../parameters.ts';

const scriptOf = (shell: Shell): Command =>
  command({
    verb: shell,
    summary: `print what ${shell} needs to complete words`,
    description: `Put it into the file that ${shell} reads when it starts: ${INSTALLING[shell]}`,
    parameters: {},
    examples: [{ command: `complete ${shell}` }],
    async run({ print }) {
      await print.out.write(SCRIPTS[shell]);
    },
  });

const words = command({
  verb: 'words',
  summary: 'print what may come next; the scripts of the shells ask this',
  description:
    'Takes the words behind `revshare` up to the cursor, behind --, and prints what the last of them may become: nouns, ' +
    'verbs, options and their choices, codes of partners, instances, tenants, plans, subscriptions and tiers, names of ' +
    'jobs. A word a line, with a tab and what it is about.',
  parameters: { words: repeatedArgument('WORD', 'what was typed', { read: (text) => text }) },
  examples: [{ command: 'complete words -- partner sh' }, { command: 'complete words -- job run ""' }],
  async run(invocation, { words: typed }) {
    const books = new Books(invocation, typed);
    try {
      const found = await candidates(invocation.nouns, typed, books);
      const lines = found.map(({ word, about }) => `${plainText(word)}\t${plainText(about)}\n`);
      await invocation.print.out.write(lines.join(''));
    } finally {
      await books.close();
    }
  },
});

/** The books that the words are about, which may name another programme: opened when something of them is asked for. */
class Books implements Known {
  readonly #invocation: Invocation;
  readonly #typed: readonly string[];
  #opened: (Context & { close(): Promise<void> }) | null = null;

  constructor(invocation: Invocation, typed: readonly string[]) {
    this.#invocation = invocation;
    this.#typed = typed;
  }

  async codes(kind: CodeKind, prefix: string): Promise<readonly string[]> {
    return await codesBeginning(await this.#context(), kind, prefix);
  }

  async choices(of: (ctx: Context) => Promise<readonly Choice[]>): Promise<readonly Choice[]> {
    return await of(await this.#context());
  }

  async jobs(): Promise<readonly Candidate[]> {
    const { jobs } = await this.#invocation.host.loadJobs();
    return jobs.map(({ name, summary }) => ({ word: name, about: summary }));
  }

  async close(): Promise<void> {
    await this.#opened?.close();
  }

  async #context(): Promise<Context> {
    const { host, progress } = this.#invocation;
    const said = (flag: string): string | undefined => {
      const at = this.#typed.indexOf(flag);
      return at === -1 ? undefined : this.#typed[at + 1];
    };
    const given = { programme: said('--programme'), actor: said('--actor'), home: said('--home') };
    const flags = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const config = loadConfig({ flags, env: host.env, cwd: host.cwd });
    this.#opened ??= await host.openContext({
      ...{
        where: config.where,
        programme: config.programme,
        keys: config.keys,
        railSecrets: config.railSecrets,
        mail: config.mail,
        clock: host.clock,
        progress,
      },
      ...{ dryRun: false, plan: null },
    });
    return this.#opened;
  }
}

export const commands: readonly Command[] = [...SHELLS.map(scriptOf), words];
