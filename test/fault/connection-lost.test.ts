import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/connection.ts';
import { translateDatabaseError } from '../../src/db/failures.ts';
import { CuttingProxy } from '../support/cutting-proxy.ts';
import { testDatabase, type TestDatabase } from '../database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => await database.drop());

const outcome = async (work: PromiseLike<unknown>): Promise<string> =>
  await Promise.race([
    Promise.resolve(work).then(
      () => 'done',
      (error: unknown) => (translateDatabaseError(error) as { code: string }).code,
    ),
    sleep(4000, 'nothing within 4 s'),
  ]);

it('a statement that waits behind another never runs outside of its lost transaction', async () => {
  const admin = database.admin();
  for (const how of ['end', 'reset'] as const) {
    for (let cutAfter = 14; cutAfter < 60; cutAfter += 2) {
      const proxy = await CuttingProxy.listen(database.target(), { after: cutAfter, how, back: true });
      const db = openDatabase(proxy.target);
      const ended = await outcome(
        db.transaction(async (tx) => {
          const codes = ['a', 'b', 'c', 'd'].map((letter) => `${letter}-${how}-${cutAfter}`);
          // All at once: postgres.js keeps what it cannot send yet in a queue, for the next connection. And whoever
          // asks does not give up at the first error.
          await Promise.allSettled(
            codes.map(async (code) => await tx.sql`insert into tenants (code, name) values (${code}, ${code})`),
          );
          await sleep(60);
          throw new Error('nothing of this is to stay');
        }),
      );
      expect(['connection_lost', 'commit_unknown', undefined]).toContain(ended);
      expect(await outcome(db.close())).toBe('done');
      proxy.close();
    }
  }
  await sleep(100);
  expect(await admin.sql`select code from tenants`).toEqual([]);
});

it('a plain statement after a loss has a connection of its own, at once', async () => {
  const admin = database.admin();
  const db = openDatabase(database.target());
  const pid = async () => (await db.sql`select pg_backend_pid() as pid`)[0]!['pid'] as number;
  const first = await pid();
  const waiting = outcome(db.sql`select pg_sleep(60)`);
  await sleep(50);
  await admin.sql`select pg_terminate_backend(${first})`;
  expect(await waiting).toBe('connection_lost');
  const began = performance.now();
  expect(await pid()).not.toBe(first);
  expect(performance.now() - began).toBeLessThan(1000);
  await db.close();
});

it('says goodbye to a lost connection without waiting for it', async () => {
  const admin = database.admin();
  const db = openDatabase(database.target());
  const waiting = outcome(db.sql`select pg_sleep(60)`);
  await sleep(100);
  await admin.sql`select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()`;
  await waiting;
  const began = performance.now();
  await db.close();
  expect(performance.now() - began).toBeLessThan(1000);
});

it('gives up on a server that hangs up during the handshake', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'revshare-hangup-'));
  let calls = 0;
  const server = createServer((socket) => {
    calls += 1;
    socket.on('error', () => {});
    socket.once('data', () => socket.end());
  }).listen(join(directory, '.s.PGSQL.5432'));
  await once(server, 'listening');
  const path = join(directory, '.s.PGSQL.5432');
  const db = openDatabase({ url: null, schema: null, socket: { path, database: 'x', user: 'x' } });
  expect(await outcome(db.sql`select 1`)).toBe('connection_lost');
  expect(calls).toBeLessThanOrEqual(5);
  await db.close();
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

it('a transaction that stands still longer than its limit is ended by the server, as a lost connection', async () => {
  const db = openDatabase(database.target());
  const ended = outcome(
    db.transaction(async (tx) => {
      await tx.sql`select set_config('idle_in_transaction_session_timeout', '100ms', true)`;
      await sleep(400);
      await tx.sql`select 1`;
    }),
  );
  expect(await ended).toBe('connection_lost');
  await db.close();
});
