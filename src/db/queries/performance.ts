import type { Connection } from '../connection.ts';

/** Days or months that are reported on: half-open. */
export interface ReportedDays {
  readonly from: string;
  readonly to: string;
}

export type ReportUnit = 'day' | 'month';

/** What came in, was earned and was paid on a day or in a month, in one currency; minor units. */
export interface PerformanceRow {
  /** Its first day. */
  readonly startsOn: string;
  readonly currency: string;
  readonly payments: number;
  /** Accounts that paid; those that paid for the first time ever. */
  readonly customers: number;
  readonly newCustomers: number;
  readonly revenue: string;
  readonly commission: string;
  readonly paidOut: string;
}

/** What happened day by day or month by month, of everybody or one partner; only days on which something did. */
export async function performanceRows(
  tx: Connection,
  unit: ReportUnit,
  { from, to }: ReportedDays,
  partnerId: number | null,
): Promise<PerformanceRow[]> {
  const of = (column: string) => tx.sql.unsafe(`date_trunc('${unit}', ${column})::date`);
  return [
    ...(await tx.sql<PerformanceRow[]>`
      with cash as materialized (
        select * from partner_cash(${from}, ${to}) c where ${partnerId}::bigint is null or c.partner_id = ${partnerId}
      ), first_paid as (
        select e.account_id, min(e.occurred_on) as first_on from revenue_events e
        where e.kind = 'payment' and e.account_id in (select account_id from cash)
          and not exists (select from revenue_events v where v.voids_id = e.id and v.voids_id is not null) group by 1
      ), came as (
        select ${of('c.occurred_on')} as starts_on, c.currency, count(*) filter (where c.kind = 'payment')::int as payments,
          count(distinct c.account_id) filter (where c.kind = 'payment')::int as customers,
          count(distinct c.account_id) filter (where f.first_on = c.occurred_on and c.kind = 'payment')::int as new_customers,
          round(sum(c.millionths) * 0.000001) as revenue
        from cash c left join first_paid f on f.account_id = c.account_id group by 1, 2
      ), earned as (
        select ${of('n.posting_date')} as starts_on, w.currency, sum(n.amount_minor) as commission
        from entries n join ledger_accounts w on w.id = n.wallet_id
        left join entry_reviews x on x.event_id = n.event_id and x.leg = n.leg and x.verdict <> 'approved'
        where n.amount_minor <> 0 and x.event_id is null and n.posting_date >= ${from}::date and n.posting_date < ${to}::date
          and n.chunk_id <= (select coalesce(max(chunk_to), 0) from postings)
          and (${partnerId}::bigint is null or w.partner_id = ${partnerId})
        group by 1, 2
      ), paid as (
        select ${of('c.value_date')} as starts_on, p.currency, sum(case c.status when 'completed' then p.gross_minor else -p.gross_minor end) as paid_out
        from payout_status_changes c join payouts p on p.id = c.payout_id
        where (c.status = 'completed' or c.status = 'returned' and c.from_status = 'completed')
          and c.value_date >= ${from}::date and c.value_date < ${to}::date and (${partnerId}::bigint is null or p.partner_id = ${partnerId})
        group by 1, 2
      )
      select k.starts_on as "startsOn", k.currency, coalesce(c.payments, 0) as payments, coalesce(c.customers, 0) as customers,
        coalesce(c.new_customers, 0) as "newCustomers", coalesce(c.revenue, 0)::text as revenue, coalesce(e.commission, 0)::text as commission,
        coalesce(p.paid_out, 0)::text as "paidOut"
      from (select starts_on, currency from came union select starts_on, currency from earned union select starts_on, currency from paid) k
      left join came c using (starts_on, currency) left join earned e using (starts_on, currency) left join paid p using (starts_on, currency)
      order by k.currency, k.starts_on`),
  ];
}

export interface RegionRow {
  /** Null: nobody said. */
  readonly country: string | null;
  readonly currency: string;
  readonly payments: number;
  readonly customers: number;
  readonly revenue: string;
  /** What was earned of it, in its currency. */
  readonly commission: string;
}

/** What came in and was earned by the country of the event, or else of its account; the most revenue first. */
export async function regionRows(
  tx: Connection,
  { from, to }: ReportedDays,
  partnerId: number | null,
): Promise<RegionRow[]> {
  return [
    ...(await tx.sql<RegionRow[]>`
      with came as (
        select c.country, c.currency, count(*) filter (where c.kind = 'payment')::int as payments,
          count(distinct c.account_id) filter (where c.kind = 'payment')::int as customers, round(sum(c.millionths) * 0.000001) as revenue
        from partner_cash(${from}, ${to}) c where ${partnerId}::bigint is null or c.partner_id = ${partnerId} group by 1, 2
      ), earned as (
        select coalesce(e.country, a.country) as country, w.currency, sum(n.amount_minor) as commission
        from entries n join ledger_accounts w on w.id = n.wallet_id join revenue_events e on e.id = n.event_id left join accounts a on a.id = e.account_id
        left join entry_reviews x on x.event_id = n.event_id and x.leg = n.leg and x.verdict <> 'approved'
        where n.amount_minor <> 0 and x.event_id is null and n.posting_date >= ${from}::date and n.posting_date < ${to}::date
          and n.chunk_id <= (select coalesce(max(chunk_to), 0) from postings) and e.kind in ('payment', 'refund', 'chargeback', 'chargeback_won', 'credit_note')
          and (${partnerId}::bigint is null or w.partner_id = ${partnerId})
        group by 1, 2
      )
      select k.country, k.currency, coalesce(c.payments, 0) as payments, coalesce(c.customers, 0) as customers, coalesce(c.revenue, 0)::text as revenue,
        coalesce(e.commission, 0)::text as commission
      from (select country, currency from came union select country, currency from earned) k
      left join came c on c.country is not distinct from k.country and c.currency = k.currency
      left join earned e on e.country is not distinct from k.country and e.currency = k.currency
      order by k.currency, coalesce(c.revenue, 0) desc, k.country collate "C" nulls last`),
  ];
}

/** A customer that has paid at least twice, and how long it has been silent. */
export interface SilenceRow {
  readonly instance: string;
  readonly account: string;
  readonly partner: string | null;
  readonly currency: string;
  readonly payments: number;
  readonly lastPaidOn: string;
  /** Days from the first payment to the last, over the gaps between them. */
  readonly usualDays: number;
  readonly silentDays: number;
  /** Payments less returns of the year before the day. */
  readonly yearRevenue: string;
}

/**
 * Customers who have been silent for longer than `overPpm` millionths of what is usual for them, up to a day, the most
 * revenue of the last year first. An account that has ended is none.
 */
export async function silentCustomers(
  tx: Connection,
  day: string,
  overPpm: number,
  partnerId: number | null,
  page: { readonly limit: number; readonly offset: number },
): Promise<SilenceRow[]> {
  return [
    ...(await tx.sql<SilenceRow[]>`
      with paid as (
        select c.account_id, c.currency, max(c.partner_id) filter (where c.kind = 'payment') as partner_id,
          count(distinct c.occurred_on) filter (where c.kind = 'payment')::int as payments, min(c.occurred_on) filter (where c.kind = 'payment') as first_on,
          max(c.occurred_on) filter (where c.kind = 'payment') as last_on,
          round(coalesce(sum(c.millionths) filter (where c.occurred_on > ${day}::date - 365), 0) * 0.000001) as year_revenue
        from partner_cash('1900-01-01', ${day}::date + 1) c
        where c.account_id is not null and (${partnerId}::bigint is null or c.partner_id = ${partnerId}) group by 1, 2
      )
      select i.code as instance, a.code as account, q.code as partner, p.currency, p.payments, p.last_on as "lastPaidOn",
        greatest(1, round((p.last_on - p.first_on)::numeric / (p.payments - 1)))::int as "usualDays", (${day}::date - p.last_on) as "silentDays",
        p.year_revenue::text as "yearRevenue"
      from paid p join accounts a on a.id = p.account_id join instances i on i.id = a.instance_id left join partners q on q.id = p.partner_id
      where p.payments >= 2 and (a.ends_on is null or a.ends_on > ${day})
        and (${day}::date - p.last_on)::bigint * 1000000 > ${overPpm}::bigint * greatest(1, round((p.last_on - p.first_on)::numeric / (p.payments - 1)))
      order by p.currency, p.year_revenue desc, i.code collate "C", a.code collate "C" limit ${page.limit} offset ${page.offset}`),
  ];
}
