import { list } from '../arrays.ts';
import type { PendingQuery, Row } from 'postgres';
import { quoteLiteral, type Connection } from '../connection.ts';
import { EVENT_WHOLESALE } from './wholesale-net.ts';
import { PAID_IN, entryStates, heldSince } from './entry-status.ts';

export interface CommissionFilter {
  readonly partner?: string | undefined;
  readonly instance?: string | undefined;
  readonly account?: string | undefined;
  readonly product?: string | undefined;
  readonly kind?: string | undefined;
  readonly status?: string | undefined;
  readonly reason?: string | undefined;
  readonly currency?: string | undefined;
  /** Business date of the event, `[from, to)`. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Leaves out decisions of zero. */
  readonly nonzero?: boolean | undefined;
  /** At least this, in minor units of `currency`. */
  readonly minMinor?: bigint | undefined;
}

/** One leg of one decided event; amounts in minor units as decimal integers. */
export interface CommissionRow {
  readonly eventId: number;
  readonly leg: number;
  readonly source: string;
  readonly externalId: string;
  readonly occurredOn: string;
  readonly partner: string | null;
  readonly instance: string;
  readonly account: string | null;
  readonly product: string | null;
  readonly eventKind: string;
  readonly kind: string;
  readonly net: string;
  readonly base: string;
  readonly full: string;
  readonly uncapped: string | null;
  readonly windowBase: string | null;
  readonly windowFull: string | null;
  readonly fxRate: string | null;
  /** Of the recorded rates that it comes from, joined by commas. */
  readonly fxRateIds: string | null;
  readonly ratePpm: number | null;
  readonly amount: string;
  /** Of `full`, `uncapped` and `amount`: what the entry is paid in. */
  readonly currency: string;
  /** Of `net`, `base` and what its window held. */
  readonly saleCurrency: string;
  readonly status: string;
  readonly reason: string | null;
  readonly tier: string | null;
  readonly saleRef: string | null;
  readonly postingDate: string;
  readonly payableOn: string;
  readonly posted: boolean;
  readonly ruleId: number | null;
  readonly ruleVersionId: number | null;
  readonly knownSeq: number;
  /** Null: its act was posted by who did it. */
  readonly runId: number | null;
  readonly decidedAt: string;
  readonly decidedBy: string;
}

/** Conditions on entries `n`, their events `e` and wallets `w`. */
const conditions = (tx: Connection, filter: CommissionFilter) => tx.sql`
  (${filter.partner ?? null}::text is null or w.partner_id = (select id from partners where code = ${filter.partner ?? null}))
  and (${filter.instance ?? null}::text is null or e.instance_id = (select id from instances where code = ${filter.instance ?? null}))
  and (${filter.account ?? null}::text is null or e.account_id in (select id from accounts where code = ${filter.account ?? null}))
  and (${filter.product ?? null}::text is null or e.product_id = (select id from products where code = ${filter.product ?? null}))
  and (${filter.kind ?? null}::text is null or n.kind::text = ${filter.kind ?? null})
  and (${filter.reason ?? null}::text is null or n.reason::text = ${filter.reason ?? null})
  and (${filter.currency ?? null}::text is null or ${tx.sql.unsafe(PAID_IN)} = ${filter.currency ?? null})
  and (${filter.from ?? null}::date is null or e.occurred_on >= ${filter.from ?? null}::date)
  and (${filter.to ?? null}::date is null or e.occurred_on < ${filter.to ?? null}::date)
  and (not ${filter.nonzero ?? false} or n.amount_minor <> 0)
  and (${filter.minMinor?.toString() ?? null}::bigint is null or n.amount_minor >= ${filter.minMinor?.toString() ?? null}::bigint)`;

// entryStates() is text and takes no parameters, so the entries it is asked about are named beside it.
const ASKED = 'n.event_id in (select event_id from asked)';

/** The condition that a dated row of an alias belongs to the moment that is read; see `entryStates`. */
export type Known = (alias: string) => string;

/** The entries that a filter means, as `asked (event_id, leg)`: those decided as of `known`, with the status they had then. */
export function askedEntries(tx: Connection, filter: CommissionFilter, known?: Known) {
  const decided =
    known === undefined
      ? tx.sql``
      : tx.sql`and exists (select from decision_chunks k where k.id = n.chunk_id and ${tx.sql.unsafe(known('k'))})`;
  const plain = tx.sql`
    select n.event_id, n.leg from entries n join revenue_events e on e.id = n.event_id left join ledger_accounts w on w.id = n.wallet_id
    where ${conditions(tx, filter)} ${decided}`;
  return filter.status === undefined
    ? plain
    : tx.sql`
    select s.event_id, s.leg from (${plain}) i
    join (with asked as materialized (${plain}) select * from ${tx.sql.unsafe(entryStates(ASKED, known))} t) s
      on s.event_id = i.event_id and s.leg = i.leg
    where s.status = ${filter.status}`;
}

/** Decided legs in the order of decisions: business date, event, leg. */
export async function listCommissions(
  tx: Connection,
  filter: CommissionFilter,
  limit: number,
  offset: number,
  known?: Known,
): Promise<CommissionRow[]> {
  return await rows(
    tx,
    tx.sql`
      select i.event_id, i.leg from (${askedEntries(tx, filter, known)}) i join revenue_events e on e.id = i.event_id
      order by e.occurred_on, i.event_id, i.leg limit ${limit} offset ${offset}`,
    known,
  );
}

/** All legs of one event; empty while it is undecided. */
export async function commissionsOfEvent(tx: Connection, eventId: number, known?: Known): Promise<CommissionRow[]> {
  return await rows(tx, tx.sql`select event_id, leg from entries where event_id = ${eventId}`, known);
}

/** The rows of some entries, their status read for these and no others. */
async function rows(tx: Connection, asked: PendingQuery<Row[]>, known?: Known): Promise<CommissionRow[]> {
  return [
    ...(await tx.sql<CommissionRow[]>`
      with asked as materialized (${asked})
      select n.event_id::float8 as "eventId", n.leg, src.code as source, e.external_id as "externalId", e.occurred_on as "occurredOn",
        p.code as partner, i.code as instance, a.code as account, d.code as product, e.kind as "eventKind", n.kind, e.net_minor as net,
        n.base_minor as base, n.full_minor as "full", n.uncapped_minor as uncapped,
        n.window_base_minor as "windowBase", n.window_full_minor as "windowFull", n.fx_rate as "fxRate",
        array_to_string(n.fx_rate_ids, ',') as "fxRateIds", n.rate_ppm as "ratePpm", n.amount_minor as amount,
        ${tx.sql.unsafe(PAID_IN)} as currency, e.currency as "saleCurrency", t.status,
        n.reason, n.tier, s.sale_ref as "saleRef", n.posting_date as "postingDate", t.payable_from as "payableOn", t.posted,
        v.rule_id::int as "ruleId", n.rule_version_id::int as "ruleVersionId", n.known_seq::int as "knownSeq", c.run_id::int as "runId",
        c.recorded_at as "decidedAt", c.created_by as "decidedBy"
      from asked
      join entries n on n.event_id = asked.event_id and n.leg = asked.leg
      join ${tx.sql.unsafe(entryStates(ASKED, known))} t on t.event_id = n.event_id and t.leg = n.leg
      join revenue_events e on e.id = n.event_id
      join sources src on src.id = e.source_id
      join instances i on i.id = e.instance_id
      join decision_chunks c on c.id = n.chunk_id
      left join ledger_accounts w on w.id = n.wallet_id
      left join partners p on p.id = t.partner_id
      left join accounts a on a.id = e.account_id
      left join products d on d.id = e.product_id
      left join sales s on s.id = e.sale_id
      left join rule_versions v on v.id = n.rule_version_id
      order by e.occurred_on, n.event_id, n.leg`),
  ];
}

export const SUMMARY_KEYS = [
  'partner',
  'instance',
  'account',
  'product',
  'tenant',
  'kind',
  'status',
  'reason',
  'tier',
  'month',
  'currency',
] as const;
export type SummaryKey = (typeof SUMMARY_KEYS)[number];

export interface CommissionSum {
  /** Null: what has no such thing, for instance decisions where nobody earns. */
  readonly key: string | null;
  readonly currency: string;
  readonly events: number;
  readonly positive: string;
  readonly negative: string;
  readonly net: string;
}

/** Counts every decided event, zero ones too, and sums their legs per key and currency, in minor units. */
export async function sumCommissions(
  tx: Connection,
  by: SummaryKey,
  filter: CommissionFilter,
): Promise<CommissionSum[]> {
  const paidIn = tx.sql.unsafe(PAID_IN);
  const key = {
    partner: tx.sql`p.code`,
    instance: tx.sql`i.code`,
    account: tx.sql`i.code || '/' || a.code`,
    product: tx.sql`d.code`,
    tenant: tx.sql`o.code`,
    kind: tx.sql`n.kind::text`,
    status: tx.sql`t.status`,
    reason: tx.sql`n.reason::text`,
    tier: tx.sql`n.tier`,
    month: tx.sql`to_char(e.occurred_on, 'YYYY-MM')`,
    currency: paidIn,
  }[by];
  // Only a summary by status asks for every entry's status.
  const states =
    by === 'status'
      ? tx.sql`join ${tx.sql.unsafe(entryStates(ASKED))} t on t.event_id = n.event_id and t.leg = n.leg`
      : tx.sql``;
  const entries =
    by === 'status' || filter.status !== undefined
      ? tx.sql`asked join entries n on n.event_id = asked.event_id and n.leg = asked.leg`
      : tx.sql`entries n`;
  const asked =
    by === 'status' || filter.status !== undefined
      ? tx.sql`with asked as materialized (${askedEntries(tx, filter)})`
      : tx.sql``;
  const where = by === 'status' || filter.status !== undefined ? tx.sql`true` : conditions(tx, filter);
  return [
    ...(await tx.sql<CommissionSum[]>`
      ${asked}
      select ${key} as key, ${paidIn} as currency, count(distinct n.event_id)::float8 as events,
        coalesce(sum(n.amount_minor) filter (where n.amount_minor > 0), 0)::text as positive,
        coalesce(sum(n.amount_minor) filter (where n.amount_minor < 0), 0)::text as negative,
        coalesce(sum(n.amount_minor), 0)::text as net
      from ${entries}
      ${states}
      join revenue_events e on e.id = n.event_id
      join instances i on i.id = e.instance_id
      join tenants o on o.id = i.tenant_id
      left join ledger_accounts w on w.id = n.wallet_id
      left join partners p on p.id = w.partner_id
      left join accounts a on a.id = e.account_id
      left join products d on d.id = e.product_id
      where ${where}
      group by 1, 2 order by 1 nulls last, 2`),
  ];
}

/** An event with everything explaining it wants to name. */
export interface EventDetail {
  readonly id: number;
  readonly batchId: number;
  readonly source: string;
  readonly externalId: string;
  readonly version: number;
  readonly kind: string;
  readonly instance: string;
  readonly instanceId: number;
  readonly account: string | null;
  readonly accountId: number | null;
  readonly product: string | null;
  readonly productId: number | null;
  readonly currency: string;
  readonly net: string;
  readonly gross: string;
  /** Its own; a sale has one of its own. */
  readonly wholesaleNet: string | null;
  /** Where the customer is: as billing says, else as the account does. */
  readonly country: string | null;
  readonly occurredAt: string;
  readonly occurredOn: string;
  readonly recordedAt: string;
  readonly recordedBy: string;
  readonly fileName: string | null;
  readonly saleId: number | null;
  readonly saleRef: string | null;
}

/** Events by number, by external id, or by `source:external id`; latest versions first. */
export async function findEvents(tx: Connection, reference: string): Promise<EventDetail[]> {
  const colon = reference.indexOf(':');
  const number = /^\d{1,15}$/.test(reference) ? Number(reference) : null;
  return [
    ...(await tx.sql<EventDetail[]>`
      select e.id::float8 as id, e.batch_id::int as "batchId", src.code as source, e.external_id as "externalId", e.version, e.kind,
        i.code as instance, e.instance_id::int as "instanceId", a.code as account, e.account_id::int as "accountId", d.code as product,
        e.product_id::int as "productId", e.currency, e.net_minor as net, e.gross_minor as gross,
        ${tx.sql.unsafe(EVENT_WHOLESALE)} as "wholesaleNet", coalesce(e.country, a.country) as country, e.occurred_at as "occurredAt", e.occurred_on as "occurredOn", b.recorded_at as "recordedAt", b.created_by as "recordedBy", b.file_name as "fileName",
        e.sale_id::float8 as "saleId", s.sale_ref as "saleRef"
      from revenue_events e
      join sources src on src.id = e.source_id
      join event_batches b on b.id = e.batch_id
      join instances i on i.id = e.instance_id
      left join accounts a on a.id = e.account_id
      left join products d on d.id = e.product_id
      left join sales s on s.id = e.sale_id
      where e.id = ${number} or (e.source_id, e.external_id) in (
        select id, ${reference} from sources
        union all select id, ${reference.slice(colon + 1)} from sources where code = ${colon > 0 ? reference.slice(0, colon) : ''})
      order by (e.id = ${number}) desc nulls last, e.version desc, e.id limit 20`),
  ];
}

/** An act on what an event had been decided to earn. */
export interface LaterAct {
  /** As `SOURCE:EXTERNAL_ID`. */
  readonly event: string;
  readonly kind: 'void' | 'rerate' | 'reattribution';
  readonly on: string;
}

/** What was done since to an event, or to the sale it is of, in the order in which it was decided. */
export async function laterActs(tx: Connection, { id, saleId }: EventDetail): Promise<LaterAct[]> {
  return [
    ...(await tx.sql<LaterAct[]>`
      select s.code || ':' || a.external_id as event, a.kind, a.occurred_on as "on"
      from revenue_events a join sources s on s.id = a.source_id
      cross join lateral (select min(n.chunk_id) as chunk_id from entries n where n.event_id = a.id) n
      where (a.voids_id = ${id} or a.regards_id = ${id} or (a.sale_id = ${saleId}::bigint and a.kind in ('rerate', 'reattribution')))
        and a.kind in ('void', 'rerate', 'reattribution') and a.id <> ${id}
        and (n.chunk_id, a.occurred_on, a.id) > (
          select max(m.chunk_id), e.occurred_on, e.id from entries m join revenue_events e on e.id = m.event_id where e.id = ${id} group by 2, 3)
      order by n.chunk_id, a.occurred_on, a.id`),
  ];
}

export interface NamedRule {
  readonly versionId: number;
  readonly ruleId: number;
  /** As people type it: programme, tier=gold, partner=acme, instance=acme-uk, account=acme-uk/17850. */
  readonly scope: string;
  readonly product: string | null;
}

/** Names for rule versions in an explanation. */
export async function nameRules(tx: Connection, versionIds: readonly number[]): Promise<NamedRule[]> {
  return [
    ...(await tx.sql<NamedRule[]>`
      select v.id::int as "versionId", r.id::int as "ruleId", d.code as product,
        case r.scope when 'programme' then 'programme' when 'tier' then 'tier=' || r.tier when 'partner' then 'partner=' || p.code
          when 'instance' then 'instance=' || i.code else 'account=' || ai.code || '/' || a.code end as scope
      from unnest(${list(versionIds)}::bigint[]) wanted (id)
      join rule_versions v on v.id = wanted.id
      join rules r on r.id = v.rule_id
      left join products d on d.id = r.product_id
      left join partners p on p.id = r.partner_id
      left join instances i on i.id = r.instance_id
      left join accounts a on a.id = r.account_id
      left join instances ai on ai.id = a.instance_id`),
  ];
}

/** Codes of partners, for an explanation. */
export async function namePartners(tx: Connection): Promise<Map<number, string>> {
  const rows_ = await tx.sql<{ id: number; code: string }[]>`select id::int, code from partners`;
  return new Map(rows_.map((row) => [row.id, row.code]));
}

export interface HoldRow {
  readonly reason: string;
  readonly since: string;
  readonly by: string;
  readonly note: string | null;
}

/** Open holds that stand in the way of one leg. */
export async function openHoldsOf(tx: Connection, row: CommissionRow): Promise<HoldRow[]> {
  return [
    ...(await tx.sql<HoldRow[]>`
      select h.reason, h.recorded_at as since, h.created_by as "by", h.note from open_holds h
      where h.partner_id = (select id from partners where code = ${row.partner})
        or (h.instance_id = (select id from instances where code = ${row.instance})
          and ${tx.sql.unsafe(heldSince('h', `${quoteLiteral(row.occurredOn)}::date`))})
        or (h.event_id = ${row.eventId} and h.leg = ${row.leg}) order by h.id`),
  ];
}

/** Whether there is a partner, instance … of this code. */
export async function isNamed(
  tx: Connection,
  noun: 'partner' | 'instance' | 'product' | 'account' | 'currency',
  code: string,
): Promise<boolean> {
  const table = {
    partner: 'partners',
    instance: 'instances',
    product: 'products',
    account: 'accounts',
    currency: 'currencies',
  }[noun];
  const [row] = await tx.sql`select exists (select from ${tx.sql(table)} where code = ${code}) as found`;
  return row?.['found'] === true;
}
