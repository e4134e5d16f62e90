import { migrateProgramme } from '../../db/migrations.ts';
import { programmeSchemas } from '../../db/queries/programme.ts';
import { bootstrapStatements, parseProgrammeName, type Logins } from '../../db/roles.ts';
import { openOwner, programmeNotFound, type Whereabouts } from '../../db/session.ts';

export interface MigratedProgramme {
  readonly programme: string;
  readonly applied: readonly string[];
}

/** Carries a result out of a transaction that is rolled back. */
class RolledBack<T> extends Error {
  readonly result: T;
  constructor(result: T) {
    super('rolled back on purpose');
    this.result = result;
  }
}

/**
 * Brings programmes to this version's schema, all in one transaction, as the owner. Only programmes that are there: a new
 * one is made by `init` or `programme create`. Writes, unless `dryRun`. Throws what migrateProgramme throws.
 */
export async function migrateDatabase(
  where: Whereabouts,
  which: { readonly programme: string } | 'all',
  options: { dryRun: boolean },
): Promise<MigratedProgramme[]> {
  const owner = await openOwner(where);
  try {
    return await owner.transaction(async (tx) => {
      const present = (await programmeSchemas(tx)).map((schema) => schema.name);
      const wanted = which === 'all' ? present : [parseProgrammeName(which.programme)];
      const migrated: MigratedProgramme[] = [];
      for (const programme of wanted) {
        if (!present.includes(programme)) {
          throw programmeNotFound(programme);
        }
        const { applied } = await migrateProgramme(tx, programme);
        migrated.push({ programme, applied });
      }
      if (options.dryRun) {
        throw new RolledBack(migrated);
      }
      return migrated;
    });
  } catch (error) {
    if (error instanceof RolledBack) {
      return error.result as MigratedProgramme[];
    }
    throw error;
  } finally {
    await owner.close();
  }
}

/** The SQL that makes a programme's roles and logins, for whoever may run it. Reads the database's name only. */
export async function bootstrapSql(where: Whereabouts, programme: string, logins: Logins): Promise<string[]> {
  const owner = await openOwner(where);
  try {
    const [database] = await owner.sql`select current_database() as name`;
    return bootstrapStatements(database?.['name'] as string, parseProgrammeName(programme), logins);
  } finally {
    await owner.close();
  }
}

/** Makes the roles of a programme and the logins asked for, in one transaction; safe to run again. Writes, unless `dryRun`. */
export async function bootstrapDatabase(
  where: Whereabouts,
  programme: string,
  logins: Logins,
  options: { dryRun: boolean },
): Promise<string[]> {
  const statements = await bootstrapSql(where, programme, logins);
  const owner = await openOwner(where);
  try {
    return await owner.transaction(async (tx) => {
      await tx.sql`select pg_advisory_xact_lock(hashtextextended('revshare.bootstrap', 0))`;
      for (const statement of statements) {
        await tx.sql.unsafe(statement);
      }
      if (options.dryRun) {
        throw new RolledBack(statements);
      }
      return statements;
    });
  } catch (error) {
    if (error instanceof RolledBack) {
      return error.result as string[];
    }
    throw error;
  } finally {
    await owner.close();
  }
}
