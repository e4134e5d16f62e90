import type { Connection } from '../connection.ts';
import type { Page } from './order.ts';
import type { ReportedDays } from './performance.ts';

/** A partner that stands under another on a day. */
export interface ResellerRow {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly under: string;
  readonly status: string;
  readonly currency: string;
  readonly tier: string | null;
  /** Of its own rule for everything; null where a wider one speaks, or another kind. */
  readonly ratePpm: number | null;
  /** Where it earns. */
  readonly instances: number;
  /** Accounts that are its, ended ones left out. */
  readonly accounts: number;
  readonly createdBy: string;
  readonly recordedAt: string;
}

/** By whom they stand under, and their codes. */
export async function selectResellers(
  tx: Connection,
  { code, parentId }: { readonly code?: string; readonly parentId?: number | undefined },
  day: string,
  page: Page,
): Promise<ResellerRow[]> {
  return [
    ...(await tx.sql<ResellerRow[]>`
      with earning as (
        select a.partner_id, a.instance_id from agreements a where a.retired_seq is null and a.valid @> ${day}::date
      ), shared as (
        select l.account_id, l.partner_id from account_slots l where l.retired_seq is null and l.valid @> ${day}::date
      ), serving as (
        select coalesce(l.partner_id, a.partner_id) as partner_id, count(*)::int as accounts
        from accounts c left join shared l on l.account_id = c.id left join earning a on l.partner_id is null and a.instance_id = c.instance_id
        where c.ends_on is null or c.ends_on > ${day} group by 1
      )
      select p.id::int, p.code, p.name, q.code as under, p.status, p.currency, t.tier, v.rate_ppm as "ratePpm",
        coalesce(e.instances, 0) as instances, coalesce(s.accounts, 0) as accounts, p.created_by as "createdBy", p.recorded_at as "recordedAt"
      from partners p
      join partner_parents h on h.partner_id = p.id and h.retired_seq is null and h.valid @> ${day}::date
      join partners q on q.id = h.parent_id
      left join (select partner_id, count(*)::int as instances from earning group by 1) e on e.partner_id = p.id
      left join serving s on s.partner_id = p.id
      left join partner_tiers t on t.partner_id = p.id and t.retired_seq is null and t.valid @> ${day}::date
      left join lateral (
        select v.rate_ppm from rules r join rule_versions v on v.rule_id = r.id
        where r.slot = 'own' and r.scope = 'partner' and r.partner_id = p.id and r.product_id is null
          and v.retired_seq is null and v.valid @> ${day}::date and v.kind = 'percentage' limit 1
      ) v on true
      where (${code ?? null}::text is null or p.code = ${code ?? null}) and (${parentId ?? null}::bigint is null or h.parent_id = ${parentId ?? null})
      order by q.code collate "C", p.code collate "C" limit ${page.limit} offset ${page.offset}`),
  ];
}

/** What a reseller's customer brought in a time, in one currency; minor units. */
export interface ResoldRow {
  readonly instance: string;
  readonly account: string | null;
  readonly name: string | null;
  readonly currency: string;
  readonly payments: number;
  readonly lastPaidOn: string | null;
  readonly revenue: string;
  /** What the reseller earned of it, and what those above earned. */
  readonly earned: string;
  readonly above: string;
}

/** By customer, the most revenue first; what names no customer, by instance. */
export async function resoldRows(tx: Connection, partnerId: number, { from, to }: ReportedDays): Promise<ResoldRow[]> {
  return [
    ...(await tx.sql<ResoldRow[]>`
      with came as (
        select c.instance_id, c.account_id, c.currency, count(*) filter (where c.kind = 'payment')::int as payments,
          max(c.occurred_on) filter (where c.kind = 'payment') as last_on, round(sum(c.millionths) * 0.000001) as revenue
        from partner_cash(${from}, ${to}) c where c.partner_id = ${partnerId} group by 1, 2, 3
      ), posted as materialized (
        select n.event_id, n.leg, n.amount_minor, w.partner_id, w.currency, w.instance_id from entries n join ledger_accounts w on w.id = n.wallet_id
        left join entry_reviews x on x.event_id = n.event_id and x.leg = n.leg and x.verdict <> 'approved'
        where n.amount_minor <> 0 and x.event_id is null and n.posting_date >= ${from}::date and n.posting_date < ${to}::date
          and n.chunk_id <= (select coalesce(max(chunk_to), 0) from postings)
      ), above as (
        select event_id, leg / 16 as slot, currency, sum(amount_minor) as amount_minor from posted where leg % 16 > 0 group by 1, 2, 3
      ), gained as (
        select m.instance_id, e.account_id, m.currency, sum(m.amount_minor) as earned, coalesce(sum(o.amount_minor), 0) as above
        from posted m join revenue_events e on e.id = m.event_id
        left join above o on o.event_id = m.event_id and o.slot = m.leg / 16 and o.currency = m.currency
        where m.partner_id = ${partnerId} and m.leg % 16 = 0 group by 1, 2, 3
      )
      select i.code as instance, a.code as account, a.name, k.currency, coalesce(c.payments, 0) as payments, c.last_on as "lastPaidOn",
        coalesce(c.revenue, 0)::text as revenue, coalesce(g.earned, 0)::text as earned, coalesce(g.above, 0)::text as above
      from (select instance_id, account_id, currency from came union select instance_id, account_id, currency from gained) k
      join instances i on i.id = k.instance_id left join accounts a on a.id = k.account_id
      left join came c on c.instance_id = k.instance_id and c.account_id is not distinct from k.account_id and c.currency = k.currency
      left join gained g on g.instance_id = k.instance_id and g.account_id is not distinct from k.account_id and g.currency = k.currency
      order by k.currency, coalesce(c.revenue, 0) desc, i.code collate "C", a.code collate "C" nulls last`),
  ];
}
