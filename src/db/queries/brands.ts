import type { BrandLogo } from '../../domain/brand.ts';
import type { Connection } from '../connection.ts';

export interface BrandRow {
  readonly partner: string;
  readonly name: string;
  readonly colour: string;
  readonly logo: Buffer | null;
  readonly logoType: BrandLogo['type'] | null;
  readonly createdBy: string;
  readonly recordedAt: string;
}

/** The brands there are, by partner; or the one of a partner. */
export async function brandRows(tx: Connection, partnerId: number | null = null): Promise<BrandRow[]> {
  return [
    ...(await tx.sql<BrandRow[]>`
      select distinct on (p.code collate "C") p.code as partner, b.name, b.colour, b.logo, b.logo_type as "logoType",
        b.created_by as "createdBy", b.recorded_at as "recordedAt"
      from brands b join partners p on p.id = b.partner_id
      where ${partnerId}::bigint is null or b.partner_id = ${partnerId}
      order by p.code collate "C", b.id desc`),
  ];
}

/** The brand that papers of a partner bear on a day: its own, or that of the nearest partner above it that has one. */
export async function brandOver(tx: Connection, partnerId: number, day: string): Promise<BrandRow | null> {
  const [row] = await tx.sql<BrandRow[]>`
    with recursive above as (
      select ${partnerId}::bigint as partner_id, 0 as level
      union all
      select h.parent_id, a.level + 1 from above a join partner_parents h on h.partner_id = a.partner_id
      where h.retired_seq is null and h.valid @> ${day}::date
    )
    select p.code as partner, b.name, b.colour, b.logo, b.logo_type as "logoType", b.created_by as "createdBy", b.recorded_at as "recordedAt"
    from above a join partners p on p.id = a.partner_id
    join lateral (select * from brands b where b.partner_id = a.partner_id order by b.id desc limit 1) b on true
    order by a.level limit 1`;
  return row ?? null;
}

/** Says how papers of a partner look from now on. */
export async function insertBrand(
  tx: Connection,
  partnerId: number,
  { name, colour, logo, logoType }: Pick<BrandRow, 'name' | 'colour' | 'logo' | 'logoType'>,
): Promise<void> {
  await tx.sql`
    insert into brands (partner_id, name, colour, logo, logo_type) values (${partnerId}, ${name}, ${colour}, ${logo}, ${logoType})`;
}
