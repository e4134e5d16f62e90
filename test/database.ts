import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { openContext, type OpenedContext } from '../src/app.ts';
import { parseDatabaseUrl } from '../src/database-url.ts';
import { openDatabase, quoteIdentifier, type Database, type DatabaseTarget } from '../src/db/connection.ts';
import { bootstrapStatements } from '../src/db/roles.ts';
import { retryConcurrentGrant } from '../src/db/session.ts';
import type { Clock } from '../src/services/context.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** An administrator's URL or socket of the server that global-setup.ts runs, and its template database. */
    server: { socket: string | null; url: string | null; superuser: string; template: string };
  }
}

/** 2026-11-21T12:00:00Z: every test's now, unless it says otherwise. */
export const NOW = Date.UTC(2026, 10, 21, 12);
export const testClock = (now: number = NOW): Clock => ({ now: () => now, isSimulated: true });
export const silentProgress = { step: () => {}, done: () => {} };

export interface TestDatabase {
  readonly name: string;
  readonly programme: 'main';
  /** REVSHARE_HOME of its commands. */
  readonly home: string;
  /** The target of a login, by default the operator 'tester', inside programme main. */
  target(login?: string): DatabaseTarget;
  /** As the cluster's superuser, search_path main: what no actor may do, to set scenes with. */
  admin(): Database;
  /** A database connection as `login`; made a member of `role` first. */
  as(login: string, role?: 'operator' | 'auditor' | 'none'): Promise<Database>;
  context(overrides?: { actor?: string; now?: number; dryRun?: boolean; plan?: string }): Promise<OpenedContext>;
  /** What a command line in this database would get as its environment. */
  environment(): Record<string, string>;
  /** The same for several people, made operators: the URL names nobody, `--actor` says who; 'tester' by default. */
  environmentOf(...actors: string[]): Promise<Record<string, string>>;
  /** Ends the sessions that it holds itself: what has one cannot be cloned. */
  rest(): Promise<void>;
  drop(): Promise<void>;
}

/**
 * A programme `main` of its own for one test file: a clone of the template database, on the run's server, or of another
 * test's that rests. Logins are cluster-wide and memberships are per database name, so the roles are made anew for each clone.
 */
export async function testDatabase(like?: TestDatabase): Promise<TestDatabase> {
  const server = inject('server');
  const name = `t_${randomBytes(5).toString('hex')}`;
  const home = mkdtempSync(join(tmpdir(), 'revshare-test-'));
  if (like !== undefined) cpSync(like.home, home, { recursive: true });
  const at = (database: string, user: string, schema: string | null): DatabaseTarget => {
    if (server.socket !== null) {
      return { url: null, schema, socket: { path: server.socket, database, user } };
    }
    const url = parseDatabaseUrl(server.url ?? '');
    url.pathname = `/${database}`;
    url.username = user;
    if (user !== server.superuser) {
      url.password = 'secret';
    }
    return { url: url.toString(), schema, socket: null };
  };
  const root = openDatabase(at('postgres', server.superuser, null));
  await cloned(root, name, like?.name ?? server.template);
  await root.close();

  const opened: { close(): Promise<void> }[] = [];
  const remember = <T extends { close(): Promise<void> }>(one: T): T => {
    opened.push(one);
    return one;
  };
  let session: Database | null = null;
  const setUp = () => (session ??= openDatabase(at(name, server.superuser, null)));
  const rest = async () => {
    await Promise.all(opened.splice(0).map(async (one) => await one.close().catch(() => {})));
    await session?.close();
    session = null;
  };
  // The template's grants name the template's group roles; a clone keeps them, and its logins join those groups.
  const admit = async (login: string, role: 'operator' | 'auditor' | 'none') => {
    const statements = bootstrapStatements(
      server.template,
      'main',
      role === 'operator' ? { operators: [login] } : role === 'auditor' ? { auditors: [login] } : {},
    );
    await setUp().sql`select pg_advisory_lock(4711)`;
    try {
      if (role === 'none') {
        await setUp().sql.unsafe(
          `do $$ begin create role ${quoteIdentifier(login)} login; exception when duplicate_object then null; end $$`,
        );
      }
      for (const statement of role === 'none' ? [] : statements.slice(-2)) {
        await retryConcurrentGrant(async () => await setUp().sql.unsafe(statement));
      }
      // Advisory locks are per database and logins are not: another file may be changing the same login.
      await retryConcurrentGrant(
        async () => await setUp().sql.unsafe(`alter role ${quoteIdentifier(login)} password 'secret'`),
      );
    } finally {
      await setUp().sql`select pg_advisory_unlock(4711)`;
    }
  };
  await admit('tester', 'operator');

  return {
    name,
    programme: 'main',
    home,
    target: (login = 'tester') => at(name, login, 'main'),
    admin: () => remember(openDatabase(at(name, server.superuser, 'main'))),
    async as(login, role = 'operator') {
      await admit(login, role);
      return remember(openDatabase(at(name, login, 'main')));
    },
    async context(overrides = {}) {
      const actor = overrides.actor ?? 'tester';
      if (actor !== 'tester') {
        await admit(actor, 'operator');
      }
      const target = at(name, actor, 'main');
      return remember(
        await openContext({
          where: { home, databaseUrl: target.url ?? socketUrl(target), ownerUrl: null, actor: null, osUser: actor },
          programme: 'main',
          clock: testClock(overrides.now),
          progress: silentProgress,
          dryRun: overrides.dryRun ?? false,
          plan: overrides.plan ?? null,
        }),
      );
    },
    environment: () => {
      const target = at(name, 'tester', 'main');
      return { DATABASE_URL: target.url ?? socketUrl(target), REVSHARE_HOME: home };
    },
    async environmentOf(...actors) {
      for (const actor of actors) {
        await admit(actor, 'operator');
      }
      const target = at(name, 'tester', 'main');
      const url = target.url ?? socketUrl(target);
      return { DATABASE_URL: url.replace('//tester', '//'), REVSHARE_HOME: home, REVSHARE_ACTOR: 'tester' };
    },
    rest,
    async drop() {
      await rest();
      const last = openDatabase(at('postgres', server.superuser, null));
      await last.sql.unsafe(`drop database if exists ${name} with (force)`);
      await last.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The server takes a moment to see that the last session of what is cloned has ended. */
async function cloned(root: Database, name: string, template: string): Promise<void> {
  for (let round = 0; ; round += 1) {
    try {
      await root.sql.unsafe(`create database ${name} template ${template} strategy file_copy`);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== '55006' || round === 100) throw error;
      await sleep(20);
    }
  }
}

/** A socket as a URL that postgres.js and libpq both read: the directory stands in the host parameter. */
export function socketUrl(target: DatabaseTarget): string {
  if (target.socket === null) {
    throw new Error('no socket');
  }
  const directory = target.socket.path.slice(0, target.socket.path.lastIndexOf('/'));
  return `postgres://${encodeURIComponent(target.socket.user)}@/${target.socket.database}?host=${encodeURIComponent(directory)}`;
}
