import type { Connection, Database } from '../../src/db/connection.ts';

/** The same database, which tells of each statement of its transactions, and of their COMMITs, before it is sent. */
export function countingBooks(db: Database, count: () => void): Database {
  return {
    ...db,
    transaction: async (work) =>
      await db.transaction(async (tx) => {
        const sql = new Proxy(tx.sql as unknown as (...args: unknown[]) => PromiseLike<unknown>, {
          apply(inner, self, args) {
            const query = Reflect.apply(inner, self, args) as PromiseLike<unknown>;
            // A fragment is never awaited; what is awaited is a statement.
            const then = query.then.bind(query);
            query.then = ((...handlers: Parameters<typeof then>) => {
              count();
              return then(...handlers);
            }) as typeof query.then;
            return query;
          },
        });
        const result = await work({ ...tx, sql: sql as unknown as Connection['sql'] });
        count();
        return result;
      }),
  };
}
