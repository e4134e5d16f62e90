import type { Connection, Database } from '../../db/connection.ts';
import {
  appliedMigrations,
  compareMigrations,
  NEWEST_POSTGRES,
  OLDEST_POSTGRES,
  shippedMigrations,
  writeSchema,
} from '../../db/migrations.ts';
import { programmeRoles, schemaCatalog, serverFacts, type CatalogItem } from '../../db/queries/catalog.ts';
import { foreignGrants } from '../../db/queries/grants.ts';
import { parseProgrammeName, roleNames, type RoleNames } from '../../db/roles.ts';
import { openOwner, openServer, programmeNotFound, type Whereabouts } from '../../db/session.ts';

export interface DatabaseCheck {
  readonly check: 'server' | 'roles' | 'migrations' | 'structure' | 'grants';
  /** `not_checked`: this login cannot tell; the remedy says whose can. */
  readonly result: 'ok' | 'differs' | 'not_checked';
  readonly found: string;
  readonly remedy: string | null;
}

/**
 * Whether a programme's database is what this version of the tool expects: server version, roles, order, count and
 * content of the migrations, every table, column, constraint, trigger, function and grant, and who else was granted
 * anything. What the migrations make is not kept as a list: they are run into an empty schema, the two are compared, and
 * that transaction is rolled back. Changes nothing. Throws RefusedError `programme_not_found`.
 */
export async function checkDatabase(where: Whereabouts, programmeText: string): Promise<DatabaseCheck[]> {
  const programme = parseProgrammeName(programmeText);
  const db = where.databaseUrl === null ? await openServer(where) : await openOwner(where);
  try {
    const server = await serverFacts(db);
    const names = roleNames(server.database, programme);
    const applied = await appliedMigrations(db, programme);
    if (applied === null) {
      throw programmeNotFound(programme);
    }
    const comparison = compareMigrations(applied, shippedMigrations());
    const migrations = checkMigrations(programme, applied.length, comparison);
    return [
      checkServer(server),
      await checkRoles(db, programme, names),
      migrations,
      await checkStructure(db, programme, names, server.ownerRole, migrations.result === 'ok'),
      await checkGrants(db, programme, names),
    ];
  } finally {
    await db.close();
  }
}

const ok = (check: DatabaseCheck['check'], found: string): DatabaseCheck => ({
  check,
  result: 'ok',
  found,
  remedy: null,
});
const differs = (check: DatabaseCheck['check'], found: string, remedy: string): DatabaseCheck => ({
  check,
  result: 'differs',
  found,
  remedy,
});

function checkServer(server: { versionNumber: number; version: string }): DatabaseCheck {
  const major = Math.floor(server.versionNumber / 10_000);
  if (major < OLDEST_POSTGRES) {
    return differs('server', `Postgres ${server.version}`, `upgrade to Postgres ${OLDEST_POSTGRES} or later`);
  }
  const untested = major > NEWEST_POSTGRES ? `, newer than ${NEWEST_POSTGRES}, the newest tested` : '';
  return ok('server', `Postgres ${server.version}${untested}`);
}

/** Groups that cannot log in and have no power over the server, and nobody who both migrates and works. */
async function checkRoles(db: Connection, programme: string, names: RoleNames): Promise<DatabaseCheck> {
  const groups = [names.owner, names.operator, names.auditor];
  const roles = await programmeRoles(db, groups);
  const missing = groups.filter((name) => !roles.some((role) => role.name === name));
  if (missing.length > 0) {
    return differs('roles', `missing: ${missing.join(', ')}`, `revshare db bootstrap --programme ${programme}`);
  }
  const working = roles.filter(
    (role) =>
      !groups.includes(role.name) && (role.groups.includes(names.operator) || role.groups.includes(names.auditor)),
  );
  const mighty = [...roles.filter((role) => groups.includes(role.name)), ...working].filter(
    (role) => role.powers.length > 0,
  );
  if (mighty.length > 0) {
    const list = mighty.map((role) => `${role.name} (${role.powers.join(', ')})`).join('; ');
    return differs(
      'roles',
      `past every rule of the books: ${list}`,
      'alter role … nosuperuser nobypassrls nocreaterole; work with plain logins',
    );
  }
  const both = working.filter((role) => role.groups.includes(names.owner));
  if (both.length > 0) {
    const list = both.map((role) => role.name).join(', ');
    return differs('roles', `members of owner and of a working role: ${list}`, `revoke ${names.owner} from ${list}`);
  }
  const count = (group: string) => working.filter((role) => role.groups.includes(group)).length;
  return ok('roles', `${groups.join(', ')}; ${count(names.operator)} operators, ${count(names.auditor)} auditors`);
}

function checkMigrations(
  programme: string,
  applied: number,
  { pending, difference }: ReturnType<typeof compareMigrations>,
): DatabaseCheck {
  if (difference !== null) {
    return differs(
      'migrations',
      difference,
      'install the version of revshare that made this database, or restore its backup',
    );
  }
  if (pending.length > 0) {
    const list = pending.map((one) => one.name).join(', ');
    return differs('migrations', `${pending.length} pending: ${list}`, `revshare db migrate --programme ${programme}`);
  }
  return ok('migrations', `${applied} applied, in order, with the content shipped`);
}

/** A name that no programme can have, so that nobody is ever in its way; seen by nobody, for it is never committed. */
const SCRATCH = 'revshare_db_check';
const SHOWN = 8;

async function checkStructure(
  db: Database,
  programme: string,
  names: RoleNames,
  mayOwn: boolean,
  migrated: boolean,
): Promise<DatabaseCheck> {
  if (!migrated) {
    return { check: 'structure', result: 'not_checked', found: 'the migrations come first', remedy: null };
  }
  if (!mayOwn) {
    return {
      check: 'structure',
      result: 'not_checked',
      found: `this login is no member of ${names.owner}`,
      remedy: 'set REVSHARE_OWNER_URL to the owner’s login',
    };
  }
  const { actual, expected } = await bothCatalogs(db, programme, names);
  const differences = compareCatalogs(actual, expected);
  if (differences.length === 0) {
    return ok(
      'structure',
      `${expected.length} tables, columns, constraints, triggers, functions and grants as the migrations make them`,
    );
  }
  const more = differences.length > SHOWN ? `; and ${differences.length - SHOWN} more` : '';
  return differs(
    'structure',
    `${differences.slice(0, SHOWN).join('; ')}${more}`,
    'somebody changed the schema by hand: change it back, or restore the backup',
  );
}

async function bothCatalogs(
  db: Database,
  programme: string,
  names: RoleNames,
): Promise<{ actual: CatalogItem[]; expected: CatalogItem[] }> {
  const seen = { actual: [] as CatalogItem[], expected: [] as CatalogItem[] };
  const undone = new Error('undone on purpose');
  await db
    .transaction(async (tx) => {
      seen.actual = await schemaCatalog(tx, programme);
      await writeSchema(tx, SCRATCH, names, null, shippedMigrations());
      seen.expected = await schemaCatalog(tx, SCRATCH);
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) {
        throw error;
      }
    });
  return seen;
}

/** An index of one's own harms nobody; anything else that is missing, added or different does. */
function compareCatalogs(actual: readonly CatalogItem[], expected: readonly CatalogItem[]): string[] {
  const there = new Map(actual.map((item) => [item.called, item.definition]));
  const differences: string[] = [];
  for (const { called, definition } of expected) {
    const found = there.get(called);
    if (found === undefined) {
      differences.push(`${called} is missing`);
    } else if (found !== definition) {
      differences.push(
        `${called} is ${fromWhereTheyDiffer(found, definition)} and should be ${fromWhereTheyDiffer(definition, found)}`,
      );
    }
    there.delete(called);
  }
  for (const called of there.keys()) {
    if (!called.startsWith('index ')) {
      differences.push(`${called} is not ours`);
    }
  }
  return differences;
}

/** A definition as far as it tells the two apart. */
function fromWhereTheyDiffer(text: string, other: string): string {
  let same = 0;
  while (same < text.length && text[same] === other[same]) {
    same += 1;
  }
  const start = same < 40 ? 0 : same - 20;
  const end = Math.min(text.length, start + 120);
  return `'${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}'`;
}

async function checkGrants(db: Connection, programme: string, names: RoleNames): Promise<DatabaseCheck> {
  const strangers = await foreignGrants(db, programme, [names.owner, names.operator, names.auditor]);
  return strangers.length === 0
    ? ok('grants', 'nobody but this programme’s roles')
    : differs('grants', strangers.join('; '), 'revoke them: rights come by the programme’s roles only');
}
