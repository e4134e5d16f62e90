import { list } from '../arrays.ts';
import type { GivenLeg, RatedEvent } from '../../domain/rating/model.ts';
import type { Connection } from '../connection.ts';
import { EVENT_WHOLESALE } from './wholesale-net.ts';
import { isWaiting } from './waiting-events.ts';

/** The last business date of a batch. */
export async function batchEnd(tx: Connection, id: number): Promise<string> {
  const [row] = await tx.sql<{ on: string }[]>`select last_on as "on" from event_batches where id = ${id}`;
  return row!.on;
}

/** What acts themselves say they give, in the order of their legs. */
export async function givenLegs(
  tx: Connection,
  eventIds: readonly number[],
): Promise<(GivenLeg & { readonly eventId: number })[]> {
  const rows = await tx.sql<(Omit<GivenLeg, 'amount' | 'base'> & { eventId: number; amount: string; base: string })[]>`
    select event_id::float8 as "eventId", leg, partner_id::int as "partnerId", amount_minor as amount, base_minor as base,
      rule_version_id::int as "ruleVersionId", rate_ppm as "ratePpm", payable_on as "payableOn"
    from event_legs where event_id = any (${list(eventIds)}::bigint[]) order by event_id, leg`;
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount), base: BigInt(row.base) }));
}

/** An event that an act is about. */
export interface Subject {
  readonly actId: number;
  readonly event: RatedEvent;
  readonly saleId: number | null;
  /** Whether it says itself what it posts, so that no rule ever rated it. */
  readonly given: boolean;
}

/** An event that was decided before its sale was known, if that is still so and nobody settled it. */
export async function orphanById(tx: Connection, id: number): Promise<RatedEvent | null> {
  const { sql } = tx;
  const [found] = await select(
    tx,
    sql`null::bigint`,
    sql`revenue_events e`,
    sql`e.id = ${id} and exists (select from sales s where s.id = e.sale_id and s.first_payment_on is null)
      and exists (select from entries n where n.event_id = e.id and n.reason = 'sale_unknown')
      and not exists (select from revenue_events t where t.regards_id = e.id or t.voids_id = e.id)`,
  );
  return found?.event ?? null;
}

/** The events that these acts take back or rate again; an act on a whole sale has none. */
export async function subjectsOf(tx: Connection, actIds: readonly number[]): Promise<Subject[]> {
  const { sql } = tx;
  return await select(
    tx,
    sql`a.id`,
    sql`revenue_events a join revenue_events e on e.id = coalesce(a.voids_id, a.regards_id)`,
    sql`a.id = any (${list(actIds)}::bigint[])`,
  );
}

/** Where the customer of each of these sales was: as the event that decided it first said, or else its account does. */
export async function countriesOfSales(
  tx: Connection,
  saleIds: readonly number[],
): Promise<ReadonlyMap<number, string | null>> {
  const rows = await tx.sql<{ id: number; country: string | null }[]>`
    select wanted.id::float8 as id, first.country
    from unnest(${list([...new Set(saleIds)])}::bigint[]) wanted (id)
    cross join lateral (
      select coalesce(e.country, c.country) as country
      from revenue_events e join entries n on n.event_id = e.id left join accounts c on c.id = e.account_id
      where e.sale_id = wanted.id and e.sale_id is not null and n.reason is distinct from 'sale_unknown'
      order by n.chunk_id, e.occurred_on, e.id limit 1) first`;
  return new Map(rows.map(({ id, country }) => [id, country]));
}

/** Events without a sale that are undecided or wait, and that an act is about which is or does so, too. */
export async function awaitedSubjects(tx: Connection): Promise<number[]> {
  const rows = await tx.sql<{ id: number }[]>`
    select t.id::float8 as id
    from (
      select a.* from event_batches b join revenue_events a on a.id > b.decided_to and a.id <= b.last_id
      where b.origin = 'operator' and b.decided_to < b.last_id
      union all
      select a.* from waiting_events w join revenue_events a on a.id = w.event_id where w.decided_chunk_id is null
    ) a
    join revenue_events t on t.id = coalesce(a.voids_id, a.regards_id)
    join event_batches tb on tb.id = t.batch_id
    where t.sale_id is null and (t.id > tb.decided_to or ${tx.sql.unsafe(isWaiting('t'))})`;
  return rows.map(({ id }) => id);
}

type Sql = ReturnType<Connection['sql']>;

async function select(tx: Connection, act: Sql, from: Sql, where: Sql): Promise<Subject[]> {
  type Row = Omit<RatedEvent, 'net' | 'gross' | 'wholesaleNet'> & {
    net: string;
    gross: string;
    wholesaleNet: string | null;
  };
  const rows = await tx.sql<(Row & Pick<Subject, 'actId' | 'saleId' | 'given'>)[]>`
    select (${act})::float8 as "actId", e.id::float8 as id, e.kind, e.instance_id::int as "instanceId", e.account_id::int as "accountId",
      e.product_id::int as "productId", e.sale_id::float8 as "saleId", e.currency, e.net_minor as net, e.gross_minor as gross,
      ${tx.sql.unsafe(EVENT_WHOLESALE)} as "wholesaleNet", coalesce(e.country, c.country) as country, e.occurred_on as "occurredOn",
      exists (select from event_legs l where l.event_id = e.id) as given
    from ${from} left join accounts c on c.id = e.account_id where ${where}`;
  return rows.map(({ actId, saleId, given, ...event }) => ({
    actId,
    saleId,
    given,
    event: {
      ...event,
      net: BigInt(event.net),
      gross: BigInt(event.gross),
      wholesaleNet: event.wholesaleNet === null ? null : BigInt(event.wholesaleNet),
    },
  }));
}
