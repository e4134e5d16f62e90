import { quoteLiteral, type Connection } from '../connection.ts';
import type { DateRange } from '../schema/column-types.ts';
import { entryStates } from './entry-status.ts';
import { postedUntil, type PostingDay } from './posted-until.ts';

/** Whose figures: an instance's, all of a tenant's, or a partner's part of every instance where it earned. */
export type FinancialScope =
  { readonly instanceId: number } | { readonly tenantId: number } | { readonly partnerId: number };

/** What one instance took in and what its partners earned of it, in one currency; minor units. */
export interface FinancialRow {
  readonly tenant: string;
  readonly instance: string;
  readonly currency: string;
  readonly payments: number;
  /** Accounts with a payment. */
  readonly customers: number;
  /** Payments less returns. */
  readonly revenue: string;
  /** The same, of the period alone. */
  readonly periodRevenue: string;
  /** What was earned and not taken back: pending + held + approved + processing + paid. */
  readonly commission: string;
  readonly pending: string;
  readonly held: string;
  readonly approved: string;
  readonly processing: string;
  readonly paid: string;
  /** Of the wallets, by the ledger; whatever the window. */
  readonly balance: string;
  /** What the operator charged for it; null where nothing ever was. */
  readonly wholesale: string | null;
  /** When the latest of what these figures come from was recorded. */
  readonly updatedAt: string | null;
}

/** Which days count. */
export interface FinancialDays {
  /** Revenue by business date, commission by posting date, charges by their day: `[from, to)`. */
  readonly window: DateRange;
  readonly period: DateRange;
  /** Only what was posted up to this day; null: all there is. */
  readonly until: PostingDay | null;
}

/** What counts as revenue: money that came and went (SEMANTICS §8), never a credit note. */
const CASH = `('payment', 'refund', 'chargeback', 'chargeback_won')`;

/** The day that fixes who earns of an event `e` and its sale `s`. */
const SALE_DAY = 'coalesce(s.sale_date, s.first_payment_on, e.occurred_on)';

/**
 * Figures per instance and currency, by code. They are sums over events, entries, transfers and charges, so that there is
 * nothing that could lag behind; doctor proves that status by status they make the ledger's balance (`wallet_made_of`).
 */
export async function financialRows(
  tx: Connection,
  scope: FinancialScope,
  { window, period, until }: FinancialDays,
): Promise<FinancialRow[]> {
  const { instanceId = null, tenantId = null, partnerId = null } = scope as Partial<Record<string, number>>;
  const within = (column: string, { from, to }: DateRange): string =>
    [
      from === null ? 'true' : `${column} >= ${quoteLiteral(from)}::date`,
      to === null ? 'true' : `${column} < ${quoteLiteral(to)}::date`,
    ].join(' and ');
  const upTo = (column: string): string => (until === null ? 'true' : `${column} <= ${quoteLiteral(until.date)}::date`);
  const raw = (text: string) => tx.sql.unsafe(text);
  const states = entryStates(
    'n.amount_minor <> 0 and n.wallet_id in (select id from wallets)',
    until === null ? undefined : postedUntil(until),
  );
  return [
    ...(await tx.sql<FinancialRow[]>`
      with asked as materialized (
        select i.id, i.code, t.code as tenant from instances i join tenants t on t.id = i.tenant_id
        where (${instanceId}::bigint is null or i.id = ${instanceId}) and (${tenantId}::bigint is null or i.tenant_id = ${tenantId})
          and (${partnerId}::bigint is null
            or exists (select from ledger_accounts w where w.type = 'wallet' and w.instance_id = i.id and w.partner_id = ${partnerId})
            or exists (select from agreements g where g.instance_id = i.id and g.partner_id = ${partnerId} and g.retired_seq is null))
      ), wallets as materialized (
        select a.id, a.instance_id, a.currency from ledger_accounts a
        where a.type = 'wallet' and a.instance_id in (select id from asked) and (${partnerId}::bigint is null or a.partner_id = ${partnerId})
      ), cash as (
        select e.instance_id, e.currency, e.kind, e.account_id, e.net_minor, e.occurred_on, b.recorded_at, ${raw(within('e.occurred_on', window))} as inside
        from revenue_events e join event_batches b on b.id = e.batch_id left join sales s on s.id = e.sale_id
        where e.instance_id in (select id from asked) and e.kind in ${raw(CASH)} and ${raw(upTo('e.occurred_on'))}
          and not exists (select from revenue_events v where v.voids_id = e.id and ${raw(upTo('v.occurred_on'))})
          and (${partnerId}::bigint is null or exists (
            select from agreements g where g.instance_id = e.instance_id and g.partner_id = ${partnerId} and g.retired_seq is null
              and g.valid @> ${raw(SALE_DAY)}))
      ), revenue as (
        select instance_id, currency, count(*) filter (where inside and kind = 'payment') as payments,
          count(distinct account_id) filter (where inside and kind = 'payment') as customers,
          sum(net_minor) filter (where inside) as revenue, sum(net_minor) filter (where ${raw(within('occurred_on', period))}) as period_revenue,
          max(recorded_at) as updated_at
        from cash group by 1, 2
      ), commission as (
        select n.instance_id, n.currency, sum(n.amount_minor) as commission,
          sum(n.amount_minor) filter (where n.status = 'pending') as pending, sum(n.amount_minor) filter (where n.status = 'held') as held,
          sum(n.amount_minor) filter (where n.status = 'approved') as approved,
          sum(n.amount_minor) filter (where n.status = 'processing') as processing,
          sum(n.amount_minor) filter (where n.status in ('paid', 'recovered')) as paid
        from ${raw(states)} n where n.posted and n.kept and ${raw(within('n.posting_date', window))} group by 1, 2
      ), balance as (
        select w.instance_id, w.currency, sum(case when t.credit_id = w.id then t.amount_minor else -t.amount_minor end) as balance,
          max(t.recorded_at) as updated_at
        from wallets w join transfers t on w.id in (t.credit_id, t.debit_id) where ${raw(upTo('t.posting_date'))} group by 1, 2
      ), charges as (
        select c.instance_id, c.currency, sum(c.amount_minor) filter (where ${raw(within('c.charged_on', window))}) as wholesale,
          max(c.recorded_at) as updated_at
        from wholesale_charges c
        where c.instance_id in (select id from asked) and (${partnerId}::bigint is null or c.partner_id = ${partnerId}) and ${raw(upTo('c.posting_date'))}
        group by 1, 2
      ), keys as (
        select instance_id, currency from revenue union select instance_id, currency from wallets
        union select instance_id, currency from charges
      )
      select a.tenant, a.code as instance, k.currency, coalesce(r.payments, 0)::int as payments, coalesce(r.customers, 0)::int as customers,
        coalesce(r.revenue, 0)::text as revenue, coalesce(r.period_revenue, 0)::text as "periodRevenue",
        coalesce(c.commission, 0)::text as commission, coalesce(c.pending, 0)::text as pending, coalesce(c.held, 0)::text as held,
        coalesce(c.approved, 0)::text as approved, coalesce(c.processing, 0)::text as processing, coalesce(c.paid, 0)::text as paid,
        coalesce(b.balance, 0)::text as balance, case when w.instance_id is not null then coalesce(w.wholesale, 0)::text end as wholesale,
        greatest(r.updated_at, b.updated_at, w.updated_at) as "updatedAt"
      from keys k join asked a on a.id = k.instance_id
      left join revenue r using (instance_id, currency) left join commission c using (instance_id, currency)
      left join balance b using (instance_id, currency) left join charges w using (instance_id, currency)
      order by a.tenant collate "C", a.code collate "C", k.currency`),
  ];
}

/** What a suspension from a day on would hold, per currency, in minor units: earned since then, and in no payout yet. */
export async function heldBySuspension(
  tx: Connection,
  instanceId: number,
  from: string,
): Promise<ReadonlyMap<string, string>> {
  const entries = `n.amount_minor > 0 and n.wallet_id in (
    select id from ledger_accounts where type = 'wallet' and instance_id = ${instanceId})`;
  const rows = await tx.sql<{ currency: string; amount: string }[]>`
    select s.currency, sum(s.amount_minor)::text as amount from ${tx.sql.unsafe(entryStates(entries))} s
    where s.kept and s.free and s.occurred_on >= ${from}::date group by 1`;
  return new Map(rows.map(({ currency, amount }) => [currency, amount]));
}
