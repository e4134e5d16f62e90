/** What the server at an endpoint says when one knocks. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { CLUSTER_ID_FILE, EMBEDDED_DATABASE, EMBEDDED_SUPERUSER, type EmbeddedEndpoint } from './endpoint.ts';
import { errnoOf } from './failures.ts';

export type Answer =
  /** Nobody listens. */
  | { kind: 'absent' }
  /** Somebody does and lets nobody in yet, or any more: 57P03, no free connection, or silence. */
  | { kind: 'busy'; reason: string }
  | { kind: 'no_database' }
  | { kind: 'ready'; serverVersion: string }
  /** It answers, and a person has to look at why it will not have us. */
  | { kind: 'refusing'; reason: string };

/** Knocks once. Never throws, and leaves no connection behind. */
export async function probe(endpoint: EmbeddedEndpoint, timeoutMs: number): Promise<Answer> {
  // Spares the common cold start a connection attempt and postgres.js its retry.
  if (!existsSync(join(endpoint.socketDir, `.s.PGSQL.${endpoint.port}`))) return { kind: 'absent' };
  return await withClient(endpoint, EMBEDDED_DATABASE, timeoutMs, async (sql) => {
    // Reading its own cluster's id proves that its files are still there: a server whose home was removed answers for
    // up to a minute more, from memory, and forgets what it is told.
    const [row] = await sql<{ version: string; id: string | null }[]>`
      select current_setting('server_version') as version, pg_read_file(${CLUSTER_ID_FILE}, true) as id`;
    return row?.id === null || row === undefined
      ? { kind: 'busy', reason: 'a server whose files were removed still runs' }
      : { kind: 'ready', serverVersion: row.version.split(' ')[0] as string };
  });
}

/** Creates the database unless it is there; by however many callers at once, exactly one creates it. */
export async function createDatabase(endpoint: EmbeddedEndpoint, timeoutMs: number): Promise<Answer> {
  return await withClient(endpoint, 'postgres', timeoutMs, async (sql) => {
    // A database cannot be created inside a transaction, hence a lock of the session, which ends with the connection.
    await sql`select pg_advisory_lock(hashtext('revshare create database'))`;
    const found = await sql`select 1 from pg_database where datname = ${EMBEDDED_DATABASE}`;
    if (found.length === 0) await sql.unsafe(`create database ${EMBEDDED_DATABASE}`);
    return { kind: 'busy', reason: 'its database has just been created' };
  });
}

async function withClient(
  endpoint: EmbeddedEndpoint,
  database: string,
  timeoutMs: number,
  ask: (sql: postgres.Sql) => Promise<Answer>,
): Promise<Answer> {
  const sql = postgres({
    host: endpoint.socketDir,
    port: endpoint.port,
    path: `${endpoint.socketDir}/.s.PGSQL.${endpoint.port}`,
    database,
    username: EMBEDDED_SUPERUSER,
    // Set, because postgres.js would otherwise read PGPASSWORD, PGSSL and their like from the user's environment.
    password: '-',
    ssl: false,
    max: 1,
    connect_timeout: Math.max(timeoutMs, 100) / 1000,
    fetch_types: false,
    prepare: false,
    max_lifetime: null,
    onnotice: () => {},
    connection: { application_name: 'revshare start' },
  });
  try {
    // connect_timeout ends with the handshake; a server stopped dead afterwards would keep us for ever.
    return await Promise.race([ask(sql), silence(timeoutMs)]);
  } catch (error) {
    return answerOf(error);
  } finally {
    await sql.end({ timeout: 0 });
  }
}

function silence(timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    setTimeout(() => resolve({ kind: 'busy', reason: 'it does not answer' }), timeoutMs).unref();
  });
}

function answerOf(error: unknown): Answer {
  const code = errnoOf(error);
  const message = error instanceof Error ? error.message : String(error);
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return { kind: 'absent' };
    case '3D000':
      return { kind: 'no_database' };
    case '57P03': // starting up, recovering or shutting down
    case '57P01': // shutting down while we were in
    case '57P02':
    case '53300': // every connection taken
    case 'CONNECTION_CLOSED':
    case 'CONNECTION_ENDED':
    case 'CONNECTION_DESTROYED':
    case 'CONNECT_TIMEOUT':
    case 'ECONNRESET':
    case 'EPIPE':
    case 'EAGAIN': // a full queue of callers on the socket
    case '42P04': // the database was created under our hands
    case '23505':
      return { kind: 'busy', reason: message };
    default:
      return { kind: 'refusing', reason: `${code} ${message}`.trim() };
  }
}
