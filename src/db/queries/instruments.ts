import { list } from '../arrays.ts';
import type { InstrumentKind } from '../../domain/instruments.ts';
import type { Connection } from '../connection.ts';

/** A version of an instrument, and what it is today. */
export interface InstrumentRow {
  readonly id: number;
  readonly partner: string;
  readonly partnerName: string;
  readonly currency: string;
  readonly version: number;
  readonly kind: InstrumentKind;
  readonly mask: string;
  readonly country: string | null;
  readonly usableOn: string;
  readonly createdBy: string;
  readonly recordedAt: string;
  readonly verifiedBy: string | null;
  readonly verifiedAt: string | null;
  readonly retiredBy: string | null;
  readonly retiredBecause: string | null;
  /** A later version counts in its stead. */
  readonly superseded: boolean;
  /** What keeps it from being paid to, were it the one that counts; null: nothing. */
  readonly obstacle: string | null;
}

export interface InstrumentFilter {
  readonly partner?: string | undefined;
  readonly currency?: string | undefined;
  readonly kind?: InstrumentKind | undefined;
  readonly version?: number | undefined;
  /** Only those that count. */
  readonly current?: boolean | undefined;
  /** Only those that gave way. */
  readonly superseded?: boolean | undefined;
  readonly obstacle?: string | null | undefined;
}

/** By partner and currency, the latest version first. */
export async function instrumentRows(
  tx: Connection,
  filter: InstrumentFilter,
  limit: number,
  offset: number,
): Promise<InstrumentRow[]> {
  const {
    partner = null,
    currency = null,
    kind = null,
    version = null,
    current = false,
    superseded = false,
    obstacle,
  } = filter;
  return [
    ...(await tx.sql<InstrumentRow[]>`
      select i.id::int, p.code as partner, p.name as "partnerName", i.currency, i.version, i.kind, i.mask, i.country, i.usable_on as "usableOn",
        i.created_by as "createdBy", i.recorded_at as "recordedAt", v.created_by as "verifiedBy", v.recorded_at as "verifiedAt",
        r.created_by as "retiredBy", r.reason as "retiredBecause", s.id is null as superseded, s.obstacle
      from instruments i join partners p on p.id = i.partner_id
      left join instrument_standings s on s.id = i.id
      left join instrument_verifications v on v.instrument_id = i.id
      left join instrument_retirements r on r.instrument_id = i.id
      where (${partner}::text is null or p.code = ${partner})
        and (${currency}::text is null or i.currency = ${currency})
        and (${kind}::text is null or i.kind = ${kind})
        and (${version}::int is null or i.version = ${version})
        and (not ${current} or s.id is not null) and (not ${superseded} or s.id is null)
        and (${obstacle === undefined} or s.obstacle is not distinct from ${obstacle ?? null})
      order by p.code collate "C", i.currency, i.version desc limit ${limit} offset ${offset}`),
  ];
}

/** The version that comes next, once nobody else can add one: the partner is held to the end of the transaction. */
export async function nextInstrumentVersion(tx: Connection, partnerId: number, currency: string): Promise<number> {
  await tx.sql`select from partners where id = ${partnerId} for no key update`;
  const [row] = await tx.sql<{ version: number }[]>`
    select coalesce(max(version), 0) + 1 as version from instruments where partner_id = ${partnerId} and currency = ${currency}`;
  return row!.version;
}

export interface NewInstrumentRow {
  readonly partnerId: number;
  readonly currency: string;
  readonly version: number;
  readonly kind: InstrumentKind;
  readonly mask: string;
  readonly country: string | null;
}

export async function insertInstrument(tx: Connection, row: NewInstrumentRow): Promise<number> {
  const [made] = await tx.sql<{ id: number }[]>`
    insert into instruments (partner_id, currency, version, kind, mask, country)
    values (${row.partnerId}, ${row.currency}, ${row.version}, ${row.kind}, ${row.mask}, ${row.country}) returning id::int`;
  return made!.id;
}

/** A seal of a version, with all that it is bound to. */
export interface SealRow {
  readonly instrumentId: number;
  readonly partner: string;
  readonly currency: string;
  readonly version: number;
  readonly kind: InstrumentKind;
  readonly keyId: string;
  readonly sealed: Buffer;
}

export async function insertSeals(
  tx: Connection,
  seals: readonly Pick<SealRow, 'instrumentId' | 'keyId' | 'sealed'>[],
): Promise<void> {
  if (seals.length === 0) return;
  await tx.sql`
    insert into instrument_seals (instrument_id, key_id, sealed)
    select s.id, s.key_id, decode(s.sealed, 'base64')
    from unnest(${list(seals.map((one) => one.instrumentId))}::bigint[], ${list(seals.map((one) => one.keyId))}::text[],
      ${list(seals.map((one) => one.sealed.toString('base64')))}::text[]) s (id, key_id, sealed)
    order by s.id`;
}

/** Every seal of these instruments. */
export async function sealsOf(tx: Connection, instrumentIds: readonly number[]): Promise<SealRow[]> {
  return [
    ...(await tx.sql<SealRow[]>`
      select s.instrument_id::int as "instrumentId", p.code as partner, i.currency, i.version, i.kind, s.key_id as "keyId", s.sealed
      from instrument_seals s join instruments i on i.id = s.instrument_id join partners p on p.id = i.partner_id
      where s.instrument_id = any (${list(instrumentIds)}::bigint[])
      order by s.instrument_id, s.recorded_at`),
  ];
}

/** Sealed instruments behind an id that have no seal by this key, in the order of their ids. */
export async function instrumentsWithoutSeal(
  tx: Connection,
  keyId: string,
  after: number,
  limit: number,
): Promise<number[]> {
  const rows = await tx.sql<{ id: number }[]>`
    select i.id::int from instruments i
    where i.id > ${after} and i.kind <> 'manual'
      and not exists (select from instrument_seals s where s.instrument_id = i.id and s.key_id = ${keyId})
    order by i.id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** By key: how many it sealed, and of how many its seal is the latest. */
export async function sealCounts(
  tx: Connection,
): Promise<{ keyId: string; seals: number; latest: number; since: string }[]> {
  return [
    ...(await tx.sql<{ keyId: string; seals: number; latest: number; since: string }[]>`
      select s.key_id as "keyId", count(*)::int as seals, min(s.recorded_at) as since,
        count(*) filter (where not exists (select from instrument_seals o where o.instrument_id = s.instrument_id and o.recorded_at > s.recorded_at))::int as latest
      from instrument_seals s group by 1 order by min(s.recorded_at), 1`),
  ];
}

export async function insertVerification(tx: Connection, instrumentId: number, note: string | null): Promise<void> {
  await tx.sql`insert into instrument_verifications (instrument_id, note) values (${instrumentId}, ${note})`;
}

export async function insertRetirement(tx: Connection, instrumentId: number, reason: string): Promise<void> {
  await tx.sql`insert into instrument_retirements (instrument_id, reason) values (${instrumentId}, ${reason})`;
}

export async function insertReveal(tx: Connection, instrumentId: number, reason: string): Promise<void> {
  await tx.sql`insert into instrument_reveals (instrument_id, reason) values (${instrumentId}, ${reason})`;
}

/** What partners are paid to in a currency, by '12 EUR'; who is not here is paid by hand. */
export async function instrumentKinds(
  tx: Connection,
  partnerIds: readonly number[],
): Promise<Map<string, InstrumentKind>> {
  const rows = await tx.sql<{ key: string; kind: InstrumentKind }[]>`
    select partner_id || ' ' || currency as key, kind from instrument_standings
    where obstacle is null and partner_id = any (${list([...new Set(partnerIds)])}::bigint[])`;
  return new Map(rows.map(({ key, kind }) => [key, kind]));
}
