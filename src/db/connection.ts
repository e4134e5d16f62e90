import { connect, Socket } from 'node:net';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres, { type Sql, type TransactionSql } from 'postgres';
import { parseDatabaseUrl, socketOfUrl, tlsOfUrl, urlForServer } from '../database-url.ts';
import { UnavailableError } from '../domain/errors.ts';
import { isConnectionFailure, translateDatabaseError } from './failures.ts';
import { instances } from './schema/instances.ts';

/**
 * The one home of `postgres` and `drizzle-orm`. A `Connection` is what queries take: the same two hands, drizzle for
 * lists and lookups and the raw tag for set-based SQL, whether inside a transaction or not.
 */
export interface Connection {
  readonly orm: PostgresJsDatabase;
  readonly sql: Sql | TransactionSql;
  /** It is a transaction that others have begun, which has read and written already. */
  readonly held?: true;
}

export interface Database extends Connection {
  readonly sql: Sql;
  readonly target: DatabaseTarget;
  /**
   * Runs `work` in one transaction. Commits when it resolves, rolls back when it throws, and never lets a statement
   * slip out of the transaction after the connection was lost (DESIGN, ground truth 4).
   */
  transaction<T>(work: (tx: Connection) => Promise<T>): Promise<T>;
  /** Returns once the server has let go. */
  close(): Promise<void>;
  /** Says goodbye and waits for no answer: for a process that ends now, and takes its connections along. */
  leave(): void;
}

/** Where a database is and who asks. Either a socket path (embedded) or a URL. */
export interface DatabaseTarget {
  readonly url: string | null;
  readonly socket: { readonly path: string; readonly database: string; readonly user: string } | null;
  /** Schema of the programme; null for commands that stand outside any programme. */
  readonly schema: string | null;
}

// Dates and times, and arrays of them, stay the strings Postgres wrote: a JavaScript Date has no business with a civil
// date. int8 is a string by postgres.js's own default. JSON is handed over as text. That is also what drizzle() makes of a
// client, so that before and after it all of them read alike.
const asItIs = (text: string) => text;
const TEXT_TYPES = {
  date: { to: 1082, from: [1082, 1083, 1114, 1184, 1115, 1182, 1185, 1231], serialize: asItIs, parse: asItIs },
  json: { to: 114, from: [114, 3802], serialize: asItIs, parse: (text: string) => JSON.parse(text) as unknown },
};

/**
 * Opens nothing yet: the first statement connects. Plain statements share one connection, replaced when it is lost; each
 * transaction has one to itself, kept for the next.
 */
export function openDatabase(target: DatabaseTarget): Database {
  let plain = openClient(target);
  let closed = false;
  let orm: PostgresJsDatabase | null = null;
  const idle: Client[] = [];
  const sql = new Proxy(plain.sql, {
    apply: (_, self, args) => Reflect.apply(currentPlain() as never, self, args) as unknown,
    get: (_, key) => Reflect.get(currentPlain(), key) as unknown,
  });
  function currentPlain(): Sql {
    if (plain.dead()) {
      plain = openClient(target);
    }
    return plain.sql;
  }

  return {
    sql,
    // Drizzle is evaluated when somebody asks for it, or while the server makes room for us: see `dial`.
    get orm() {
      return (orm ??= drizzle(sql));
    },
    target,
    async transaction(work) {
      // Not postgres.js's own begin: when the connection drops inside it, it reconnects and runs what follows outside
      // any transaction, and then writes its ROLLBACK to a socket that is gone, which nobody can catch. Nor its reserve,
      // which never settles on a fresh connection without fetch_types.
      let client = idle.pop();
      while (client?.dead() === true) {
        client = idle.pop();
      }
      client ??= openClient(target);
      let begun = false;
      let ended = false;
      const guarded = guardStatements(client.sql, () => ended || (begun && client.dead()));
      try {
        await guarded`begin`;
        begun = true;
        const result = await work(connectionOf(guarded));
        await guarded`commit`.catch((error: unknown) => {
          throw isConnectionFailure(error)
            ? new UnavailableError(
                'commit_unknown',
                'the connection was lost while committing: it may or may not have happened',
                {
                  hint: 'look before you repeat it; imports and jobs can simply be run again',
                  cause: error,
                },
              )
            : error;
        });
        return result;
      } catch (error) {
        if (begun && !client.dead()) {
          await guarded`rollback`.catch(() => {});
        }
        throw translateDatabaseError(error);
      } finally {
        ended = true;
        // Kept after close() it would keep the process from ending.
        if (!begun || client.dead() || closed) {
          void client.sql.end({ timeout: 0 }).catch(() => {});
        } else {
          idle.push(client);
        }
      }
    },
    async close() {
      closed = true;
      await Promise.all(
        // A lost connection has nothing to say goodbye to, and postgres.js would wait for it.
        [plain, ...idle.splice(0)].map(async (client) => await client.sql.end({ timeout: client.dead() ? 0 : 5 })),
      );
    },
    leave() {
      closed = true;
      for (const client of [plain, ...idle.splice(0)]) client.leave();
    },
  };
}

function connectionOf(sql: TransactionSql): Connection {
  let orm: PostgresJsDatabase | null = null;
  return {
    sql,
    get orm() {
      return (orm ??= drizzle(sql as unknown as Sql));
    },
  };
}

/** A postgres.js client that is one connection and ends with it. */
interface Client {
  readonly sql: Sql;
  /** Its connection was made and lost, or could not be made. */
  dead(): boolean;
  leave(): void;
}

/**
 * postgres.js reconnects by itself. That must never happen here: a statement of a transaction that still waits in its
 * queue would run on the new connection, outside of any transaction; a session's locks would be gone unnoticed; and what
 * was half written to the old socket would be sent first. So a client dials once, and the next one is a new one.
 */
function openClient(target: DatabaseTarget): Client {
  let dead = false;
  let dials = 0;
  let socket: Socket | null = null;
  const unsettled = new Set<Statement>();
  const options = {
    max: 1,
    fetch_types: false,
    connect_timeout: 10,
    idle_timeout: 0,
    max_lifetime: 0,
    onnotice: () => {},
    onclose: () => {
      dead = true;
      // What was sent between a socket's error and its close postgres.js has forgotten: it would never settle.
      for (const statement of unsettled) {
        statement.reject(connectionLost());
      }
      unsettled.clear();
    },
    // Given the socket before it is connected: what is written meanwhile waits in it, and its errors are heard.
    socket: async (to: { path?: string | false; host: string[]; port: number[] }) => {
      dials += 1;
      // Hung up on during the handshake, with no word why, it dials again at once and for ever: a few times are enough.
      if (!dead && dials > 1 && dials <= 5) {
        await new Promise((resolve) => setTimeout(resolve, 40 * 3 ** (dials - 2)));
      }
      socket = dead || dials > 5 ? hungUp() : dial(to);
      return socket;
    },
    types: TEXT_TYPES,
    connection: {
      application_name: 'revshare',
      TimeZone: 'UTC',
      // As on the embedded server: a statement here is long and seldom, and to compile it takes a hundred times as long as to run it.
      jit: 'off',
      // pg_temp last, or a temporary table could stand in for one of ours
      ...(target.schema === null ? {} : { search_path: `${quoteIdentifier(target.schema)}, pg_temp` }),
    },
  };
  const sql = clientOf(target, options);
  return {
    sql: watchStatements(sql, unsettled),
    dead: () => dead,
    leave() {
      void sql.end(dead ? { timeout: 0 } : undefined).catch(() => {});
      socket?.unref();
    },
  };
}

function clientOf({ socket, url }: DatabaseTarget, options: object): Sql {
  const parsed = url === null ? null : parseDatabaseUrl(url);
  const local = socket ?? (parsed === null ? null : socketOfUrl(parsed));
  const made =
    local !== null || parsed === null
      ? postgres({ ...options, ...local } as never)
      : postgres(urlForServer(parsed), { ...options, ssl: tlsOfUrl(parsed) } as never);
  return made as unknown as Sql;
}

/** What we know of postgres.js's Query: a promise that calls its handler once somebody waits for it. */
interface Statement {
  handler: ((statement: Statement) => unknown) & { debug?: unknown };
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Keeps every statement of a client in `unsettled` from when it begins until it settles. Fragments never begin. */
function watchStatements(client: Sql, unsettled: Set<Statement>): Sql {
  return mapStatements(client, (statement) => {
    const { handler } = statement;
    const begin = (begun: Statement) => {
      const { resolve, reject } = begun;
      unsettled.add(begun);
      begun.resolve = (value) => {
        unsettled.delete(begun);
        resolve(value);
      };
      begun.reject = (error) => {
        unsettled.delete(begun);
        reject(error);
      };
      return handler(begun);
    };
    statement.handler = Object.assign(begin, { debug: handler.debug });
  });
}

/** The same client, with `change` made to every statement that it hands out and that has not begun yet. */
function mapStatements(client: Sql, change: (statement: Statement) => void): Sql {
  const changed = (made: unknown) => {
    if (typeof (made as Partial<Statement>).handler === 'function') {
      change(made as Statement);
    }
    return made;
  };
  return new Proxy(client, {
    apply: (inner, self, args) => changed(Reflect.apply(inner as never, self, args)),
    get(inner, key) {
      const value = Reflect.get(inner, key) as unknown;
      return key === 'unsafe' && typeof value === 'function'
        ? (...args: unknown[]) => changed(Reflect.apply(value, inner, args))
        : value;
    },
  });
}

function connectionLost(): UnavailableError {
  return new UnavailableError('connection_lost', 'the connection to the database was lost', {
    hint: 'nothing of an unfinished transaction was written; run the command again',
  });
}

function dial(to: { path?: string | false; host: string[]; port: number[] }): Socket {
  const socket =
    typeof to.path === 'string'
      ? connect(to.path)
      : // postgres.js asks it for the name that a certificate must carry
        Object.assign(connect(to.port[0]!, to.host[0]!), { host: to.host[0], port: to.port[0] });
  // While the server makes a process for us, and while it looks for who we are, we have some milliseconds of our own.
  return socket
    .once('connect', () => setImmediate(evaluateDrizzle))
    .once('data', () => setImmediate(() => setImmediate(evaluateTables)));
}

/** In the bundle it is evaluated when something of it is asked for (.config/build.js). */
function evaluateDrizzle(): unknown {
  return drizzle;
}

/** Those that nearly every command asks. */
function evaluateTables(): unknown {
  return instances;
}

/** A socket that fails as one does whose peer hung up: postgres.js settles its statements only for an error of a socket. */
function hungUp(): Socket {
  const socket = new Socket();
  setImmediate(() => {
    socket.destroy(Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' }));
  });
  return socket;
}

/** Refuses, when its turn comes, whatever a transaction would still run after its end or the end of its connection. */
function guardStatements(client: Sql, over: () => boolean): TransactionSql {
  return mapStatements(client, (statement) => {
    const { handler } = statement;
    const begin = (begun: Statement) => (over() ? begun.reject(connectionLost()) : handler(begun));
    statement.handler = Object.assign(begin, { debug: handler.debug });
  }) as unknown as TransactionSql;
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
