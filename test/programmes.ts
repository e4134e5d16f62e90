import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openContext, type OpenedContext } from '../src/app.ts';
import { openDatabase, quoteIdentifier, type Database } from '../src/db/connection.ts';
import { bootstrapStatements, roleNames, type Logins } from '../src/db/roles.ts';
import { retryConcurrentGrant, type Whereabouts } from '../src/db/session.ts';
import { socketUrl, silentProgress, testClock, testDatabase, type TestDatabase } from './database.ts';

/**
 * A database as an administrator of one's own server has it: roles named after this very database, an owner's login that
 * only migrates, logins that only work, and any number of programmes beside the clone's `main`.
 */
export interface ServerOfOnesOwn {
  readonly database: TestDatabase;
  readonly name: string;
  /** The owner's login. */
  readonly owner: string;
  bootstrap(programme: string, logins?: Logins): Promise<void>;
  /** How `login` would start revshare here; the owner's URL is set, as an administrator's shell has it. */
  where(login: string): Whereabouts;
  as(login: string, programme: string | null): Database;
  context(login: string, programme: string): Promise<OpenedContext>;
  drop(): Promise<void>;
}

export async function serverOfOnesOwn(): Promise<ServerOfOnesOwn> {
  const database = await testDatabase();
  const { name } = database;
  const owner = `own_${name}`;
  const home = mkdtempSync(join(tmpdir(), 'revshare-own-'));
  const admin = database.admin();
  await admin.sql`drop schema main cascade`;
  const opened: { close(): Promise<void> }[] = [];
  const made = new Set<string>();
  const urlOf = (login: string): string => {
    const target = database.target(login);
    return target.url ?? socketUrl(target);
  };
  const where = (login: string): Whereabouts => ({
    home,
    databaseUrl: urlOf(login),
    ownerUrl: urlOf(owner),
    actor: null,
    osUser: login,
  });
  const run = async (statement: string) => await retryConcurrentGrant(async () => await admin.sql.unsafe(statement));

  return {
    database,
    name,
    owner,
    async bootstrap(programme, logins = {}) {
      for (const statement of bootstrapStatements(name, programme, logins)) await run(statement);
      const names = roleNames(name, programme);
      await run(
        `do $$ begin create role ${quoteIdentifier(owner)} login; exception when duplicate_object then null; end $$`,
      );
      await run(`grant ${quoteIdentifier(names.owner)} to ${quoteIdentifier(owner)}`);
      const all = [owner, ...(logins.operators ?? []), ...(logins.auditors ?? [])];
      for (const login of all) await run(`alter role ${quoteIdentifier(login)} password 'secret'`);
      for (const role of [...all, names.operator, names.auditor, names.owner]) made.add(role);
    },
    where,
    as(login, programme) {
      const db = openDatabase({ ...database.target(login), schema: programme });
      opened.push(db);
      return db;
    },
    async context(login, programme) {
      const ctx = await openContext({
        where: where(login),
        programme,
        clock: testClock(),
        progress: silentProgress,
      });
      opened.push(ctx);
      return ctx;
    },
    async drop() {
      await Promise.all(opened.map(async (one) => await one.close().catch(() => {})));
      const roles = [...made].map(quoteIdentifier).join(', ');
      // What they own goes with the database; what they may do on the database itself is the cluster's.
      if (made.size > 0) await admin.sql.unsafe(`drop owned by ${roles} cascade; drop role ${roles}`);
      await database.drop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
