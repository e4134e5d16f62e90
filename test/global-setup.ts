import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { parseDatabaseUrl } from '../src/database-url.ts';
import { openDatabase } from '../src/db/connection.ts';
import { EMBEDDED_DATABASE, EMBEDDED_SUPERUSER, ensureServer, stopServer } from '../src/db/embedded/server.ts';
import { bundleChildren } from './children.ts';
import { createProgramme } from '../src/services/programme/create-programme.ts';

/**
 * One server per run, in a directory of its own, stopped at the end; each test file clones its template database. With
 * REVSHARE_TEST_URL (a superuser's URL) the same tests run on that server instead: `.ci/run` does so for Debian's 15.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['REVSHARE_TEST_URL'];
  const home = mkdtempSync(join(quickDirectory(), 'revshare-vitest-'));
  const children = await bundleChildren();
  project.provide('children', children);
  if (given !== undefined) {
    const template = `revshare_template_${process.pid}`;
    const root = openDatabase({ url: given, socket: null, schema: null });
    await root.sql.unsafe(`create database ${template}`);
    const url = parseDatabaseUrl(given);
    url.pathname = `/${template}`;
    const { bootstrapStatements } = await import('../src/db/roles.ts');
    const inside = openDatabase({ url: url.toString(), socket: null, schema: null });
    for (const statement of bootstrapStatements(template, 'main')) {
      await inside.sql.unsafe(statement);
    }
    await inside.close();
    await createProgramme(
      { home, databaseUrl: url.toString(), ownerUrl: url.toString(), actor: null, osUser: 'root' },
      { name: 'main', currency: 'EUR' },
      { dryRun: false },
    );
    project.provide('server', {
      socket: null,
      url: given,
      superuser: decodeURIComponent(parseDatabaseUrl(given).username),
      template,
    });
    return async () => {
      await root.sql.unsafe(`drop database if exists ${template} with (force)`);
      await root.close();
      rmSync(home, { recursive: true, force: true });
      rmSync(children, { recursive: true, force: true });
    };
  }
  const endpoint = await ensureServer(home);
  await createProgramme(
    { home, databaseUrl: null, ownerUrl: null, actor: null, osUser: 'root' },
    { name: 'main', currency: 'EUR' },
    { dryRun: false },
  );
  const socket = join(endpoint.socketDir, `.s.PGSQL.${endpoint.port}`);
  // A template is copied only while nobody is connected to it.
  const root = openDatabase({
    url: null,
    schema: null,
    socket: { path: socket, database: 'postgres', user: EMBEDDED_SUPERUSER },
  });
  await root.sql.unsafe(`alter database ${EMBEDDED_DATABASE} with is_template true`);
  // Nobody cuts this machine's power: what is killed are processes, and they lose nothing that the kernel has.
  await root.sql.unsafe(`alter system set fsync = off`);
  // Each clone is a checkpoint, after which the first change of every page would be written twice.
  await root.sql.unsafe(`alter system set full_page_writes = off`);
  // Two files at once, each with as many clients as a crowd of operators has.
  await root.sql.unsafe(`alter system set max_connections = 300`);
  await root.close();
  await stopServer(home, 'fast');
  await ensureServer(home);
  project.provide('server', { socket, url: null, superuser: EMBEDDED_SUPERUSER, template: EMBEDDED_DATABASE });
  return async () => {
    await stopServer(home, 'immediate');
    rmSync(home, { recursive: true, force: true });
    rmSync(children, { recursive: true, force: true });
  };
}

const PLENTY = 4 * 2 ** 30;

/**
 * Where the run's server lives: in memory where there is plenty of it, for each clone is a thousand files to write and to take
 * away again. A soak's books may be larger than that.
 */
function quickDirectory(): string {
  const inMemory = '/dev/shm';
  if (process.env['REVSHARE_SOAK'] === '1' || !existsSync(inMemory) || freemem() < 2 * PLENTY) return tmpdir();
  const { bavail, bsize } = statfsSync(inMemory);
  return bavail * bsize > PLENTY ? inMemory : tmpdir();
}
