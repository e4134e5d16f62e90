import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { embeddedEndpoint, EMBEDDED_DATABASE } from '../../../src/db/embedded/endpoint.ts';
import { destroyServer, ensureServer, serverStatus, stopServer } from '../../../src/db/embedded/server.ts';
import {
  ask,
  command,
  commandLine,
  connect,
  gone,
  homeWithDatabase,
  isRoot,
  isRunning,
  killServer,
  newScene,
  pidFileOf,
  removeTemplate,
  serverPid,
  stranger,
  tearDown,
  zombie,
} from './scene.ts';

const LIMIT = 400_000;
afterEach(tearDown, LIMIT);
afterAll(removeTemplate);

describe('a fresh home', { timeout: LIMIT }, () => {
  test('eight commands at once make one database and leave nothing half-made', async () => {
    const home = join(newScene(), 'home');
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => command(home)));
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
    expect(new Set(outcomes.map(({ endpoint }) => JSON.stringify(endpoint))).size).toBe(1);
    const endpoint = outcomes[0]!.endpoint;
    expect(readdirSync(join(home, 'postgres')).sort()).toEqual(['data', 'postgres.log']);
    expect(
      await ask(endpoint, `select count(*)::int as n from pg_database where datname = '${EMBEDDED_DATABASE}'`),
    ).toEqual([{ n: 1 }]);
    // Losing a race is no error worth a line in the log.
    expect(readFileSync(endpoint.logFile, 'utf8')).not.toMatch(/already exists.*database|ERROR/);
  });

  test('is set up for money: checksums, C.UTF-8, UTC, no TCP, durable commits', async () => {
    const endpoint = await ensureServer(join(newScene(), 'home'));
    const [row] = await ask(
      endpoint,
      `select current_setting('data_checksums') as checksums, current_setting('listen_addresses') as tcp,
         current_setting('server_encoding') as encoding, current_setting('TimeZone') as zone,
         current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
         current_setting('shared_buffers') as buffers, current_setting('max_wal_size') as wal, current_user as who,
         (select datlocprovider::text || ' ' || datlocale from pg_database where datname = current_database()) as locale`,
    );
    expect(row).toEqual({
      checksums: 'on',
      tcp: '',
      encoding: 'UTF8',
      zone: 'UTC',
      fsync: 'on',
      commit: 'on',
      buffers: '256MB',
      wal: '2GB',
      who: 'revshare_admin',
      locale: 'b C.UTF-8',
    });
    expect(statSync(endpoint.socketDir).mode & 0o777).toBe(0o700);
    expect(statSync(endpoint.dataDir).mode & 0o777).toBe(0o700);
    expect(await serverStatus(endpoint.home)).toMatchObject({ state: 'running', pgVersion: '18' });
    expect(await stopServer(endpoint.home)).toEqual({ wasRunning: true });
    expect(await stopServer(endpoint.home)).toEqual({ wasRunning: false });
    expect(await serverStatus(endpoint.home)).toMatchObject({ state: 'stopped', pid: null, serverVersion: null });
  });

  test('long paths, spaces, letters of all kinds, shell characters and symbolic links are no obstacle', async () => {
    const scene = newScene();
    const real = join(scene, 'a'.repeat(120), 'Zoë "quotes" $HOME `id` \'n\' back\\slash');
    mkdirSync(real, { recursive: true });
    const linked = join(scene, 'link');
    symlinkSync(real, linked);
    const endpoint = await ensureServer(linked);
    expect(endpoint.home).toBe(real);
    expect((await ensureServer(real)).socketDir).toBe(endpoint.socketDir);
    expect(await ask(endpoint, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(embeddedEndpoint(linked)).toEqual(endpoint);
  });

  test("the user's PG variables and locale do not reach the server", async () => {
    const home = join(newScene(), 'home');
    const { endpoint, ...outcome } = await command(home, {
      env: {
        PGOPTIONS: '-c work_mem=64kB',
        PGDATA: '/nonexistent',
        PGHOST: 'nowhere.invalid',
        PGPORT: '1',
        PGUSER: 'mallory',
        PGDATABASE: 'other',
        PGSSLMODE: 'verify-full',
        PGSSL: 'require',
        LC_ALL: 'xx_YY.wrong',
        TZ: 'Asia/Tokyo',
      },
    });
    expect(outcome).toMatchObject({ ok: true });
    expect(await ask(endpoint, `select current_setting('lc_messages') as l, current_setting('work_mem') as w`)).toEqual(
      [{ l: 'C', w: '16MB' }],
    );
  });

  test('homes side by side, copied or made anew never meet', async () => {
    const scene = newScene();
    const [a, b, copy] = [join(scene, 'a'), join(scene, 'b'), join(scene, 'copy')];
    const [first, second] = await Promise.all([
      ensureServer(await homeWithDatabase(scene, 'a')),
      ensureServer(await homeWithDatabase(scene, 'b')),
    ]);
    expect(first.socketDir).not.toBe(second.socketDir);
    await ask(first, 'create table mine ()');
    expect(await ask(second, `select to_regclass('mine') as mine`)).toEqual([{ mine: null }]);

    await ask(second, 'checkpoint');
    cpSync(b, copy, { recursive: true }); // its pid file names b's living server
    expect(embeddedEndpoint(copy).socketDir).not.toBe(second.socketDir);
    const third = await ensureServer(copy);
    expect(serverPid(copy)).not.toBe(serverPid(b));
    expect(await ask(second, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(third.socketDir).not.toBe(second.socketDir);

    const old = serverPid(a);
    rmSync(a, { recursive: true });
    const anew = await ensureServer(a);
    expect(await ask(anew, `select to_regclass('mine') as mine`)).toEqual([{ mine: null }]);
    // It may have noticed by itself that its files are gone.
    if (isRunning(old)) process.kill(old, 'SIGQUIT');
    await gone(old);
    rmSync(first.socketDir, { recursive: true, force: true });
  });

  test('a pipe behind the command ends with the command, not with the server', async () => {
    const home = join(newScene(), 'home');
    const { file, args } = commandLine(home);
    const quoted = [file, ...args].map((word) => `'${word}'`).join(' ');
    // fd 3 too: a shell's spare descriptors are as good at keeping a pipe open.
    const output = execFileSync('sh', ['-c', `${quoted} 3>&1 | cat`], { timeout: 20_000 }).toString();
    expect(JSON.parse(output)).toMatchObject({ ok: true });
    expect((await serverStatus(home)).state).toBe('running');
  });

  test('leftovers of commands that died are swept, those of living ones are not', async () => {
    const home = join(newScene(), 'home');
    mkdirSync(join(home, 'postgres', 'init-000000000001-1-aa', 'base'), { recursive: true });
    mkdirSync(join(home, 'postgres', 'trash-000000000001-999999999-bb'), { recursive: true });
    mkdirSync(join(home, 'postgres', 'init-of-a-person'), { recursive: true });
    await ensureServer(home);
    expect(readdirSync(join(home, 'postgres')).sort()).toEqual(['data', 'init-of-a-person', 'postgres.log']);
  });
});

describe('after a crash', { timeout: LIMIT }, () => {
  test('a killed server is brought up once its busy backends have gone, and nothing committed is lost', async () => {
    const home = await homeWithDatabase();
    const endpoint = await ensureServer(home);
    await ask(endpoint, 'create table kept as select 42 as n');
    const sql = connect(endpoint);
    // Never waits for anything, so it does not notice that its postmaster has died; the time limit ends it, long after
    // four commands are up even on a busy machine.
    const busy = sql.unsafe(`set statement_timeout = '6s'; do $$ begin loop perform 1; end loop; end $$`).then(
      () => null,
      () => null,
    );
    const looping = `select from pg_stat_activity where state = 'active' and query like '%loop perform%' and pid <> pg_backend_pid()`;
    while ((await ask(endpoint, looping)).length === 0);
    await killServer(home);
    expect((await serverStatus(home)).state).toBe('stale');
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => command(home)));
    await busy;
    await sql.end({ timeout: 0 });
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
    expect(outcomes.some(({ events }) => events.includes('waiting'))).toBe(true);
    expect(await ask(outcomes[0]!.endpoint, 'select n from kept')).toEqual([{ n: 42 }]);
  });

  test('eight commands find a killed server whose pid is now a zombie', async () => {
    const home = await homeWithDatabase();
    const endpoint = await ensureServer(home);
    await killServer(home);
    forgePid(home, endpoint.socketDir, await zombie());
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => command(home)));
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
    expect(readdirSync(join(home, 'postgres', 'data')).filter((name) => name.startsWith('postmaster.pid'))).toEqual([
      'postmaster.pid',
    ]);
  });

  test('a pid that now belongs to a stranger, even one standing in the data directory, is no server', async () => {
    const home = await homeWithDatabase();
    const endpoint = await ensureServer(home);
    for (const cwd of ['/', endpoint.dataDir]) {
      await killServer(home);
      const pid = stranger(cwd);
      forgePid(home, endpoint.socketDir, pid);
      expect((await serverStatus(home)).state).toBe('stale');
      expect(await stopServer(home)).toEqual({ wasRunning: false });
      await ensureServer(home);
      expect(serverPid(home)).not.toBe(pid);
      process.kill(pid, 0); // and it was left alone
    }
  });

  test('an empty lock file, left by a full disk or a power cut, is cleared', async () => {
    const home = await homeWithDatabase();
    writeFileSync(pidFileOf(home), '');
    await ensureServer(home);
  });

  test('a server that lost its socket to a cleaner of temporary files is started anew', async () => {
    const home = await homeWithDatabase();
    const endpoint = await ensureServer(home);
    const pid = serverPid(home);
    rmSync(endpoint.socketDir, { recursive: true });
    await ensureServer(home);
    expect(serverPid(home)).not.toBe(pid);
  });

  test('a home that was moved while its server ran is found again', async () => {
    const scene = newScene();
    await ensureServer(await homeWithDatabase(scene, 'before'));
    const pid = serverPid(join(scene, 'before'));
    renameSync(join(scene, 'before'), join(scene, 'after'));
    const endpoint = await ensureServer(join(scene, 'after'));
    expect(serverPid(join(scene, 'after'))).toBe(pid);
    expect(await ask(endpoint, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await stopServer(join(scene, 'after'))).toEqual({ wasRunning: true });
  });

  test('another TMPDIR finds the running server all the same', async () => {
    const scene = newScene();
    const home = await homeWithDatabase(scene);
    const endpoint = await ensureServer(home);
    mkdirSync(join(scene, 'tmp'));
    const outcome = await command(home, { env: { TMPDIR: join(scene, 'tmp') } });
    expect(outcome).toMatchObject({ ok: true, events: [], endpoint: { socketDir: endpoint.socketDir } });
  });

  test('a server that cannot start says why, soon', async () => {
    const home = await homeWithDatabase();
    const { dataDir, logFile } = await ensureServer(home);
    await stopServer(home);
    writeFileSync(join(dataDir, 'postgresql.conf'), 'no_such_setting = on\n', { flag: 'a' });
    const outcome = await command(home);
    expect(outcome).toMatchObject({ ok: false, code: 'embedded_start_failed' });
    expect(outcome.message).toContain('configuration file');
    expect(outcome.hint).toContain(logFile);
    expect(outcome.ms).toBeLessThan(5_000);
  });

  test('a server stopped dead is reported at the deadline', async () => {
    const home = await homeWithDatabase();
    await ensureServer(home);
    const pid = serverPid(home);
    process.kill(pid, 'SIGSTOP');
    const outcome = await command(home, { deadlineMs: 1_500 });
    process.kill(pid, 'SIGCONT');
    expect(outcome).toMatchObject({ ok: false, code: 'embedded_not_ready' });
    expect(outcome.ms).toBeLessThan(4_000);
  });
});

describe('what is refused', { timeout: LIMIT }, () => {
  test('another major version, naming both and the remedy', async () => {
    const home = join(newScene(), 'home');
    const data = join(home, 'postgres', 'data');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'PG_VERSION'), '17\n');
    const outcome = await command(home);
    expect(outcome).toMatchObject({ ok: false, code: 'embedded_other_version' });
    expect(outcome.message).toMatch(/Postgres 17.*Postgres 18/);
    expect(outcome.hint).toContain('db backup');
  });

  test('a data directory that is something else', async () => {
    const home = join(newScene(), 'home');
    const data = join(home, 'postgres', 'data');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'thesis.txt'), 'irreplaceable');
    expect(await command(home)).toMatchObject({ ok: false, code: 'not_our_database' });
    await expect(destroyServer(home)).rejects.toMatchObject({ code: 'not_our_database' });
    writeFileSync(join(data, 'PG_VERSION'), '18\n');
    await expect(destroyServer(home)).rejects.toMatchObject({ code: 'not_our_database' });
    expect(readdirSync(data).sort()).toEqual(['PG_VERSION', 'thesis.txt']);
  });

  test('destroying removes a database of ours, running or not, and the next command makes a new one', async () => {
    const scene = newScene();
    const home = join(scene, 'home');
    await destroyServer(home);
    const endpoint = await ensureServer(await homeWithDatabase(scene));
    const pid = serverPid(home);
    await ask(endpoint, 'create table t ()');
    await destroyServer(home);
    await gone(pid);
    expect(readdirSync(join(home, 'postgres'))).toEqual(['postgres.log']);
    expect(existsSync(endpoint.socketDir)).toBe(false);
    expect((await serverStatus(home)).state).toBe('absent');
    expect(await ask(await ensureServer(home), `select to_regclass('t') as t`)).toEqual([{ t: null }]);
  });

  test('a home below a file', async () => {
    const outcome = await command('/dev/null/x');
    expect(outcome).toMatchObject({ ok: false, code: 'home_not_a_directory' });
    expect(outcome.message).toContain('/dev/null/x');
    expect(outcome.hint).toContain('REVSHARE_HOME');
  });

  test('a socket directory that others could reach', async () => {
    const home = await homeWithDatabase();
    const { socketDir } = await ensureServer(home);
    await stopServer(home);
    expect(existsSync(socketDir)).toBe(false); // tidied away
    symlinkSync('/tmp', socketDir);
    expect(await command(home)).toMatchObject({ ok: false, code: 'socket_directory_unsafe' });
    expect(() => embeddedEndpoint(home)).toThrow(/symbolic link/);
    rmSync(socketDir);
    mkdirSync(socketDir);
    chmodSync(socketDir, 0o770);
    expect(() => embeddedEndpoint(home)).toThrow(/mode 770/);
    if (isRoot) {
      chmodSync(socketDir, 0o700);
      chownSync(socketDir, 1234, 1234);
      const outcome = await command(home);
      expect(outcome).toMatchObject({ ok: false, code: 'socket_directory_unsafe' });
      expect(outcome.message).toContain('uid 1234');
      expect(outcome.hint).toContain('TMPDIR');
    }
  });
});

/** Rewrites both lock files of a killed server as if its pid had gone to someone else. */
function forgePid(home: string, socketDir: string, pid: number): void {
  for (const path of [pidFileOf(home), join(socketDir, '.s.PGSQL.5432.lock')])
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^\d+/, String(pid)));
}
