import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres, { type ReservedSql, type Sql, type TransactionSql } from 'postgres';
import { UnavailableError } from '../domain/errors.ts';
import { isConnectionFailure, translateDatabaseError } from './failures.ts';

/**
 * The one home of `postgres` and `drizzle-orm`. A `Connection` is what queries take: the same two hands, drizzle for
 * lists and lookups and the raw tag for set-based SQL, whether inside a transaction or not.
 */
export interface Connection {
  readonly orm: PostgresJsDatabase;
  readonly sql: Sql | TransactionSql;
}

export interface Database extends Connection {
  readonly sql: Sql;
  readonly target: DatabaseTarget;
  /**
   * Runs `work` in one transaction. Commits when it resolves, rolls back when it throws, and never lets a statement
   * slip out of the transaction after the connection was lost (DESIGN, ground truth 4).
   */
  transaction<T>(work: (tx: Connection) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Where a database is and who asks. Either a socket path (embedded) or a URL. */
export interface DatabaseTarget {
  readonly url: string | null;
  readonly socket: { readonly path: string; readonly database: string; readonly user: string } | null;
  /** Schema of the programme; null for commands that stand outside any programme. */
  readonly schema: string | null;
}

// Dates and times stay the strings Postgres wrote, from the start: drizzle() would switch the parsers of this client
// anyhow, and a JavaScript Date has no business with a civil date. int8 is a string by postgres.js's own default.
const TEXT_TYPES = {
  date: { to: 1082, from: [1082, 1083, 1114, 1184], serialize: (value: string) => value, parse: (text: string) => text },
};

export function openDatabase(target: DatabaseTarget, options: { max?: number; connectTimeoutSeconds?: number } = {}): Database {
  let lost = 0; // connections that closed so far: a transaction compares before each statement
  const shared = {
    max: options.max ?? 3,
    fetch_types: false,
    connect_timeout: options.connectTimeoutSeconds ?? 10,
    idle_timeout: 0,
    max_lifetime: 0,
    onnotice: () => {},
    onclose: () => {
      lost += 1;
    },
    types: TEXT_TYPES,
    connection: {
      application_name: 'revshare',
      TimeZone: 'UTC',
      // pg_temp last, or a temporary table could stand in for one of ours
      ...(target.schema === null ? {} : { search_path: `${quoteIdentifier(target.schema)}, pg_temp` }),
    },
  };
  const sql = (target.socket !== null
    ? postgres({ ...shared, path: target.socket.path, database: target.socket.database, user: target.socket.user } as never)
    : postgres(target.url ?? '', shared as never)) as unknown as Sql;
  const orm = drizzle(sql);

  return {
    sql,
    orm,
    target,
    async transaction(work) {
      // Not postgres.js's own begin: when the connection drops inside it, it reconnects and runs what follows outside
      // any transaction, and then writes its ROLLBACK to a socket that is gone, which nobody can catch.
      const reserved = await sql.reserve().catch((error: unknown) => {
        throw translateDatabaseError(error);
      });
      const before = lost;
      let ended = false;
      const broken = () => lost !== before;
      const guarded = guardStatements(reserved, sql.options, () => ended || broken());
      try {
        await guarded`begin`;
        const result = await work({ sql: guarded, orm: drizzle(guarded as unknown as Sql) });
        await guarded`commit`.catch((error: unknown) => {
          throw isConnectionFailure(error)
            ? new UnavailableError('commit_unknown', 'the connection was lost while committing: it may or may not have happened', {
                hint: 'look before you repeat it; imports and jobs can simply be run again',
                cause: error,
              })
            : error;
        });
        return result;
      } catch (error) {
        if (!broken()) {
          await guarded`rollback`.catch(() => {});
        }
        throw translateDatabaseError(error);
      } finally {
        ended = true;
        // A lost connection went back to the pool by itself, closed; releasing it would offer it as open.
        if (!broken()) {
          reserved.release();
        }
      }
    },
    async close() {
      await sql.end({ timeout: 5 });
    },
  };
}

// drizzle() wants to see its client's options; a reserved connection obeys them without carrying them.
function guardStatements(client: ReservedSql, options: Sql['options'], broken: () => boolean): TransactionSql {
  const check = () => {
    if (broken()) {
      throw new UnavailableError('connection_lost', 'the connection to the database was lost inside a transaction', {
        hint: 'nothing of it was written; run the command again',
      });
    }
  };
  return new Proxy(client as unknown as TransactionSql, {
    apply(inner, self, args) {
      // A call may only build a fragment; refusing that too is harmless.
      check();
      return Reflect.apply(inner as never, self, args);
    },
    get(inner, key) {
      if (key === 'options') {
        return options;
      }
      const value = Reflect.get(inner, key) as unknown;
      if (key === 'unsafe' && typeof value === 'function') {
        return (...args: unknown[]) => {
          check();
          return Reflect.apply(value, inner, args) as unknown;
        };
      }
      return value;
    },
  });
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
