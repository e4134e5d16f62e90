import type { Connection } from '../connection.ts';

/** Rights on a programme's schema or tables that somebody else than its own roles holds, in words. */
export async function foreignGrants(tx: Connection, programme: string, roles: readonly string[]): Promise<string[]> {
  const rows = await tx.sql<{ found: string }[]>`
    with granted as (
      select 'schema ' || n.nspname as what, a.grantee, a.privilege_type
      from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a where n.nspname = ${programme}
      union all
      select c.relname, a.grantee, a.privilege_type
      from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
      where n.nspname = ${programme} and c.relkind in ('r', 'v', 'S', 'm')
    )
    select g.what || ': ' || lower(string_agg(distinct g.privilege_type, ', ')) || ' to ' || coalesce(r.rolname, 'public') as found
    from granted g left join pg_roles r on r.oid = g.grantee
    where coalesce(r.rolname, 'public') <> all (${`{${roles.map((role) => `"${role}"`).join(',')}}`}::text[])
      and not coalesce(r.rolsuper, false)
    group by g.what, r.rolname order by 1 limit 20`;
  return rows.map((row) => row.found);
}

/** Whether somebody of this name can log in to the server. */
export async function isLogin({ sql }: Pick<Connection, 'sql'>, name: string): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    select exists (select from pg_roles where rolname = ${name} and rolcanlogin) as found`;
  return row!.found;
}
