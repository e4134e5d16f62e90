import { list } from '../arrays.ts';
import type { BillingCycle } from '../../domain/billing-cycles.ts';
import type { Connection } from '../connection.ts';
import { parseDateRange, type DateRange } from '../schema/column-types.ts';

/** A subscription with everything that is asked of it when its cycles are charged. */
export interface ChargeableSubscription {
  readonly id: number;
  readonly code: string;
  readonly instanceId: number;
  readonly instance: string;
  readonly cycle: BillingCycle;
  readonly currency: string;
  /** Cycles that were charged. */
  readonly charged: readonly DateRange[];
}

/** Subscriptions that had begun by a day, by id; of one instance, or all. */
export async function chargeableSubscriptions(
  tx: Connection,
  instanceId: number | null,
  until: string,
): Promise<ChargeableSubscription[]> {
  type Row = Omit<ChargeableSubscription, 'charged'> & { readonly charged: readonly string[] };
  const rows = await tx.sql<Row[]>`
    select s.id::int, s.code, s.instance_id::int as "instanceId", i.code as instance, s.cycle, s.currency,
      coalesce((select json_agg(c.cycle::text) from wholesale_charges c where c.subscription_id = s.id), '[]') as charged
    from subscriptions s join instances i on i.id = s.instance_id
    where (${instanceId}::bigint is null or s.instance_id = ${instanceId})
      and exists (select from subscription_states x where x.subscription_id = s.id and x.starts_on < ${until}::date)
    order by s.id`;
  return rows.map((row) => ({ ...row, charged: row.charged.map(parseDateRange) }));
}

/** Usage of a month that nobody was charged for, summed by who owes it, with what it comes to. */
export interface OpenUsage {
  readonly instanceId: number;
  readonly instance: string;
  readonly partnerId: number | null;
  readonly meterId: number;
  readonly meter: string;
  readonly currency: string;
  readonly quantity: string;
  /** Minor units, rounded once; null where a day has no price. */
  readonly amountMinor: string | null;
  readonly unpricedOn: string | null;
  readonly lastDay: string;
  readonly usageIds: readonly number[];
}

export async function openUsage(
  tx: Connection,
  instanceId: number | null,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<OpenUsage[]> {
  return [
    ...(await tx.sql<OpenUsage[]>`
      select u.instance_id::int as "instanceId", i.code as instance, g.partner_id::int as "partnerId", u.meter_id::int as "meterId", m.code as meter, u.currency,
        trim_scale(sum(u.quantity))::text as quantity,
        case when bool_and(p.price is not null) then round(sum(u.quantity * p.price) * 10::numeric ^ c.minor_units)::text end as "amountMinor",
        min(u.used_on) filter (where p.price is null) as "unpricedOn", max(u.used_on) as "lastDay", json_agg(u.id order by u.id) as "usageIds"
      from usage_records u
      join instances i on i.id = u.instance_id join meters m on m.id = u.meter_id join currencies c on c.code = u.currency
      left join agreements g on g.instance_id = u.instance_id and g.retired_seq is null and g.valid @> u.used_on
      cross join lateral (select meter_price(u.meter_id, u.region, u.currency, u.used_on) as price) p
      where u.used_on >= ${from} and u.used_on < ${to} and (${instanceId}::bigint is null or u.instance_id = ${instanceId})
        and not exists (select from charged_usage x where x.usage_id = u.id)
      group by 1, 2, 3, 4, 5, 6, c.minor_units, date_trunc('month', u.used_on)
      order by 1, 4, 6, max(u.used_on)`),
  ];
}

export interface NewCharge {
  readonly instanceId: number;
  readonly partnerId: number;
  readonly subscriptionId: number | null;
  readonly termsId: number | null;
  readonly cycle: string | null;
  readonly meterId: number | null;
  readonly currency: string;
  readonly quantity: string;
  /** Minor units. */
  readonly amountMinor: string;
  readonly chargedOn: string;
  readonly usageIds: readonly number[];
}

/** One charging at a time, to the end of the transaction. */
export async function lockWholesale(tx: Connection): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || '.wholesale', 0))`;
}

export async function openWholesalePosting(tx: Connection): Promise<number> {
  const [row] = await tx.sql<{ id: number }[]>`insert into postings (kind) values ('wholesale') returning id::int`;
  return row!.id;
}

/** Records a charge, and which usage it is of. */
export async function insertCharge(tx: Connection, postingId: number, charge: NewCharge): Promise<void> {
  const [row] = await tx.sql<{ id: number }[]>`
    insert into wholesale_charges (posting_id, instance_id, partner_id, subscription_id, terms_id, cycle, meter_id, currency, quantity,
      amount_minor, charged_on, posting_date)
    values (${postingId}, ${charge.instanceId}, ${charge.partnerId}, ${charge.subscriptionId}, ${charge.termsId}, ${charge.cycle}::daterange,
      ${charge.meterId}, ${charge.currency}, ${charge.quantity}, ${charge.amountMinor}, ${charge.chargedOn}, posting_day(${charge.chargedOn}))
    returning id::int`;
  if (charge.usageIds.length === 0) return;
  await tx.sql`
    insert into charged_usage (usage_id, charge_id) select x, ${row!.id} from unnest(${list(charge.usageIds)}::bigint[]) x`;
}

export interface NewReceipt {
  readonly instanceId: number;
  readonly partnerId: number;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly reference: string;
  readonly receivedOn: string;
}

/** Whether the partner paid by this reference before. */
export async function isReceived(tx: Connection, partnerId: number, reference: string): Promise<boolean> {
  const rows = await tx.sql`
    select from wholesale_receipts where partner_id = ${partnerId} and reference = ${reference}`;
  return rows.length > 0;
}

export async function insertReceipt(tx: Connection, postingId: number, receipt: NewReceipt): Promise<void> {
  const { instanceId, partnerId, currency, amountMinor, reference, receivedOn } = receipt;
  await tx.sql`
    insert into wholesale_receipts (posting_id, instance_id, partner_id, currency, amount_minor, reference, received_on, posting_date)
    values (${postingId}, ${instanceId}, ${partnerId}, ${currency}, ${amountMinor.toString()}, ${reference}, ${receivedOn}, posting_day(${receivedOn}))`;
}

/** The transfers that the charges and receipts of a posting mean (SEMANTICS §6). Proved again at commit. */
export async function postWholesale(tx: Connection, postingId: number): Promise<void> {
  await tx.sql`
    insert into ledger_accounts (type, currency, partner_id, instance_id)
    select 'wholesale_receivable', currency, partner_id, instance_id from (
      select currency, partner_id, instance_id from wholesale_charges where posting_id = ${postingId}
      union select currency, partner_id, instance_id from wholesale_receipts where posting_id = ${postingId}) f
    union all
    select 'wholesale_revenue', currency, null, null from wholesale_charges where posting_id = ${postingId} group by currency
    union all
    select 'cash', currency, null, null from wholesale_receipts where posting_id = ${postingId} group by currency
    on conflict do nothing`;
  await tx.sql`
    insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
    select ${postingId}, m.debit_id, m.credit_id, m.amount, m.kind, m.posting_date
    from wholesale_movements(${postingId}) m order by m.posting_date, m.kind, m.debit_id, m.credit_id`;
}

export interface WholesaleFilter {
  readonly instanceId?: number | undefined;
  readonly partnerId?: number | undefined;
  readonly postingId?: number | undefined;
  /** Posting dates [from, to). */
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
}

/** A line of what a partner owes: a cycle, usage, or what was received of it. */
export interface WholesaleRow {
  readonly postingDate: string;
  readonly instance: string;
  readonly partner: string;
  readonly kind: 'subscription' | 'usage' | 'received';
  /** A subscription, a meter, or the bank's reference. */
  readonly item: string;
  readonly plan: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly quantity: string | null;
  readonly currency: string;
  /** Minor units; what was received is below zero. */
  readonly amountMinor: string;
  readonly createdBy: string;
  readonly recordedAt: string;
}

/** Charges and receipts by instance and day. */
export async function wholesaleRows(
  tx: Connection,
  filter: WholesaleFilter,
  page: { readonly limit: number; readonly offset: number },
): Promise<WholesaleRow[]> {
  const { instanceId = null, partnerId = null, postingId = null, from = null, to = null } = filter;
  const chosen = tx.sql`
    (${instanceId}::bigint is null or f.instance_id = ${instanceId}) and (${partnerId}::bigint is null or f.partner_id = ${partnerId})
    and (${postingId}::bigint is null or f.posting_id = ${postingId})
    and (${from}::date is null or f.posting_date >= ${from}::date) and (${to}::date is null or f.posting_date < ${to}::date)`;
  return [
    ...(await tx.sql<WholesaleRow[]>`
      select r.posting_date as "postingDate", i.code as instance, p.code as partner, r.kind, r.item, r.plan, r."from", r."to", r.quantity, r.currency,
        r.amount as "amountMinor", r.created_by as "createdBy", r.recorded_at as "recordedAt"
      from (
        select f.id, 1 as place, f.posting_date, f.instance_id, f.partner_id, case when f.meter_id is null then 'subscription' else 'usage' end as kind,
          coalesce(s.code, m.code) as item, n.code as plan, lower(f.cycle) as "from", upper(f.cycle) as "to", trim_scale(f.quantity)::text as quantity,
          f.currency, f.amount_minor::text as amount, f.created_by, f.recorded_at
        from wholesale_charges f left join subscriptions s on s.id = f.subscription_id left join plans n on n.id = s.plan_id
        left join meters m on m.id = f.meter_id where ${chosen}
        union all
        select f.id, 2, f.posting_date, f.instance_id, f.partner_id, 'received', f.reference, null, null, null, null, f.currency, (-f.amount_minor)::text,
          f.created_by, f.recorded_at
        from wholesale_receipts f where ${chosen}
      ) r
      join instances i on i.id = r.instance_id join partners p on p.id = r.partner_id
      order by i.code collate "C", p.code collate "C", r.posting_date, r.place, r.id limit ${page.limit} offset ${page.offset}`),
  ];
}

/** What a partner owed at an instance when a period began and when it ended; minor units. */
export interface WholesaleBalance {
  readonly instance: string;
  readonly partner: string;
  readonly currency: string;
  readonly opening: string;
  readonly charged: string;
  readonly received: string;
  readonly closing: string;
}

/** From the ledger, for the receivables that the filter picks. */
export async function wholesaleBalances(
  tx: Connection,
  filter: Pick<WholesaleFilter, 'instanceId' | 'partnerId'>,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<WholesaleBalance[]> {
  const { instanceId = null, partnerId = null } = filter;
  return [
    ...(await tx.sql<WholesaleBalance[]>`
      select i.code as instance, p.code as partner, a.currency,
        coalesce(sum(m.amount) filter (where m.posting_date < ${from}), 0)::text as opening,
        coalesce(sum(m.amount) filter (where m.posting_date >= ${from} and m.kind <> 'wholesale_received'), 0)::text as charged,
        coalesce(-sum(m.amount) filter (where m.posting_date >= ${from} and m.kind = 'wholesale_received'), 0)::text as received,
        coalesce(sum(m.amount), 0)::text as closing
      from ledger_accounts a join instances i on i.id = a.instance_id join partners p on p.id = a.partner_id
      left join (
        select debit_id as account_id, kind, posting_date, amount_minor as amount from transfers where posting_date < ${to}
        union all select credit_id, kind, posting_date, -amount_minor from transfers where posting_date < ${to}
      ) m on m.account_id = a.id
      where a.type = 'wholesale_receivable' and (${instanceId}::bigint is null or a.instance_id = ${instanceId})
        and (${partnerId}::bigint is null or a.partner_id = ${partnerId})
      group by 1, 2, 3 order by i.code collate "C", p.code collate "C", a.currency`),
  ];
}
