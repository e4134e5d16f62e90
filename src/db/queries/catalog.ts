import type { Connection } from '../connection.ts';
import { quoteIdentifier, quoteLiteral } from '../connection.ts';

/** One thing in a schema, with all of it that matters as text. */
export interface CatalogItem {
  /** 'table entries', 'trigger guard on entries', 'grants on entries' … */
  readonly called: string;
  readonly definition: string;
}

const ACL = (acl: string, kind: string, owner: string) => `(
  select coalesce(string_agg(case when x.grantee = 0 then 'public' else pg_get_userbyid(x.grantee)::text end || ' ' || lower(x.privilege_type)
    || case when x.is_grantable then ' with grant option' else '' end, ', ' order by pg_get_userbyid(x.grantee)::text, x.privilege_type), 'nobody')
  from aclexplode(coalesce(${acl}, acldefault('${kind}', ${owner}))) x)`;

/**
 * Everything a schema is made of, in words that do not name the schema: two schemas made by the same migrations for the
 * same roles give the same list. Sets search_path to it for the rest of the transaction, because that is what leaves its
 * name out of definitions.
 */
export async function schemaCatalog(tx: Connection, schema: string): Promise<CatalogItem[]> {
  await tx.sql.unsafe(`set local search_path = ${quoteIdentifier(schema)}, pg_temp`);
  const named = quoteLiteral(schema);
  const rows = await tx.sql.unsafe<CatalogItem[]>(`
    with here as (select oid, nspowner, nspacl from pg_namespace where nspname = ${named}),
    relations as (select c.* from pg_class c, here where c.relnamespace = here.oid)
    select 'schema' as called, 'of ' || pg_get_userbyid(nspowner) || ', ' || ${ACL('nspacl', 'n', 'nspowner')} as definition from here
    union all
    select case relkind when 'r' then 'table ' when 'v' then 'view ' when 'S' then 'sequence ' else relkind::text || ' ' end || relname,
      'of ' || pg_get_userbyid(relowner) || case when relrowsecurity then ', row security' else '' end
        || case when relkind = 'v' then pg_get_viewdef(oid, true) else '' end
    from relations where relkind in ('r', 'v', 'S', 'm', 'f', 'p')
    union all
    select 'grants on ' || relname, case when relkind = 'S' then ${ACL('relacl', 's', 'relowner')} else ${ACL('relacl', 'r', 'relowner')} end
    from relations where relkind in ('r', 'v', 'S', 'm', 'f', 'p')
    union all
    select 'column ' || c.relname || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end,
      'identity ' || nullif(a.attidentity::text, ''), 'default ' || pg_get_expr(d.adbin, d.adrelid, true),
      'granted ' || (select string_agg(pg_get_userbyid(x.grantee)::text || ' ' || lower(x.privilege_type), ', ' order by pg_get_userbyid(x.grantee)::text, x.privilege_type)
                     from aclexplode(a.attacl) x))
    from relations c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum where c.relkind in ('r', 'v')
    union all
    select 'constraint ' || k.conname || ' on ' || c.relname, pg_get_constraintdef(k.oid, true) || case when k.convalidated then '' else ' (not validated)' end
    from pg_constraint k join relations c on c.oid = k.conrelid
    union all
    select 'index ' || i.relname, pg_get_indexdef(x.indexrelid, 0, true) || case when x.indisvalid then '' else ' (not valid)' end
    from pg_index x join relations c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
    union all
    select 'trigger ' || t.tgname || ' on ' || c.relname, pg_get_triggerdef(t.oid, true) || case t.tgenabled when 'O' then '' else ' (switched off)' end
    from pg_trigger t join relations c on c.oid = t.tgrelid where not t.tgisinternal
    union all
    select 'foreign key checks of ' || c.relname, count(*) filter (where t.tgenabled = 'O') || ' of ' || count(*) || ' switched on'
    from pg_trigger t join relations c on c.oid = t.tgrelid where t.tgisinternal group by c.relname
    union all
    select 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
      concat_ws(' ', 'of', pg_get_userbyid(p.proowner), l.lanname, p.provolatile::text, case when p.prosecdef then 'security definer' end, pg_get_function_result(p.oid),
        replace(array_to_string(p.proconfig, ' '), ${named}, '@schema@'), ${ACL('p.proacl', 'f', 'p.proowner')}, md5(p.prosrc || coalesce(pg_get_expr(p.prosqlbody, 0), '')))
    from pg_proc p join here on p.pronamespace = here.oid join pg_language l on l.oid = p.prolang where p.prokind = 'f'
    union all
    select 'type ' || t.typname, (select string_agg(e.enumlabel, ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid)
    from pg_type t join here on t.typnamespace = here.oid where t.typtype = 'e'
    order by 1`);
  return [...rows];
}

/** A login or group as far as rights go. */
export interface RoleRow {
  readonly name: string;
  readonly powers: readonly string[];
  /** Groups of this programme it is in, itself not among them. */
  readonly groups: readonly string[];
}

/** The programme's groups, and every login that is in one of them. */
export async function programmeRoles(tx: Connection, groups: readonly string[]): Promise<RoleRow[]> {
  const wanted = `{${groups.map((name) => `"${name}"`).join(',')}}`;
  return [
    ...(await tx.sql<RoleRow[]>`
      select r.rolname as name,
        array_to_json(array_remove(array[case when r.rolsuper then 'superuser' end, case when r.rolbypassrls then 'bypassrls' end,
          case when r.rolcreaterole then 'createrole' end, case when r.rolcreatedb then 'createdb' end, case when r.rolreplication then 'replication' end], null)) as powers,
        coalesce((select json_agg(g.rolname order by g.rolname) from pg_roles g
          where g.rolname = any (${wanted}::text[]) and g.oid <> r.oid
            and exists (select from pg_auth_members m where m.member = r.oid and m.roleid = g.oid)), '[]') as groups
      from pg_roles r
      where r.rolname = any (${wanted}::text[])
        or exists (select from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid and g.rolname = any (${wanted}::text[]))
      order by r.rolname`),
  ];
}

export interface ServerFacts {
  readonly database: string;
  readonly version: string;
  readonly versionNumber: number;
  /** Whether this login may act as the database's owner. */
  readonly ownerRole: boolean;
}

export async function serverFacts(tx: Connection): Promise<ServerFacts> {
  const [row] = await tx.sql<ServerFacts[]>`
    select current_database() as database, current_setting('server_version') as version,
      current_setting('server_version_num')::int as "versionNumber",
      coalesce((select pg_has_role(oid, 'member') from pg_roles where rolname = 'revshare_' || current_database() || '_owner'), false) as "ownerRole"`;
  if (row === undefined) {
    throw new Error('a select without a table returned no row');
  }
  return row;
}
