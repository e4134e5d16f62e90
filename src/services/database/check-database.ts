import {
  appliedMigrations,
  compareMigrations,
  NEWEST_POSTGRES,
  OLDEST_POSTGRES,
  shippedMigrations,
} from '../../db/migrations.ts';
import { openOwner, openServer, programmeNotFound, type Whereabouts } from '../../db/session.ts';
import { roleNames } from '../../db/roles.ts';
import { parseProgrammeName } from '../../db/roles.ts';
import { foreignGrants } from '../../db/queries/grants.ts';

export interface DatabaseCheck {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  readonly remedy: string | null;
}

/**
 * Whether a programme's database is what this version of the tool expects: server version, roles, order, count and
 * content of the migrations, and who was granted what. Reads only.
 */
export async function checkDatabase(where: Whereabouts, programmeText: string): Promise<DatabaseCheck[]> {
  const programme = parseProgrammeName(programmeText);
  const db = where.databaseUrl === null ? await openServer(where) : await openOwner(where);
  try {
    const [server] = await db.sql`
      select current_setting('server_version_num')::int as version, current_setting('server_version') as shown, current_database() as name`;
    const major = Math.floor((server?.['version'] as number) / 10_000);
    const names = roleNames(server?.['name'] as string, programme);
    const roles = await db.sql<{ name: string; login: boolean }[]>`
      select rolname as name, rolcanlogin as login from pg_roles where rolname in (${names.owner}, ${names.operator}, ${names.auditor})`;
    const missing = [names.owner, names.operator, names.auditor].filter(
      (name) => !roles.some((role) => role.name === name),
    );
    const applied = await appliedMigrations(db, programme);
    if (applied === null) {
      throw programmeNotFound(programme);
    }
    const { pending, difference } = compareMigrations(applied, shippedMigrations());
    const strangers = await foreignGrants(db, programme, [names.owner, names.operator, names.auditor]);
    return [
      {
        check: 'server',
        ok: major >= OLDEST_POSTGRES,
        found: `Postgres ${server?.['shown'] as string}${major > NEWEST_POSTGRES ? `, newer than ${NEWEST_POSTGRES}, the newest tested` : ''}`,
        remedy: major >= OLDEST_POSTGRES ? null : `upgrade to Postgres ${OLDEST_POSTGRES} or later`,
      },
      {
        check: 'roles',
        ok: missing.length === 0,
        found:
          missing.length === 0
            ? `${names.owner}, ${names.operator}, ${names.auditor}`
            : `missing: ${missing.join(', ')}`,
        remedy: missing.length === 0 ? null : `revshare db bootstrap --programme ${programme}`,
      },
      {
        check: 'migrations',
        ok: difference === null && pending.length === 0,
        found:
          difference ??
          (pending.length > 0
            ? `${pending.length} pending: ${pending.map((one) => one.name).join(', ')}`
            : `${applied.length} applied, in order, with the content shipped`),
        remedy:
          difference !== null
            ? 'install the version of revshare that made this database, or restore its backup'
            : pending.length > 0
              ? `revshare db migrate --programme ${programme}`
              : null,
      },
      {
        check: 'grants',
        ok: strangers.length === 0,
        found: strangers.length === 0 ? 'nobody but this programme’s roles' : strangers.join('; '),
        remedy: strangers.length === 0 ? null : 'revoke them: rights come by the programme’s roles only',
      },
    ];
  } finally {
    await db.close();
  }
}
