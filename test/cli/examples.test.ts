import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandsOf, type Command, type Example } from '../../src/cli/command.ts';
import { NOUNS } from '../../src/cli/nouns.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { emptyDirectory, run, shell, words, type Ran } from './terminal.ts';

/** Every example of every help, typed as it stands on a fresh programme; nobody reads help that does not work. */
const listed: { noun: string; command: Command }[] = [];
for (const noun of NOUNS) {
  for (const command of commandsOf(await noun.load())) listed.push({ noun: noun.name, command });
}

type Type = (line: string) => Promise<Ran>;
interface Place {
  readonly type: Type;
  /** Another one like it. */
  readonly copy: () => Promise<Place>;
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
  const place = example.on === 'nothing' ? emptyMachine(cwd) : await programme(cwd);
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
    copy: async () => await Promise.reject(new Error('a machine is not copied')),
    leave: async () => {
      if (existsSync(join(home, 'postgres'))) await run(['db', 'stop'], { env });
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function programme(cwd: string, like?: TestDatabase): Promise<Place> {
  const database = await testDatabase(like);
  // What wants a second person is typed with --actor checker.
  const sh = shell(database, { cwd, env: await database.environmentOf('checker') });
  return {
    type: async (line) => await sh(line),
    copy: async () => {
      await database.rest();
      const beside = emptyDirectory();
      cpSync(cwd, beside, { recursive: true });
      return await programme(beside, database);
    },
    leave: database.drop,
  };
}

/**
 * Examples meet in one place where they begin alike: those that change nothing are typed there, and every other one in a
 * copy of it, which it leaves. To set up each of them anew would take minutes, and to keep all of them more connections
 * than a server has.
 */
async function typed(command: Command, example: Example): Promise<Ran> {
  const key = JSON.stringify([example.on, example.setup, example.files]);
  const changes = command.mutates && !words(example.command).includes('--dry-run');
  if (changes && example.on === 'nothing') return await typedIn(await placeOf(example), example);
  if (!shared.has(key)) shared.set(key, placeOf(example));
  const place = await shared.get(key)!;
  return changes && example.setup?.[0] !== 'init'
    ? await typedIn(await place.copy(), example)
    : await place.type(example.command);
}

async function typedIn(place: Place, example: Example): Promise<Ran> {
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
