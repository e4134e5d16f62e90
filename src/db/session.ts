import { statSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedError, UnavailableError } from '../domain/errors.ts';
import { parseDatabaseUrl } from '../database-url.ts';
import { openDatabase, quoteIdentifier, quoteLiteral, type Database, type DatabaseTarget } from './connection.ts';
import { EMBEDDED_DATABASE, EMBEDDED_SUPERUSER, embeddedEndpoint, type EmbeddedEndpoint } from './embedded/endpoint.ts';
import { isConnectionFailure, postgresFailure, translateDatabaseError } from './failures.ts';
import {
  assertServerVersion,
  compareMigrations,
  refuseDifference,
  shippedVersions,
  type AppliedMigration,
} from './migrations.ts';
import { refusedConnection, type Address } from './refused-connection.ts';
import { bootstrapStatements, parseActorName, parseProgrammeName, roleNames } from './roles.ts';

/** What a command knows about where the books are and who asks. */
export interface Whereabouts {
  readonly home: string;
  /** null: the embedded server of `home`. */
  readonly databaseUrl: string | null;
  /** The owner's URL; null: `databaseUrl`. */
  readonly ownerUrl: string | null;
  /** Asked for by --actor or REVSHARE_ACTOR; null: the login of the URL, or the user of this machine. */
  readonly actor: string | null;
  readonly osUser: string;
}

export interface Session {
  readonly db: Database;
  readonly programme: string;
  readonly actor: string;
  readonly zone: string;
}

/**
 * Opens a working session in a programme: as the actor's own login, with the programme's schema as search_path, after
 * checking server version, rights and migrations. Starts a stopped embedded server, and makes the actor's login there
 * on demand. The database names the actor from then on (session_user).
 *
 * Throws UnavailableError (`not_initialised`, `login_missing`, `owner_login`, …), RefusedError (`no_rights`,
 * `programme_not_found`), IntegrityError (`migrations_differ`), each with its remedy.
 */
export async function openSession(where: Whereabouts, programmeText: string): Promise<Session> {
  const programme = parseProgrammeName(programmeText);
  if (where.databaseUrl !== null) {
    const url = urlForActor(where.databaseUrl, where.actor);
    const db = openDatabase({ url, socket: null, schema: programme });
    return await checked(db, programme).catch((error: unknown) => {
      throw refusedConnection({ url, setting: 'DATABASE_URL' }, error) ?? translateDatabaseError(error);
    });
  }
  assertInitialised(where.home);
  const actor = parseActorName(where.actor ?? where.osUser);
  let endpoint = embeddedEndpoint(where.home);
  for (let round = 0; ; round += 1) {
    const db = openDatabase(socketTarget(endpoint, actor, programme));
    try {
      return await checked(db, programme);
    } catch (error) {
      await db.close();
      if (round < 2 && isConnectionFailure(error)) {
        endpoint = await startEmbedded(where.home);
      } else if (
        round < 2 &&
        (isMissingLogin(error) || (error instanceof RefusedError && error.code === 'no_rights'))
      ) {
        await admitActor(endpoint, programme, actor);
      } else {
        throw translateDatabaseError(error);
      }
    }
  }
}

/** A connection that may change roles and schemas: the embedded superuser, or the owner's URL. For bootstrap and migrate. */
export async function openOwner(where: Whereabouts, options: { start: boolean } = { start: true }): Promise<Database> {
  const url = where.ownerUrl ?? where.databaseUrl;
  if (url !== null) {
    return await knocked({ url, setting: where.ownerUrl === null ? 'DATABASE_URL' : 'REVSHARE_OWNER_URL' });
  }
  const endpoint = options.start ? await startEmbedded(where.home) : embeddedEndpoint(where.home);
  return openDatabase(socketTarget(endpoint, EMBEDDED_SUPERUSER, null));
}

/** Outside every programme nothing is asked on the way in, and then the first question would be refused, whatever it is. */
async function knocked(address: Address): Promise<Database> {
  const db = openDatabase({ url: address.url, socket: null, schema: null });
  try {
    const [server] = await db.sql`select current_setting('server_version_num')::int as version`;
    assertServerVersion(server?.['version'] as number);
    return db;
  } catch (error) {
    await db.close();
    throw refusedConnection(address, error) ?? translateDatabaseError(error);
  }
}

/** Any login of this server, outside every programme: `programme list`, `db check`. */
export async function openServer(where: Whereabouts): Promise<Database> {
  if (where.databaseUrl !== null) {
    return await knocked({ url: urlForActor(where.databaseUrl, where.actor), setting: 'DATABASE_URL' });
  }
  assertInitialised(where.home);
  return await openOwner(where);
}

export function isEmbedded(where: Whereabouts): boolean {
  return where.databaseUrl === null && where.ownerUrl === null;
}

async function startEmbedded(home: string): Promise<EmbeddedEndpoint> {
  // Loaded only when something has to be started: a running server costs no more than its socket.
  const { ensureServer } = await import('./embedded/server.ts');
  return await ensureServer(home);
}

function assertInitialised(home: string): void {
  const data = join(home, 'postgres', 'data');
  try {
    statSync(data);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') {
      throw new UnavailableError('home_not_readable', `the books in ${home} may not be read by this user`, {
        hint: 'work as the user who made them, or set REVSHARE_HOME to books of your own',
        cause: error,
      });
    }
    throw new UnavailableError('not_initialised', `there are no books in ${home}`, {
      hint: 'run `revshare init` once, or set REVSHARE_HOME or DATABASE_URL to where they are',
    });
  }
}

function socketTarget(endpoint: EmbeddedEndpoint, user: string, schema: string | null): DatabaseTarget {
  return {
    url: null,
    schema,
    socket: { path: join(endpoint.socketDir, `.s.PGSQL.${endpoint.port}`), database: EMBEDDED_DATABASE, user },
  };
}

/**
 * On a server of one's own the login is the actor. A URL without a user takes the actor's name, as psql would take
 * PGUSER; a URL with another user contradicts --actor, and we do not guess which is meant.
 */
function urlForActor(url: string, actor: string | null): string {
  if (actor === null) {
    return url;
  }
  parseActorName(actor);
  const parsed = parseDatabaseUrl(url);
  if (parsed.username === '') {
    parsed.username = encodeURIComponent(actor);
    return parsed.toString();
  }
  if (decodeURIComponent(parsed.username) !== actor) {
    throw new RefusedError(
      'actor_is_login',
      `DATABASE_URL logs in as ${decodeURIComponent(parsed.username)}, which is the actor; --actor says ${actor}`,
      {
        hint: `give ${actor} a DATABASE_URL of their own, or leave the user out of the URL`,
      },
    );
  }
  return url;
}

function isMissingLogin(error: unknown): boolean {
  return postgresFailure(error)?.code === '28000';
}

/** Embedded only: anyone at this machine may be any actor, so making the login proves nothing; it gives each a name. */
async function admitActor(endpoint: EmbeddedEndpoint, programme: string, actor: string): Promise<void> {
  const admin = openDatabase(socketTarget(endpoint, EMBEDDED_SUPERUSER, null));
  try {
    const [found] =
      await admin.sql`select 1 from pg_roles where rolname = ${roleNames(EMBEDDED_DATABASE, programme).operator}`;
    if (found === undefined) {
      throw programmeNotFound(programme);
    }
    // Four eyes count people, and nobody becomes a second one by another spelling.
    const [alike] = await admin.sql<{ name: string }[]>`
      select rolname as name from pg_roles where lower(rolname) = lower(${actor}) and rolname <> ${actor}`;
    if (alike !== undefined) {
      throw new RefusedError('actor_alike', `'${actor}' differs from the actor '${alike.name}' by its capitals alone`, {
        hint: `say --actor ${alike.name}`,
      });
    }
    for (const statement of bootstrapStatements(EMBEDDED_DATABASE, programme, { operators: [actor] }).slice(-2)) {
      await retryConcurrentGrant(() => admin.sql.unsafe(statement));
    }
  } finally {
    await admin.close();
  }
}

/** Two sessions granting the same membership at once: the loser sees "tuple concurrently updated" and tries again. */
export async function retryConcurrentGrant<T>(work: () => Promise<T>): Promise<T> {
  for (let round = 0; ; round += 1) {
    try {
      return await work();
    } catch (error) {
      const code = postgresFailure(error)?.code;
      if (round >= 20 || (code !== 'XX000' && code !== '23505' && code !== '40001')) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 10 + round * 10));
    }
  }
}

export function programmeNotFound(programme: string): RefusedError {
  return new RefusedError('programme_not_found', `there is no programme '${programme}' here`, {
    hint: `\`revshare programme list\` shows what there is; \`revshare programme create ${programme}\` makes it`,
  });
}

/** Who is asking, and what may they; what state the programme's schema is in. As Postgres writes it. */
interface Identity {
  readonly actor: string;
  readonly database: string;
  readonly version: number;
  readonly there: boolean;
  readonly may_use: boolean;
  readonly superuser: boolean;
  readonly owner: boolean;
}

interface SchemaState {
  readonly applied: AppliedMigration[];
  readonly zone: string | null;
}

/** What every start asks. Without parameters, whose types would have to be asked for first. */
async function checked(db: Database, programme: string): Promise<Session> {
  try {
    const { identity, state } = await askWhoAndWhat(db, quoteLiteral(quoteIdentifier(programme)));
    assertServerVersion(identity.version);
    if (!identity.there) {
      throw programmeNotFound(programme);
    }
    const { actor } = identity;
    if (identity.superuser || identity.owner) {
      throw new UnavailableError('owner_login', `${actor} owns this database, and the owner only migrates`, {
        hint: `work with a login of your own: revshare db bootstrap --programme ${programme} --operator NAME, then use it in DATABASE_URL (and the owner's in REVSHARE_OWNER_URL)`,
      });
    }
    if (!identity.may_use) {
      const names = roleNames(identity.database, programme);
      throw new RefusedError('no_rights', `${actor} has no rights in programme ${programme}`, {
        hint: `an administrator runs: revshare db bootstrap --programme ${programme} --operator ${actor} (that is: grant ${names.operator} to ${actor})`,
      });
    }
    if (state instanceof Error) {
      throw postgresFailure(state)?.code === '42P01' ? unmigrated(programme) : state;
    }
    const { pending, difference } = compareMigrations(state.applied, shippedVersions());
    if (difference !== null) {
      refuseDifference(programme, difference);
    }
    if (pending.length > 0 || state.zone === null) {
      throw unmigrated(programme);
    }
    return { db, programme, actor, zone: state.zone };
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** No such table, no such column, no right to read it. */
const OF_THE_SCHEMA = new Set(['42P01', '42703', '42501']);

/** Both in one message. Where the second cannot be answered, the first says why, and is asked again by itself. */
async function askWhoAndWhat(
  db: Database,
  programme: string,
): Promise<{ identity: Identity; state: SchemaState | Error }> {
  const who = `
    select session_user as actor, current_database() as database, current_setting('server_version_num')::int as version,
      to_regnamespace(${programme}) is not null as there,
      coalesce(has_schema_privilege(to_regnamespace(${programme})::oid, 'usage'), false) as may_use,
      current_setting('is_superuser') = 'on' as superuser,
      coalesce(pg_has_role(to_regrole(quote_ident('revshare_' || current_database() || '_owner'))::oid, 'member'), false) as owner`;
  const what = `
    select (select coalesce(json_agg(m order by m.position), '[]') from (select position, name, sha256 from migrations) m) as applied,
      (select p.zone from programme p) as zone`;
  try {
    const [[identity], [state]] = await db.sql.unsafe<[[Identity], [SchemaState]]>(`${who};${what}`);
    return { identity, state };
  } catch (error) {
    const failure = postgresFailure(error);
    // A login that is refused is FATAL, and ends the connection.
    if (failure?.severity !== 'ERROR' || !OF_THE_SCHEMA.has(failure.code)) throw error;
    const [identity] = await db.sql.unsafe<[Identity]>(who);
    return { identity, state: error as Error };
  }
}

function unmigrated(programme: string): UnavailableError {
  return new UnavailableError('migrations_pending', `programme ${programme} is not at this version's schema`, {
    hint: `run: revshare db migrate --programme ${programme}`,
  });
}
