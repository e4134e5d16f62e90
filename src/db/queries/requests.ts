import type { Act, Effect, RequestKind } from '../../domain/acts.ts';
import type { Connection } from '../connection.ts';
import type { Page } from './order.ts';

/** Requests and their answers (drizzle/0010): who asked for what, who agreed, what it made. */

export type RequestStatus = 'pending' | 'approved' | 'done' | 'rejected' | 'withdrawn';

export interface RequestRow {
  readonly id: number;
  readonly kind: RequestKind;
  readonly status: RequestStatus;
  readonly reason: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly contentHash: string;
  readonly createdBy: string;
  readonly recordedAt: string;
  /** Who approved, rejected or withdrew it; null for what one person did alone. */
  readonly answeredBy: string | null;
  readonly answeredAt: string | null;
  readonly answer: string | null;
  /** The batch of its acts. */
  readonly batch: number | null;
  /** Events of that batch which no accrual has decided yet. */
  readonly undecided: number;
}

/** Requests, latest first. */
export async function requestRows(
  tx: Connection,
  filter: {
    readonly id?: number | undefined;
    readonly kind?: string | undefined;
    readonly status?: string | undefined;
    readonly by?: string | undefined;
  },
  page: Page,
): Promise<RequestRow[]> {
  return [
    ...(await tx.sql<RequestRow[]>`
      select * from (
        select q.id::int, q.kind, q.reason, q.payload, q.content_hash as "contentHash", q.created_by as "createdBy", q.recorded_at as "recordedAt",
          case when d.request_id is not null then 'done' when r.created_by = q.created_by then 'withdrawn' when r.request_id is not null then 'rejected'
            when a.request_id is not null then 'approved' else 'pending' end as status,
          coalesce(r.created_by, a.created_by) as "answeredBy", coalesce(r.recorded_at, a.recorded_at) as "answeredAt",
          coalesce(r.reason, a.note) as answer, b.id::int as batch,
          (coalesce(b.last_id - b.decided_to, 0) + (select count(*) from waiting_events w
            where w.event_id between b.first_id and b.decided_to and w.decided_chunk_id is null))::int as undecided
        from requests q
        left join request_approvals a on a.request_id = q.id
        left join request_rejections r on r.request_id = q.id
        left join request_applications d on d.request_id = q.id
        left join event_batches b on b.request_id = q.id
      ) x
      where (${filter.id ?? null}::bigint is null or id = ${filter.id ?? null})
        and (${filter.kind ?? null}::text is null or kind = ${filter.kind ?? null})
        and (${filter.status ?? null}::text is null or status = ${filter.status ?? null})
        and (${filter.by ?? null}::text is null or "createdBy" = ${filter.by ?? null})
      order by id desc limit ${page.limit} offset ${page.offset}`),
  ];
}

/**
 * Writes a request. `id`: the number that this session drew for it last, in a try that it took back; a request that was
 * tried out first is not to leave a gap in their numbers.
 */
export async function insertRequest(
  tx: Connection,
  request: { kind: RequestKind; reason: string; payload: object; id: number | null },
): Promise<number> {
  const { kind, reason, id } = request;
  const payload = JSON.stringify(request.payload);
  const [row] =
    id === null
      ? await tx.sql<{ id: number }[]>`
          insert into requests (kind, reason, payload, content_hash) values (${kind}, ${reason}, ${payload}::text::jsonb, '') returning id::int`
      : await tx.sql<{ id: number }[]>`
          insert into requests (id, kind, reason, payload, content_hash) overriding system value
          values (${id}, ${kind}, ${reason}, ${payload}::text::jsonb, '') returning id::int`;
  return row!.id;
}

export async function insertApproval(
  tx: Connection,
  approval: { requestId: number; contentHash: string; note: string | null },
): Promise<void> {
  await tx.sql`insert into request_approvals (request_id, content_hash, note)
    values (${approval.requestId}, ${approval.contentHash}, ${approval.note})`;
}

export async function insertRejection(tx: Connection, rejection: { requestId: number; reason: string }): Promise<void> {
  await tx.sql`insert into request_rejections (request_id, reason) values (${rejection.requestId}, ${rejection.reason})`;
}

/** Announces that this transaction does the request; at commit the database proves that it did. */
export async function insertApplication(tx: Connection, requestId: number): Promise<void> {
  await tx.sql`insert into request_applications (request_id) values (${requestId})`;
}

/** Count and hash of acts, as the database computes them of a batch (batch_digest). */
export async function digestOfActs(tx: Connection, acts: readonly Act[]): Promise<{ count: number; sha256: string }> {
  const [row] = await tx.sql<{ count: number; sha256: string }[]>`
    select count(*)::int as count, encode(sha256(convert_to(coalesce(string_agg(act::text, E'\n' order by n), ''), 'UTF8')), 'hex') as sha256
    from jsonb_array_elements(${JSON.stringify(acts)}::text::jsonb) with ordinality x (act, n)`;
  return row!;
}

/** Whether one person may do what the batch does. */
export async function isSmall(tx: Connection, batch: number): Promise<boolean> {
  const [row] = await tx.sql<{ small: boolean }[]>`select is_small(${batch}) as small`;
  return row!.small;
}

/**
 * Records acts as one batch of the request, of `today`; a void of what is dated later is dated like it, so that it is
 * never decided first. Acts must come in the order of those dates.
 */
export async function insertActs(
  tx: Connection,
  made: {
    requestId: number;
    sourceId: number;
    reason: string;
    acts: readonly Act[];
    today: string;
    /** An instant of today. */
    at: string;
  },
): Promise<{ id: number; firstId: number }> {
  const { requestId, sourceId, reason, today, at } = made;
  const rows = tx.sql`(
    select x.n, x.act, greatest(${today}::date, v.occurred_on) as day, greatest(${at}::timestamptz, v.occurred_at) as at
    from jsonb_array_elements(${JSON.stringify(made.acts)}::text::jsonb) with ordinality x (act, n)
    left join revenue_events v on v.id = (x.act ->> 'voids_id')::bigint)`;
  const [batch] = await tx.sql<{ id: number; firstId: number }[]>`
    with acts as materialized ${rows}, block as materialized (
      select allocate_event_ids(count(*)) as first_id, count(*) as events, min(day) as first_on, max(day) as last_on from acts
    )
    insert into event_batches (source_id, origin, reason, request_id, first_id, last_id, decided_to, first_on, last_on,
      rows_read, rows_known, rows_rejected)
    select ${sourceId}, 'operator', ${reason}, ${requestId}, first_id, first_id + events - 1, first_id - 1, first_on, last_on, events, 0, 0
    from block returning id::int, first_id::float8 as "firstId"`;
  const { id, firstId } = batch!;
  await openSales(tx, made.acts);
  await tx.sql`
    insert into revenue_events (id, batch_id, source_id, kind, external_id, instance_id, sale_id, voids_id, regards_id, currency,
      net_minor, gross_minor, occurred_at, occurred_on)
    select ${firstId}::bigint - 1 + a.n, ${id}, ${sourceId}, (a.act ->> 'kind')::event_kind,
      'request-' || ${requestId}::text || case when a.n = 1 then '' else '-' || a.n end, (a.act ->> 'instance_id')::bigint,
      coalesce((a.act ->> 'sale_id')::bigint, (
        select s.id from sales s join sources o on o.id = s.source_id where o.code = a.act #>> '{sale,source}' and s.sale_ref = a.act #>> '{sale,ref}')),
      (a.act ->> 'voids_id')::bigint, (a.act ->> 'regards_id')::bigint, a.act ->> 'currency',
      coalesce((a.act #>> '{sale,collected_minor}')::bigint, 0), 0, a.at, a.day
    from ${rows} a order by a.n`;
  await tx.sql`
    insert into event_legs (event_id, leg, partner_id, amount_minor, base_minor, rule_version_id, rate_ppm, payable_on)
    select ${firstId}::bigint - 1 + a.n, l.leg, l.partner_id, l.amount_minor, l.base_minor, l.rule_version_id, l.rate_ppm, l.payable_on
    from ${rows} a
    cross join jsonb_to_recordset(coalesce(a.act -> 'legs', '[]')) l (leg smallint, partner_id bigint, amount_minor bigint, base_minor bigint,
      rule_version_id bigint, rate_ppm integer, payable_on date)`;
  return { id, firstId };
}

/** Makes the sales that an opening names; one that somebody has recorded otherwise is found out by what the database compares. */
async function openSales(tx: Connection, acts: readonly Act[]): Promise<void> {
  const named = acts.filter(({ sale }) => sale !== undefined);
  if (named.length === 0) return;
  const rows = tx.sql`
    jsonb_array_elements(${JSON.stringify(named)}::text::jsonb) x (act)
    cross join lateral jsonb_to_record(x.act -> 'sale') s (source text, ref text, net_minor bigint, date date, account_id bigint, product_id bigint)`;
  await tx.sql`insert into sources (code) select distinct s.source from ${rows} order by 1 on conflict do nothing`;
  await tx.sql`
    insert into sales (source_id, sale_ref, instance_id, account_id, product_id, currency, sale_net_minor, sale_gross_minor, gross_told, sale_date)
    select o.id, s.ref, (x.act ->> 'instance_id')::bigint, s.account_id, s.product_id, x.act ->> 'currency', s.net_minor, s.net_minor, false, s.date
    from ${rows} join sources o on o.code = s.source order by 1, 2
    on conflict do nothing`;
}

/** What acts that say themselves what they post give and take, per partner, instance and currency. */
export async function effectOfActs(tx: Connection, acts: readonly Act[]): Promise<Effect[]> {
  return [
    ...(await tx.sql<Effect[]>`
      select p.code as partner, i.code as instance, x.act ->> 'currency' as currency, sum((l.leg ->> 'amount_minor')::bigint)::text as amount_minor
      from jsonb_array_elements(${JSON.stringify(acts)}::text::jsonb) x (act) cross join lateral jsonb_array_elements(x.act -> 'legs') l (leg)
      join partners p on p.id = (l.leg ->> 'partner_id')::bigint join instances i on i.id = (x.act ->> 'instance_id')::bigint
      where l.leg ->> 'amount_minor' <> '0' group by 1, 2, 3 order by 1, 2, 3`),
  ];
}

/** What the decided events of a batch gave and took, per partner, instance and currency. */
export async function effectOfBatch(tx: Connection, batch: number): Promise<Effect[]> {
  return [
    ...(await tx.sql<Effect[]>`
      select p.code as partner, i.code as instance, w.currency, sum(n.amount_minor)::text as amount_minor
      from event_batches b join entries n on n.event_id between b.first_id and b.last_id
      join ledger_accounts w on w.id = n.wallet_id join partners p on p.id = w.partner_id join instances i on i.id = w.instance_id
      where b.id = ${batch} and n.amount_minor <> 0 group by 1, 2, 3 order by 1, 2, 3`),
  ];
}
