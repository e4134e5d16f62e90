import { RefusedError, UsageError } from '../domain/errors.ts';
import { quoteIdentifier, quoteLiteral } from './connection.ts';

/**
 * Roles are cluster-wide, so their names carry the database and the programme. Group roles cannot log in: the owner of a
 * database migrates and does nothing else, an operator of a programme works, an auditor of a programme reads. Logins are
 * people and schedulers, one per actor, and members of groups.
 */
export interface RoleNames {
  readonly owner: string;
  readonly operator: string;
  readonly auditor: string;
}

export function roleNames(database: string, programme: string): RoleNames {
  const names = {
    owner: `revshare_${database}_owner`,
    operator: `revshare_${database}_${programme}_operator`,
    auditor: `revshare_${database}_${programme}_auditor`,
  };
  // Postgres would cut a longer name, silently, and two programmes could share a role.
  if (Buffer.byteLength(names.operator) > 63) {
    throw new RefusedError(
      'name_too_long',
      `the role name ${names.operator} is longer than the 63 bytes Postgres keeps`,
      {
        hint: 'choose a shorter name for the programme or the database',
      },
    );
  }
  return names;
}

const RESERVED_SCHEMAS = new Set(['public', 'information_schema', 'pg_catalog', 'pg_toast']);

/** A programme is a schema of that name. Throws UsageError for what cannot be one. */
export function parseProgrammeName(text: string): string {
  if (!/^[a-z][a-z0-9_]{0,30}$/.test(text) || text.startsWith('pg_') || RESERVED_SCHEMAS.has(text)) {
    throw new UsageError('programme_name', `'${text}' cannot name a programme`, {
      hint: 'use 1–31 lower-case letters, digits and _, beginning with a letter; not public, not pg_…',
    });
  }
  return text;
}

/** The login an actor uses. Throws UsageError where the name could be mistaken for one of ours or the server's. */
export function parseActorName(text: string): string {
  if (
    !/^[A-Za-z_][A-Za-z0-9_.@-]{0,62}$/.test(text) ||
    /^(pg_|revshare_)/.test(text) ||
    ['public', 'none', 'postgres'].includes(text)
  ) {
    throw new UsageError('actor_name', `'${text}' cannot be an actor`, {
      hint: 'use letters, digits, _ . @ - (at most 63), not beginning with pg_ or revshare_',
    });
  }
  return text;
}

/** Logins to make members; each is created when it does not exist, without a password. */
export interface Logins {
  readonly operators?: readonly string[];
  readonly auditors?: readonly string[];
}

/**
 * The statements that make the roles of a programme, safe to run again. They want CREATEROLE and the right to grant
 * CREATE on the database: an administrator's login, once.
 */
export function bootstrapStatements(database: string, programme: string, logins: Logins = {}): string[] {
  const names = roleNames(database, programme);
  const statements = [
    ...[names.owner, names.operator, names.auditor].map((name) => createRole(name, 'nologin')),
    `grant ${quoteIdentifier(names.owner)} to current_user`,
    `grant connect, create, temporary on database ${quoteIdentifier(database)} to ${quoteIdentifier(names.owner)}`,
    `grant connect, temporary on database ${quoteIdentifier(database)} to ${quoteIdentifier(names.operator)}, ${quoteIdentifier(names.auditor)}`,
  ];
  for (const [group, members] of [
    [names.operator, logins.operators ?? []],
    [names.auditor, logins.auditors ?? []],
  ] as const) {
    for (const login of members) {
      statements.push(
        createRole(parseActorName(login), 'login'),
        `grant ${quoteIdentifier(group)} to ${quoteIdentifier(login)}`,
      );
    }
  }
  return statements;
}

/** Two administrators at once: the loser's duplicate is what both wanted. */
function createRole(name: string, kind: 'login' | 'nologin'): string {
  return `do $$ begin
  if not exists (select from pg_roles where rolname = ${quoteLiteral(name)}) then
    create role ${quoteIdentifier(name)} ${kind};
  end if;
exception when duplicate_object or unique_violation then null;
end $$`;
}
