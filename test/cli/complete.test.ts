import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandsOf } from '../../src/cli/command.ts';
import { NOUNS } from '../../src/cli/nouns.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { run, shell } from './terminal.ts';

/** What Tab offers: the words behind `revshare` up to the cursor, the last as far as it was typed. */
let database: TestDatabase;
let type: ReturnType<typeof shell>;
beforeAll(async () => {
  database = await testDatabase();
  type = shell(database);
  for (const line of [
    'tenant create northwind --name Northwind',
    'partner create acme --name "Acme Resale" --type reseller --currency EUR',
    'partner create acorn --name Acorn --type affiliate --currency EUR',
    'partner create zenith --name Zenith --type affiliate --currency EUR',
    'instance create acme-shop --tenant northwind --partner acme --name Shop',
  ]) {
    expect((await type(line)).code).toBe(0);
  }
});
afterAll(async () => await database.drop());

async function offered(...typed: string[]): Promise<string[]> {
  const ran = await type(['complete', 'words', '--', ...typed]);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  return ran.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0]!);
}

describe('words', () => {
  test('nouns, and what they are about', async () => {
    expect(await offered('par')).toEqual(['partner', 'partner-terms']);
    expect(await offered('')).toHaveLength(NOUNS.length + 1);
    expect((await type(['complete', 'words', '--', 'doct'])).stdout).toBe(
      'doctor\tprove every invariant of the books\n',
    );
    expect(await offered('nonsense', '')).toEqual([]);
  });

  test('verbs, also behind help and global options', async () => {
    const verbs = commandsOf(await NOUNS.find(({ name }) => name === 'job')!.load()).map(({ verb }) => verb);
    expect(await offered('job', '')).toEqual(verbs);
    expect(await offered('help', 'job', 'run')).toEqual(['run', 'run-due']);
    expect(await offered('--programme', 'main', '--json', 'job', 'sh')).toEqual(['show']);
    expect(await offered('--programme', '')).toEqual([]);
  });

  test('options of the command and those of all, and their choices', async () => {
    expect(await offered('partner', 'create', '--t')).toEqual(['--type', '--tier']);
    expect(await offered('partner', 'create', 'new', '--type', 'res')).toEqual(['reseller']);
    expect(await offered('partner', 'create', '--dry')).toEqual(['--dry-run']);
    expect(await offered('partner', 'list', '--dry')).toEqual([]);
    expect(await offered('partner', 'list', '--out')).toEqual(['--output']);
    expect(await offered('doctor', '--neg')).toEqual(['--negative-days']);
  });

  test('codes of the books, where one is to come', async () => {
    expect(await offered('partner', 'show', 'ac')).toEqual(['acme', 'acorn']);
    expect(await offered('partner', 'show', 'acme', '')).toEqual([]);
    expect(await offered('partner', 'create', 'ac')).toEqual([]);
    expect(await offered('commission', 'list', '--status', 'held', '--partner', 'z')).toEqual(['zenith']);
    expect(await offered('revenue', 'list', '--instance', '')).toEqual(['acme-shop']);
    expect(await offered('tier', 'explain', 'aco')).toEqual(['acorn']);
    expect(await offered('instance', 'create', 'x', '--tenant', '')).toEqual(['northwind']);
  });

  test('names of jobs, and whatever else a prompt would offer', async () => {
    expect(await offered('job', 'run', 'accr')).toEqual(['accrue-commissions']);
    expect(await offered('job', 'history', '--job', 'run-')).toEqual(['run-payouts']);
    expect(await offered('job', 'run', 'accrue-commissions', '--f')).toEqual(['--for']);
    expect(await offered('adjustment', 'add', 'acme', '')).toEqual(['acme-shop']);
  });

  test('of the programme that was typed', async () => {
    const ran = await type(['complete', 'words', '--', '--programme', 'nowhere', 'partner', 'show', '']);
    expect([ran.code, ran.stdout]).toEqual([3, '']);
  });
});

test('the books are opened for codes alone', async () => {
  const nowhere = { env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere' } };
  for (const typed of [
    ['job', ''],
    ['partner', 'create', '--ty'],
    ['job', 'run', ''],
  ]) {
    expect((await run(['complete', 'words', '--', ...typed], nowhere)).code).toBe(0);
  }
  expect((await run(['complete', 'words', '--', 'partner', 'show', ''], nowhere)).code).toBe(4);
});

describe('scripts', () => {
  test.each(['bash', 'zsh', 'fish'])('%s asks the tool, whatever the format', async (name) => {
    const { code, stdout } = await run(['complete', name]);
    expect(code).toBe(0);
    expect(stdout).toContain('revshare complete words --');
    expect((await run(['complete', name, '--json'])).stdout).toBe(stdout);
    expect((await run(['complete', name, '--help'])).stdout).toContain(`revshare complete ${name}`);
  });
});
