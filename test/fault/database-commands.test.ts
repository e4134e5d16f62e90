import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/connection.ts';
import { embeddedEndpoint, serverStatus, stopServer } from '../../src/db/embedded/server.ts';
import { migrateProgramme } from '../../src/db/migrations.ts';
import { openOwner } from '../../src/db/session.ts';
import { createProgramme } from '../../src/services/programme/create-programme.ts';
import { run, words, type Ran } from '../cli/terminal.ts';
import { serverOfOnesOwn, type ServerOfOnesOwn } from '../programmes.ts';

/** The commands of `db` where the ground moves: an embedded server of their own, and servers that are not there. */
const homes: string[] = [];
const newHome = (): string => {
  const home = mkdtempSync(join(tmpdir(), 'revshare-db-'));
  homes.push(home);
  return home;
};
afterAll(async () => {
  for (const home of homes) {
    await stopServer(home, 'immediate').catch(() => {});
    rmSync(home, { recursive: true, force: true });
  }
});
const at = (home: string) => ({ home, databaseUrl: null, ownerUrl: null, actor: null, osUser: 'tester' });
const type = async (line: string, env: Record<string, string>): Promise<Ran> =>
  await run(words(line), { env: { REVSHARE_ACTOR: 'tester', ...env } });

describe('an embedded server', () => {
  const home = newHome();
  const env = { REVSHARE_HOME: home };

  it('gets its programmes once, from eight who make two of them on an empty home', { timeout: 120_000 }, async () => {
    const made = await Promise.all(
      Array.from(
        { length: 8 },
        async (_, index) =>
          await createProgramme(at(home), { name: index % 2 === 0 ? 'main' : 'other' }, { dryRun: false }),
      ),
    );
    expect(
      made
        .filter(({ created }) => created)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['main', 'other']);
    const status = await type('db status --json', env);
    expect(JSON.parse(status.stdout)).toMatchObject({
      state: 'running',
      kind: 'embedded',
      at: home,
      programmes: 'main, other',
    });
  });

  it('that is stopped is started by db check, and passes it', async () => {
    expect((await type('db stop', env)).code).toBe(0);
    expect(JSON.parse((await type('db status --json', env)).stdout)).toMatchObject({
      state: 'stopped',
      programmes: null,
    });
    const check = await type('db check --json', env);
    expect(check.stderr, check.stdout).toBe('');
    expect((JSON.parse(check.stdout) as { result: string }[]).map(({ result }) => result)).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
      'ok',
    ]);
  });

  it('that crashes in the middle of a migration has none of it afterwards', async () => {
    const owner = await openOwner(at(home));
    await owner.sql.unsafe(
      `do $$ begin create role revshare_revshare_torn_operator; create role revshare_revshare_torn_auditor; end $$`,
    );
    await expect(
      owner.transaction(async (tx) => {
        await migrateProgramme(tx, 'torn');
        await stopServer(home, 'immediate');
        await tx.sql`select 1`;
      }),
    ).rejects.toMatchObject({ exitCode: 4 });
    await owner.close();
    const migrated = await type('db migrate --programme torn', env);
    expect(migrated).toMatchObject({ code: 3 });
    expect(migrated.stderr).toMatch(/there is no programme 'torn'/);
    expect((await type('programme create torn', env)).code).toBe(0);
    expect((await type('db check --programme torn', env)).code).toBe(0);
  });

  it('is removed only by its name, typed', async () => {
    expect(await type('db reset', env)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`--confirm ${basename(home)}`),
    });
    expect(await type('db reset --yes', env)).toMatchObject({ code: 2 });
    expect(await type('db reset --confirm elsewhere', env)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing was done'),
    });
    expect((await type('db reset --dry-run', env)).code).toBe(0);
    expect((await serverStatus(home)).state).toBe('running');

    // Somebody is in the middle of something: their session ends, the books go.
    const { socketDir } = embeddedEndpoint(home);
    const other = openDatabase({
      url: null,
      schema: 'main',
      socket: { path: join(socketDir, '.s.PGSQL.5432'), database: 'revshare', user: 'tester' },
    });
    await other.sql`select 1`.catch(() => {});
    expect((await type(`db reset --confirm ${basename(home)}`, env)).code).toBe(0);
    await other.close();
    expect(existsSync(join(home, 'postgres', 'data'))).toBe(false);
    expect(await type('status', env)).toMatchObject({ code: 4, stderr: expect.stringContaining('revshare init') });
    expect((await type('init', env)).code).toBe(0);
    expect((await type('doctor', env)).code).toBe(0);
  });

  it('leaves a directory alone that it did not make', async () => {
    const strange = newHome();
    writeFileSync(join(strange, 'postgres'), 'mine');
    const reset = await type(`db reset --confirm ${basename(strange)}`, { REVSHARE_HOME: strange });
    expect(existsSync(join(strange, 'postgres'))).toBe(true);
    expect([0, 3, 4]).toContain(reset.code);
  });
});

describe('a server of one’s own', () => {
  let server: ServerOfOnesOwn;
  let env: Record<string, string>;
  beforeAll(async () => {
    server = await serverOfOnesOwn();
    const operator = `cmd_op_${server.name}`;
    await server.bootstrap('main', { operators: [operator] });
    await createProgramme(server.where(server.owner), { name: 'main' }, { dryRun: false });
    const where = server.where(operator);
    env = {
      REVSHARE_HOME: newHome(),
      DATABASE_URL: where.databaseUrl!,
      REVSHARE_OWNER_URL: where.ownerUrl!,
      REVSHARE_ACTOR: operator,
    };
  });
  afterAll(async () => await server.drop());

  it.each(['db start', 'db stop', 'db reset --confirm x'])('is not for `%s`', async (line) => {
    expect(await type(line, env)).toMatchObject({ code: 3, stderr: expect.stringContaining('unset DATABASE_URL') });
  });

  it('tells how it is, and no password', async () => {
    const status = JSON.parse((await type('db status --json', env)).stdout) as Record<string, unknown>;
    expect(status).toMatchObject({
      state: 'running',
      kind: 'server',
      database: server.name,
      programmes: 'main',
      pid: null,
    });
    const check = await type('db check', env);
    expect(check.code).toBe(0);
    for (const said of [
      JSON.stringify(status),
      check.stdout,
      check.stderr,
      (await type('status --json', env)).stdout,
    ]) {
      expect(said).not.toMatch(/secret/);
    }
  });

  it('fails a check with exit 7, the table and the remedy', async () => {
    await server.database.admin().sql.unsafe('alter table main.entries disable trigger guard');
    const check = await type('db check -o tsv', env);
    await server.database.admin().sql.unsafe('alter table main.entries enable trigger guard');
    expect(check.code).toBe(7);
    expect(check.stdout).toMatch(/^structure\tdiffers\ttrigger guard on entries is '.*\(switched off\)'/m);
    expect(check.stderr).toMatch(/somebody changed the schema by hand/);
  });

  it.each(['db status', 'db check', 'db migrate', 'db bootstrap --print-sql', 'status', 'doctor'])(
    'that is not there stops `%s` with exit 4',
    async (line) => {
      const nowhere = {
        ...env,
        DATABASE_URL: 'postgres://tester:hush@127.0.0.1:1/books',
        REVSHARE_OWNER_URL: 'postgres://owner:hush@127.0.0.1:1/books',
        REVSHARE_ACTOR: 'tester',
      };
      const ran = await type(line, nowhere);
      expect(ran).toMatchObject({ code: 4 });
      expect(`${ran.stdout}${ran.stderr}`).not.toMatch(/hush/);
    },
  );
});
