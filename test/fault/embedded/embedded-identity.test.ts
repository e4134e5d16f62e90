import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { embeddedEndpoint } from '../../../src/db/embedded/endpoint.ts';
import { ensureServer, stopServer } from '../../../src/db/embedded/server.ts';
import {
  ask,
  command,
  homeWithDatabase,
  isRoot,
  nativeDirectory,
  newScene,
  NOBODY,
  nobodyGetsHere,
  removeTemplate,
  serverPid,
  tearDown,
} from './scene.ts';

const LIMIT = 400_000;
afterEach(tearDown, LIMIT);
afterAll(removeTemplate);

describe.runIf(isRoot)('who runs it', { timeout: LIMIT }, () => {
  test('root, below directories that only root may enter', async () => {
    const scene = newScene();
    chmodSync(scene, 0o700);
    const home = join(scene, 'closed', 'home');
    mkdirSync(join(scene, 'closed'), { mode: 0o700 });
    const endpoint = await ensureServer(home);
    expect(statSync(endpoint.dataDir).uid).toBe(0);
    expect(await ask(endpoint, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test.runIf(nobodyGetsHere)('an ordinary user, whom root then joins', async () => {
    const scene = newScene();
    chownSync(scene, NOBODY, NOBODY);
    const home = join(scene, 'home');
    const { endpoint, ok } = await command(home, { uid: NOBODY });
    expect(ok).toBe(true);
    expect(statSync(endpoint.dataDir).uid).toBe(NOBODY);
    expect(await command(home)).toMatchObject({ ok: true, endpoint: { socketDir: endpoint.socketDir } });
    await stopServer(home);
    expect(await command(home)).toMatchObject({ ok: true, events: ['starting'] });
    expect(statSync(`/proc/${serverPid(home)}`).uid).toBe(NOBODY);
    await stopServer(home);
    expect(await command(home, { uid: NOBODY })).toMatchObject({ ok: true });
  });

  test.runIf(nobodyGetsHere)("root in a user's empty home leaves a database that the user can go on with", async () => {
    const home = join(newScene(), 'home');
    mkdirSync(home);
    chownSync(home, NOBODY, NOBODY);
    expect(await command(home)).toMatchObject({ ok: true });
    await stopServer(home);
    expect(await command(home, { uid: NOBODY })).toMatchObject({ ok: true, events: ['starting'] });
  });

  test.runIf(nobodyGetsHere)('where namespaces are forbidden or unshare is missing, nobody runs it', async () => {
    for (const variant of ['forbidden', 'missing']) {
      const scene = newScene();
      const bin = join(scene, 'bin');
      mkdirSync(bin);
      if (variant === 'forbidden')
        writeFileSync(
          join(bin, 'unshare'),
          '#!/bin/sh\necho "unshare: unshare failed: Operation not permitted" >&2\nexit 1\n',
          { mode: 0o755 },
        );
      const home = join(scene, 'home');
      mkdirSync(home, { mode: 0o755 });
      const outcomes = await Promise.all(Array.from({ length: 3 }, () => command(home, { env: { PATH: bin } })));
      expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
      expect(statSync(`/proc/${serverPid(home)}`).uid).toBe(NOBODY);
      expect(await ask(outcomes[0]!.endpoint, 'select 1 as one')).toEqual([{ one: 1 }]);
    }
  });

  test.runIf(nobodyGetsHere)('a database of root is handed to nobody when namespaces become forbidden', async () => {
    const scene = newScene();
    const home = await homeWithDatabase(scene);
    chmodSync(home, 0o755);
    await ask(await ensureServer(home), 'create table kept as select 42 as n');
    await stopServer(home);
    const outcome = await command(home, { env: { PATH: scene } });
    expect(outcome).toMatchObject({ ok: true });
    expect(await ask(outcome.endpoint, 'select n from kept')).toEqual([{ n: 42 }]);
    expect(embeddedEndpoint(home)).toEqual(outcome.endpoint);
  });

  test('and when nobody cannot get there, the closed directory is named', async () => {
    const scene = newScene();
    const closed = join(scene, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const outcome = await command(join(closed, 'home'), { env: { PATH: scene } });
    expect(outcome).toMatchObject({ ok: false, code: 'embedded_postgres_unreachable' });
    expect(outcome.message).toMatch(new RegExp(`${closed}$`));
    expect(outcome.hint).toContain(`chmod o+x ${closed}`);
    expect(readdirSync(join(closed, 'home', 'postgres'))).toEqual([]);
  });

  test.runIf(nobodyGetsHere)('an ordinary user in a home it may not write, or that belongs to root', async () => {
    const scene = newScene();
    const home = join(scene, 'home');
    const readOnly = await command(home, { uid: NOBODY });
    expect(readOnly).toMatchObject({ ok: false, code: 'home_not_writable' });
    expect(readOnly.message).toContain(home);
    expect(readOnly.hint).toContain('REVSHARE_HOME');

    await ensureServer(await homeWithDatabase(scene));
    expect(await command(home, { uid: NOBODY })).toMatchObject({ ok: false, code: 'home_of_another_user' });
    chmodSync(home, 0o755);
    chmodSync(join(home, 'postgres'), 0o755);
    const foreign = await command(home, { uid: NOBODY });
    expect(foreign).toMatchObject({ ok: false });
    expect(['home_of_another_user', 'socket_directory_unsafe']).toContain(foreign.code);
  });

  test.runIf(nobodyGetsHere)(
    'libraries without their short names: made in place by eight at once, or under the home',
    async () => {
      const scene = newScene();
      const native = join(scene, 'native');
      execFileSync('cp', ['-a', '--reflink=auto', nativeDirectory, native]);
      const links = readdirSync(join(native, 'lib')).filter((name) =>
        lstatSync(join(native, 'lib', name)).isSymbolicLink(),
      );
      for (const name of links) rmSync(join(native, 'lib', name));

      // As a user to whom the package is read-only …
      const theirs = join(scene, 'theirs');
      mkdirSync(theirs);
      chownSync(theirs, NOBODY, NOBODY);
      const env = { REVSHARE_PG_NATIVE: native };
      expect(await command(theirs, { uid: NOBODY, env })).toMatchObject({ ok: true });
      expect(existsSync(join(native, 'lib', 'libicuuc.so.60'))).toBe(false);
      expect(readdirSync(join(theirs, 'postgres')).some((name) => name.startsWith('lib-'))).toBe(true);

      // … and as its owner.
      const home = join(scene, 'home');
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => command(home, { env })));
      expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
      expect(readdirSync(join(native, 'lib'))).toEqual(expect.arrayContaining(links));
      expect(readdirSync(join(home, 'postgres')).sort()).toEqual(['data', 'postgres.log']);
    },
  );

  test('a package that is missing, or made for another kind of machine', async () => {
    const scene = newScene();
    const home = join(scene, 'home');
    expect(await command(home, { env: { REVSHARE_PG_NATIVE: join(scene, 'none') } })).toMatchObject({
      ok: false,
      code: 'embedded_postgres_missing',
      hint: expect.stringContaining('DATABASE_URL'),
    });
    const native = join(scene, 'native');
    mkdirSync(join(native, 'bin'), { recursive: true });
    mkdirSync(join(native, 'share', 'postgresql'), { recursive: true });
    writeFileSync(join(native, 'share', 'postgresql', 'postgres.bki'), '# PostgreSQL 18\n');
    for (const name of ['initdb', 'pg_ctl', 'postgres'])
      writeFileSync(join(native, 'bin', name), '#!/no/such/loader\n', { mode: 0o755 });
    expect(await command(home, { env: { REVSHARE_PG_NATIVE: native } })).toMatchObject({
      ok: false,
      code: 'embedded_postgres_unusable',
      hint: expect.stringContaining('DATABASE_URL'),
    });
  });

  test('a full disk leaves nothing half-made', async (context) => {
    const scene = newScene();
    const disk = join(scene, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      return context.skip('mounting is not allowed here');
    }
    try {
      const outcome = await command(join(disk, 'home'));
      expect(outcome).toMatchObject({ ok: false, code: 'disk_full', hint: expect.stringContaining('REVSHARE_HOME') });
      expect(readdirSync(join(disk, 'home', 'postgres'))).toEqual([]);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});
