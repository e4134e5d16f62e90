import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command, Example } from '../../src/cli/command.ts';
import { commandsOf, NOUNS } from '../../src/cli/nouns.ts';
import { testDatabase } from '../database.ts';
import { emptyDirectory, run, shell, words, type Ran } from './terminal.ts';

/** Every example of every help, typed as it stands on a fresh programme; nobody reads help that does not work. */
const listed: { noun: string; command: Command }[] = [];
for (const noun of NOUNS) {
  for (const command of commandsOf(await noun.load())) listed.push({ noun: noun.name, command });
}

const homes: string[] = [];
afterAll(async () => {
  for (const home of homes) {
    await run(['db', 'stop'], { env: { REVSHARE_HOME: home, REVSHARE_ACTOR: 'tester' } });
    rmSync(home, { recursive: true, force: true });
  }
});

type Type = (line: string) => Promise<Ran>;

/** Where an example is typed: in a fresh programme, or on a machine that has nothing yet. */
async function placeOf(example: Example): Promise<{ type: Type; leave: () => Promise<void> }> {
  const cwd = emptyDirectory();
  for (const [name, content] of Object.entries(example.files ?? {})) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), content);
  }
  if (example.on === 'nothing') {
    const home = emptyDirectory();
    homes.push(home);
    const env = { REVSHARE_HOME: home, REVSHARE_ACTOR: 'tester' };
    return { type: async (line) => await run(words(line), { cwd, env }), leave: async () => {} };
  }
  const database = await testDatabase();
  const type = shell(database, { cwd });
  return { type: async (line) => await type(line), leave: database.drop };
}

describe.each(listed)('$noun $command.verb', ({ noun, command }) => {
  test('has examples, and each begins with its own words', () => {
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { command: line } of command.examples) {
      const own = [noun, command.verb].filter((word) => word !== '');
      expect(
        words(line)
          .filter((word) => !word.startsWith('-'))
          .slice(0, own.length),
      ).toEqual(own);
    }
  });

  test.each(command.examples.map((example) => ({ line: example.command, example })))('$line', async ({ example }) => {
    const { type, leave } = await placeOf(example);
    try {
      for (const line of example.setup ?? []) {
        const made = await type(line);
        expect(made.code, `${line}\n${made.stderr}`).toBe(0);
      }
      const ran = await type(example.command);
      expect(ran.code, ran.stderr).toBe(example.exit ?? 0);
    } finally {
      await leave();
    }
  });
});

describe('the words of the commands', () => {
  beforeAll(() => {
    expect(listed.length).toBeGreaterThan(20);
  });

  test('every noun and verb has a summary that fits on a line and does not end in a full stop', () => {
    for (const { noun, command } of listed) {
      expect(command.summary, `${noun} ${command.verb}`).toMatch(/^[^A-Z].{3,78}[^.]$/);
    }
  });

  test('lists take every filter they name, and no option is declared twice', () => {
    for (const { noun, command } of listed) {
      const flags = Object.values(command.parameters).map(({ flags: text }) => /--[a-z-]+/.exec(text)?.[0] ?? text);
      expect(new Set(flags).size, `${noun} ${command.verb}`).toBe(flags.length);
    }
  });
});
