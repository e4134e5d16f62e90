import type { Connection } from '../connection.ts';

export interface ProgrammeRow {
  readonly name: string;
  readonly title: string;
  readonly zone: string;
  readonly currency: string;
  /** Settings of the whole programme in force today, by name. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly createdBy: string;
  readonly recordedAt: string | null;
}

/** The programme of the connection's schema, or null while it has no row. */
export async function programmeRow(tx: Connection): Promise<ProgrammeRow | null> {
  const [row] = await tx.sql<ProgrammeRow[]>`
    select p.name, p.title, p.zone, p.currency, p.created_by as "createdBy", p.recorded_at as "recordedAt",
      (select coalesce(json_object_agg(s.name, s.value order by s.name), '{}') from settings s
       where s.instance_id is null and s.retired_seq is null and s.valid @> (now() at time zone p.zone)::date) as settings
    from programme p`;
  return row ?? null;
}

export async function insertProgramme(
  tx: Connection,
  terms: Pick<ProgrammeRow, 'name' | 'title' | 'zone' | 'currency'>,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  await tx.sql`insert into programme (name, title, zone, currency) values (${terms.name}, ${terms.title}, ${terms.zone}, ${terms.currency})`;
  await tx.sql`
    with drawn as materialized (select draw_known_seq(${`programme ${terms.name} created`}) as seq)
    insert into settings (name, value, valid, known_seq)
    select s.key, s.value, daterange(null, null), drawn.seq from json_each(${JSON.stringify(settings)}::json) s, drawn`;
  await tx.sql`select seed_tier_terms(max(known_seq)) from known_changes`;
}

/** Every programme of this database that the login can see, marked by the comment the migrator leaves on its schema. */
export async function programmeSchemas(tx: Connection): Promise<{ name: string; usable: boolean }[]> {
  return [
    ...(await tx.sql<{ name: string; usable: boolean }[]>`
      select n.nspname as name, has_schema_privilege(n.oid, 'usage') as usable
      from pg_namespace n where obj_description(n.oid, 'pg_namespace') = 'revshare programme' order by n.nspname collate "C"`),
  ];
}
