import { list } from '../arrays.ts';
import type {
  AccountClock,
  ActEvent,
  DecidedLeg,
  EntryKind,
  Reason,
  WindowKey,
  WindowUse,
} from '../../domain/rating/model.ts';
import type { Connection } from '../connection.ts';
import { allTerms, clockColumns } from './account-terms.ts';
import type { UndecidedBatch } from './decisions.ts';
import { isWaiting } from './waiting-events.ts';

/** What was decided, read again: a stretch of business dates, and what stood when it began. Everything here reads only. */

/** Batches of billing that hold decided events of [from, to): the part of each that does, earliest first. */
export async function decidedStretch(tx: Connection, from: string, to: string): Promise<UndecidedBatch[]> {
  return [
    ...(await tx.sql<UndecidedBatch[]>`
      select b.id::int, (f.id - 1)::float8 as "decidedTo", b.decided_to::float8 as "lastId", f.occurred_on as "notBefore"
      from event_batches b
      cross join lateral (
        select e.id, e.occurred_on from revenue_events e
        where e.id between b.first_id and b.decided_to and e.occurred_on >= ${from} order by e.id limit 1
      ) f
      where b.origin in ('import', 'record') and b.decided_to >= b.first_id and b.first_on < ${to} and b.last_on >= ${from}
        and f.occurred_on < ${to}
      order by f.occurred_on, f.id`),
  ];
}

/** What operators did and the system computed on [from, to), as far as it is decided, in order. */
export async function decidedActs(
  tx: Connection,
  from: string,
  to: string,
): Promise<{ readonly id: number; readonly currency: string; readonly opensSale: boolean }[]> {
  return [
    ...(await tx.sql<{ id: number; currency: string; opensSale: boolean }[]>`
      select e.id::float8 as id, e.currency, e.kind = 'opening' and e.sale_id is not null as "opensSale"
      from event_batches b join revenue_events e on e.id between b.first_id and b.decided_to
      where b.origin in ('operator', 'system') and b.decided_to >= b.first_id and b.first_on < ${to} and b.last_on >= ${from}
        and e.occurred_on >= ${from} and e.occurred_on < ${to} and not ${tx.sql.unsafe(isWaiting('e'))}
      order by e.occurred_on, e.id`),
  ];
}

export async function actsById(tx: Connection, ids: readonly number[]): Promise<ActEvent[]> {
  return [
    ...(await tx.sql<ActEvent[]>`
      select e.id::float8 as id, e.kind, e.instance_id::int as "instanceId", e.currency, e.occurred_on as "occurredOn"
      from revenue_events e where e.id = any (${list(ids)}::bigint[])`),
  ];
}

/** Which of these events have been voided since. */
export async function voidedAmong(tx: Connection, eventIds: readonly number[]): Promise<Set<number>> {
  const rows = await tx.sql<{ id: number }[]>`
    select v.voids_id::float8 as id from unnest(${list(eventIds)}::bigint[]) wanted (id)
    join revenue_events v on v.voids_id = wanted.id and v.voids_id is not null`;
  return new Set(rows.map(({ id }) => id));
}

/** Of each sale: which of its events came before a date, and how many of billing's fall into [from, to). */
export async function eventsOfSales(
  tx: Connection,
  saleIds: readonly number[],
  from: string,
  to: string,
): Promise<Map<number, { readonly before: ReadonlySet<number>; readonly within: number }>> {
  const rows = await tx.sql<{ saleId: number; before: string; within: number }[]>`
    select wanted.id::float8 as "saleId", coalesce(string_agg(e.id::text, ',') filter (where e.occurred_on < ${from}), '') as before,
      count(*) filter (where e.occurred_on >= ${from} and e.occurred_on < ${to})::int as within
    from unnest(${list(saleIds)}::bigint[]) wanted (id)
    cross join lateral (select * from revenue_events e where e.sale_id = wanted.id and e.sale_id is not null offset 0) e
    group by wanted.id`;
  return new Map(
    rows.map(({ saleId, before, within }) => [
      saleId,
      { before: new Set(before === '' ? [] : before.split(',').map(Number)), within },
    ]),
  );
}

/** What these windows held before a date: by events that came before it. */
export async function positionsBefore(tx: Connection, keys: readonly WindowKey[], date: string): Promise<WindowUse[]> {
  const rows = (await tx.sql`
    select coalesce(sum(m.base_minor), 0), coalesce(sum(m.full_minor), 0)
    from unnest(${list(keys.map((key) => key.ruleId))}::bigint[], ${list(keys.map((key) => key.ownerId))}::bigint[],
      ${list(keys.map((key) => key.currency))}::text[], ${list(keys.map((key) => key.startsOn))}::date[])
      with ordinality k (rule_id, owner_id, currency, starts_on, at)
    left join (window_moves m join revenue_events e on e.id = m.event_id and e.occurred_on < ${date})
      on m.rule_id = k.rule_id and m.owner_id = k.owner_id and m.currency = k.currency and m.starts_on = k.starts_on
    group by k.at order by k.at`.values()) as string[][];
  return rows.map(([base, full]) => ({ base: BigInt(base!), full: BigInt(full!) }));
}

/** Every clock there is. */
export async function allClocks(tx: Connection): Promise<AccountClock[]> {
  return [...(await tx.sql<AccountClock[]>`select ${clockColumns(tx)} from (${allTerms(tx)}) a`)];
}

/** The clocks that events before a date started. */
export async function clocksBefore(
  tx: Connection,
  accountIds: readonly number[],
  date: string,
): Promise<AccountClock[]> {
  return [
    ...(await tx.sql<AccountClock[]>`
      select ${clockColumns(tx)}
      from unnest(${list(accountIds)}::bigint[]) wanted (id) join (${allTerms(tx)}) a on a.account_id = wanted.id
      left join revenue_events e on e.id = a.event_id
      where e.id is null or e.occurred_on < ${date}`),
  ];
}

/** A clock and the decision that started it. */
export interface DatedClock extends AccountClock {
  /** Null: it was frozen when clocks began to be kept. */
  readonly chunkId: number | null;
  readonly startedOn: string;
}

export async function datedClocks(tx: Connection, accountIds: readonly number[]): Promise<DatedClock[]> {
  return [
    ...(await tx.sql<DatedClock[]>`
      select ${clockColumns(tx)}, a.chunk_id::float8 as "chunkId", coalesce(e.occurred_on, a.first_sale_on) as "startedOn"
      from unnest(${list(accountIds)}::bigint[]) wanted (id) join (${allTerms(tx)}) a on a.account_id = wanted.id
      left join revenue_events e on e.id = a.event_id`),
  ];
}

/** A leg as the book has it. */
export interface StoredLeg extends Pick<
  DecidedLeg,
  | 'leg'
  | 'partnerId'
  | 'ruleVersionId'
  | 'knownSeq'
  | 'tier'
  | 'ratePpm'
  | 'base'
  | 'full'
  | 'uncapped'
  | 'amount'
  | 'position'
> {
  readonly eventId: number;
  readonly chunkId: number;
  readonly kind: EntryKind;
  readonly reason: Reason | null;
  /** Of the wallet; null without one. */
  readonly currency: string | null;
}

/** The legs of these events, by event. */
export async function storedLegs(tx: Connection, eventIds: readonly number[]): Promise<Map<number, StoredLeg[]>> {
  const rows = (await tx.sql`
    select n.event_id, n.chunk_id, n.leg, n.kind, n.reason, n.amount_minor, n.base_minor, n.full_minor, n.uncapped_minor,
      n.window_base_minor, n.window_full_minor, n.rule_version_id, n.known_seq, n.rate_ppm, n.tier, w.partner_id, w.currency
    from unnest(${list(eventIds)}::bigint[]) wanted (id)
    cross join lateral (select * from entries n where n.event_id = wanted.id offset 0) n
    left join ledger_accounts w on w.id = n.wallet_id
    order by n.event_id, n.leg`.values()) as (string | null)[][];
  const byEvent = new Map<number, StoredLeg[]>();
  for (const row of rows) {
    const stored = storedLeg(row);
    const legs = byEvent.get(stored.eventId);
    if (legs === undefined) byEvent.set(stored.eventId, [stored]);
    else legs.push(stored);
  }
  return byEvent;
}

function storedLeg(row: (string | null)[]): StoredLeg {
  const id = (at: number): number | null => (row[at] == null ? null : Number(row[at]));
  const minor = (at: number): bigint => BigInt(row[at]!);
  return {
    eventId: Number(row[0]),
    chunkId: Number(row[1]),
    leg: Number(row[2]),
    kind: row[3] as EntryKind,
    reason: row[4] as Reason | null,
    amount: minor(5),
    base: minor(6),
    full: minor(7),
    uncapped: row[8] == null ? null : minor(8),
    position: row[9] == null ? null : { base: minor(9), full: minor(10) },
    ruleVersionId: id(11),
    knownSeq: Number(row[12]),
    ratePpm: id(13),
    tier: row[14] ?? null,
    partnerId: id(15),
    currency: row[16] ?? null,
  };
}

/** Which window each leg of these events moved. */
export async function windowsMoved(
  tx: Connection,
  eventIds: readonly number[],
): Promise<Map<number, { readonly leg: number; readonly key: WindowKey }[]>> {
  const rows = await tx.sql<(WindowKey & { eventId: number; leg: number })[]>`
    select m.event_id::float8 as "eventId", m.leg, m.rule_id::int as "ruleId", m.owner_id::int as "ownerId", m.currency, m.starts_on as "startsOn"
    from unnest(${list(eventIds)}::bigint[]) wanted (id) join window_moves m on m.event_id = wanted.id order by m.event_id, m.leg`;
  const byEvent = new Map<number, { leg: number; key: WindowKey }[]>();
  for (const { eventId, leg, ...key } of rows) {
    byEvent.set(eventId, [...(byEvent.get(eventId) ?? []), { leg, key }]);
  }
  return byEvent;
}

/** What people call these events: SOURCE:EXTERNAL_ID. */
export async function nameEvents(tx: Connection, eventIds: readonly number[]): Promise<Map<number, string>> {
  const rows = await tx.sql<{ id: number; name: string }[]>`
    select e.id::float8 as id, s.code || ':' || e.external_id as name
    from unnest(${list(eventIds)}::bigint[]) wanted (id) join revenue_events e on e.id = wanted.id join sources s on s.id = e.source_id`;
  return new Map(rows.map(({ id, name }) => [id, name]));
}
