import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
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

type Type = (line: string) => Promise<Ran>;
interface Place {
  readonly type: Type;
  readonly leave: () => Promise<void>;
}

const shared = new Map<string, Promise<Place>>();
afterAll(async () => {
  const places = await Promise.allSettled(shared.values());
  await Promise.all(places.map(async (place) => (place.status === 'fulfilled' ? await place.value.leave() : null)));
}, 120_000);

/** A fresh programme, or a machine that has nothing yet, with the files and the setup of an example. */
async function placeOf(example: Example): Promise<Place> {
  const cwd = emptyDirectory();
  for (const [name, content] of Object.entries(example.files ?? {})) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), content);
  }
  const place = example.on === 'nothing' ? emptyMachine(cwd) : await freshProgramme(cwd);
  for (const line of example.setup ?? []) {
    const made = await place.type(line);
    expect(made.code, `${line}\n${made.stderr}`).toBe(0);
  }
  return place;
}

function emptyMachine(cwd: string): Place {
  const home = emptyDirectory();
  const env = { REVSHARE_HOME: home, REVSHARE_ACTOR: 'tester' };
  return {
    type: async (line) => await run(words(line), { cwd, env }),
    leave: async () => {
      if (existsSync(join(home, 'postgres'))) await run(['db', 'stop'], { env });
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function freshProgramme(cwd: string): Promise<Place> {
  const database = await testDatabase();
  // What wants a second person is typed with --actor checker.
  const sh = shell(database, { cwd, env: await database.environmentOf('checker') });
  return { type: async (line) => await sh(line), leave: database.drop };
}

/**
 * Examples that change nothing meet in one place, where they begin alike: a database for each would take minutes. Every
 * other one has a place of its own, and leaves it: two hundred of them would keep more connections than a server has.
 */
async function typed(command: Command, example: Example): Promise<Ran> {
  const isMadeAnew = command.mutates && !words(example.command).includes('--dry-run') && example.setup?.[0] !== 'init';
  if (!isMadeAnew) {
    const key = JSON.stringify([example.on, example.setup, example.files]);
    if (!shared.has(key)) shared.set(key, placeOf(example));
    return await (await shared.get(key)!).type(example.command);
  }
  const place = await placeOf(example);
  try {
    return await place.type(example.command);
  } finally {
    await place.leave();
  }
}

describe.each(listed)('$noun $command.verb', ({ noun, command }) => {
  test('has examples, and each begins with its own words', () => {
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { command: line } of command.examples) {
      const own = [noun, command.verb].filter((word) => word !== '');
      const plain = words(line).filter((word) => !word.startsWith('-'));
      expect(plain.slice(0, own.length)).toEqual(own);
    }
  });

  test.each(command.examples.map((example) => ({ line: example.command, example })))('$line', async ({ example }) => {
    const ran = await typed(command, example);
    expect(ran.code, ran.stderr).toBe(example.exit ?? 0);
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
