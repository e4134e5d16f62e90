import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IntegrityError, RefusedError, UnavailableError } from '../domain/errors.ts';
import { quoteIdentifier, type Connection } from './connection.ts';
import { withDefinitions } from './shared-definitions.ts';
import { roleNames, type RoleNames } from './roles.ts';

export interface Migration {
  readonly name: string;
  readonly sha256: string;
  readonly text: string;
}
export interface AppliedMigration {
  readonly position: number;
  readonly name: string;
  readonly sha256: string;
}

export const OLDEST_POSTGRES = 15;
export const NEWEST_POSTGRES = 18;

/** The directory that holds package.json, from the sources as well as from the bundle. */
function packageRoot(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(at, 'drizzle'))) {
    const up = dirname(at);
    if (up === at) {
      throw new UnavailableError('installation', 'the migrations (drizzle/) are missing from this installation', {
        hint: 'install revshare again',
      });
    }
    at = up;
  }
  return at;
}

/** The migrations of this version of the tool, in their order. */
export function shippedMigrations(): readonly Migration[] {
  const directory = join(packageRoot(), 'drizzle');
  return readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const text = withDefinitions(readFileSync(join(directory, file), 'utf8'));
      return { name: file.slice(0, -'.sql'.length), sha256: createHash('sha256').update(text).digest('hex'), text };
    });
}

/** Names and hashes of the shipped migrations, put into the bundle by the build; the sources have drizzle/ itself. */
declare const __shipped: readonly Omit<Migration, 'text'>[] | undefined;

/** What `compareMigrations` wants of the shipped migrations. A start of the bundle neither reads nor hashes them for it. */
export function shippedVersions(): readonly Omit<Migration, 'text'>[] {
  return typeof __shipped === 'undefined' ? shippedMigrations() : __shipped;
}

export interface MigrationComparison<M> {
  readonly pending: readonly M[];
  /** Why the database and this version cannot work together, or null. */
  readonly difference: string | null;
}

/**
 * Compares what was applied with what this version ships: order, count and content. Only a database whose list is a
 * beginning of ours can be migrated; anything else was made by another version, or changed by hand.
 */
export function compareMigrations<M extends Omit<Migration, 'text'>>(
  applied: readonly AppliedMigration[],
  shipped: readonly M[],
): MigrationComparison<M> {
  for (const [index, row] of applied.entries()) {
    const ours = shipped[index];
    if (row.position !== index) {
      return { pending: [], difference: `migration number ${index} is missing from the database` };
    }
    if (ours === undefined) {
      return {
        pending: [],
        difference: `the database has migration ${row.name}, which this version does not know: it is newer than this tool`,
      };
    }
    if (ours.name !== row.name) {
      return {
        pending: [],
        difference: `migration number ${index} is ${row.name} in the database and ${ours.name} in this version`,
      };
    }
    if (ours.sha256 !== row.sha256) {
      return {
        pending: [],
        difference: `migration ${row.name} was applied with other content (${row.sha256.slice(0, 12)}) than this version ships (${ours.sha256.slice(0, 12)})`,
      };
    }
  }
  return { pending: shipped.slice(applied.length), difference: null };
}

/** Refuses servers we were not tested on. */
export function assertServerVersion(versionNumber: number): void {
  const major = Math.floor(versionNumber / 10_000);
  if (major < OLDEST_POSTGRES) {
    throw new UnavailableError(
      'server_too_old',
      `the server is Postgres ${major}; revshare wants ${OLDEST_POSTGRES} to ${NEWEST_POSTGRES}`,
      {
        hint: `upgrade the server to Postgres ${OLDEST_POSTGRES} or later, or unset DATABASE_URL to use the embedded one`,
      },
    );
  }
}

/** What is applied in a programme, or null where there is no such programme (or this login may not see it). */
export async function appliedMigrations(
  connection: Connection,
  programme: string,
): Promise<readonly AppliedMigration[] | null> {
  const { sql } = connection;
  const [there] = await sql`select to_regclass(${`${quoteIdentifier(programme)}.migrations`}) is not null as found`;
  if (there?.['found'] !== true) {
    return null;
  }
  return await sql<
    AppliedMigration[]
  >`select position, name, sha256 from ${sql(programme)}.migrations order by position`;
}

export function refuseDifference(programme: string, difference: string): never {
  throw new IntegrityError('migrations_differ', `programme ${programme}: ${difference}`, {
    hint: 'install the version of revshare that made this database, or restore the database from its backup; nothing was changed',
  });
}

/**
 * Brings one programme's schema to this version, creating it when absent: all pending migrations in the caller's one
 * transaction, so that a failing one leaves nothing and a dry run is the real thing rolled back. `tx` belongs to a login
 * that is a member of the database's owner role. Under an advisory lock, so that any number of callers do it once.
 * Writes. Throws RefusedError `roles_missing`, `not_owner`; IntegrityError `migrations_differ`.
 */
export async function migrateProgramme(
  tx: Connection,
  programme: string,
): Promise<{ created: boolean; applied: string[] }> {
  const shipped = shippedMigrations();
  const roles = await assertOwner(tx, programme);
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(${`revshare.migrate.${programme}`}, 0))`;
  const found = await appliedMigrations(tx, programme);
  const { pending, difference } = compareMigrations(found ?? [], shipped);
  if (difference !== null) {
    refuseDifference(programme, difference);
  }
  if (pending.length === 0) {
    return { created: false, applied: [] };
  }
  await writeSchema(tx, programme, roles, found?.length ?? null, pending);
  return { created: found === null, applied: pending.map((migration) => migration.name) };
}

/**
 * Runs migrations in a schema as the owner's role, making the schema where `applied` is null. Leaves search_path there
 * until the transaction ends. Writes, and checks nothing: migrateProgramme() does, and `db check` compares a programme
 * with what this makes of an empty schema.
 */
export async function writeSchema(
  tx: Connection,
  name: string,
  roles: RoleNames,
  applied: number | null,
  migrations: readonly Migration[],
): Promise<void> {
  const schema = quoteIdentifier(name);
  const groups = `${quoteIdentifier(roles.operator)}, ${quoteIdentifier(roles.auditor)}`;
  await tx.sql.unsafe(`set local role ${quoteIdentifier(roles.owner)}`);
  if (applied === null) {
    await tx.sql.unsafe(`
      create schema if not exists ${schema};
      comment on schema ${schema} is 'revshare programme';
      create table ${schema}.migrations (
        position integer primary key,
        name text not null unique,
        sha256 text not null,
        created_by text not null default session_user,
        recorded_at timestamptz not null default now()
      );
      grant usage on schema ${schema} to ${groups};
      grant select on ${schema}.migrations to ${groups}`);
  }
  await tx.sql.unsafe(`set local search_path = ${schema}, pg_temp`);
  for (const [index, migration] of migrations.entries()) {
    await tx.sql.unsafe(
      migration.text
        .replaceAll('@schema@', schema)
        .replaceAll('@operator@', quoteIdentifier(roles.operator))
        .replaceAll('@auditor@', quoteIdentifier(roles.auditor)),
    );
    await tx.sql`insert into migrations (position, name, sha256)
      values (${(applied ?? 0) + index}, ${migration.name}, ${migration.sha256})`;
  }
  await tx.sql`reset role`;
}

async function assertOwner(tx: Connection, programme: string): Promise<RoleNames> {
  const [server] =
    await tx.sql`select current_setting('server_version_num')::int as version, current_database() as database`;
  assertServerVersion(server?.['version'] as number);
  const roles = roleNames(server?.['database'] as string, programme);
  const [role] = await tx.sql`
    select count(*)::int as found, coalesce(bool_and(pg_has_role(oid, 'member')) filter (where rolname = ${roles.owner}), false) as may
    from pg_roles where rolname in (${roles.owner}, ${roles.operator}, ${roles.auditor})`;
  if (role?.['found'] !== 3) {
    throw new RefusedError(
      'roles_missing',
      `the roles of programme ${programme} do not exist (${roles.owner}, ${roles.operator}, ${roles.auditor})`,
      {
        hint: `as an administrator run: revshare db bootstrap --programme ${programme} (or --print-sql to hand it to one)`,
      },
    );
  }
  if (role['may'] !== true) {
    throw new RefusedError('not_owner', `this login is no member of ${roles.owner}, and only the owner migrates`, {
      hint: 'set REVSHARE_OWNER_URL to the owner’s login',
    });
  }
  return roles;
}
