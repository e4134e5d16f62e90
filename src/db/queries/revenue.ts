import type { Connection } from '../connection.ts';
import type { Page } from './order.ts';

export interface RevenueFilter {
  readonly instance?: string | undefined;
  readonly accountId?: number | undefined;
  readonly product?: string | undefined;
  readonly kind?: string | undefined;
  readonly currency?: string | undefined;
  readonly source?: string | undefined;
  readonly saleRef?: string | undefined;
  readonly batch?: number | undefined;
  /** Only events that no accrual has decided yet. */
  readonly undecided?: boolean | undefined;
  /** Only events that had their turn, and wait for an exchange rate. */
  readonly waiting?: boolean | undefined;
  /** Only events whose record named no instance. */
  readonly defaulted?: boolean | undefined;
  /** Business date, `[from, to)`. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** An event as it is stored; amounts in minor units as decimal integers. */
export interface RevenueRow {
  readonly id: number;
  readonly source: string;
  readonly externalId: string;
  readonly version: number;
  readonly kind: string;
  readonly occurredAt: string;
  readonly occurredOn: string;
  readonly instance: string;
  /** Its record named none, and it went to the default of its import. */
  readonly instanceDefaulted: boolean;
  readonly account: string | null;
  readonly product: string | null;
  readonly subscription: string | null;
  readonly currency: string;
  readonly net: string;
  readonly gross: string;
  readonly tax: string;
  readonly quantity: string | null;
  readonly country: string | null;
  readonly transactionType: string | null;
  readonly saleRef: string | null;
  readonly saleNet: string | null;
  readonly saleGross: string | null;
  readonly wholesaleNet: string | null;
  readonly saleDate: string | null;
  readonly batch: number;
  readonly origin: string;
  readonly file: string | null;
  readonly decided: boolean;
  /** The exchange rate that was missing when its turn came, 'EUR/USD@2026-10-09', while it waits for that. */
  readonly waitsFor: string | null;
  readonly voided: boolean;
  readonly createdBy: string;
  readonly recordedAt: string;
}

/** Events by business date, then id: the order in which they are decided. */
export async function selectRevenue(tx: Connection, filter: RevenueFilter, page: Page): Promise<RevenueRow[]> {
  const { sql } = tx;
  const wanted = (value: string | number | undefined) => value ?? null;
  return await rows(
    tx,
    sql`(${wanted(filter.instance)}::text is null or e.instance_id = (select id from instances where code = ${wanted(filter.instance)}))
      and (${wanted(filter.accountId)}::bigint is null or e.account_id = ${wanted(filter.accountId)})
      and (${wanted(filter.product)}::text is null or e.product_id = (select id from products where code = ${wanted(filter.product)}))
      and (${wanted(filter.kind)}::text is null or e.kind::text = ${wanted(filter.kind)})
      and (${wanted(filter.currency)}::text is null or e.currency = ${wanted(filter.currency)})
      and (${wanted(filter.source)}::text is null or e.source_id = (select id from sources where code = ${wanted(filter.source)}))
      and (${wanted(filter.saleRef)}::text is null or e.sale_id in (select id from sales where sale_ref = ${wanted(filter.saleRef)}))
      and (${wanted(filter.batch)}::bigint is null or e.batch_id = ${wanted(filter.batch)})
      and (${wanted(filter.from)}::date is null or e.occurred_on >= ${wanted(filter.from)}::date)
      and (${wanted(filter.to)}::date is null or e.occurred_on < ${wanted(filter.to)}::date)
      and (not ${filter.undecided ?? false} or e.id > b.decided_to or x.event_id is not null)
      and (not ${filter.waiting ?? false} or x.event_id is not null)
      and (not ${filter.defaulted ?? false} or e.instance_defaulted)`,
    page,
  );
}

/**
 * What speaks of a sale that has no recorded payment: it counts for nothing until one comes. A voided one counts for
 * nothing anyway, a settled one has posted: both are left out.
 */
export async function selectOrphans(
  tx: Connection,
  filter: Pick<RevenueFilter, 'instance' | 'source' | 'from' | 'to'>,
  page: Page,
): Promise<RevenueRow[]> {
  const { sql } = tx;
  const wanted = (value: string | undefined) => value ?? null;
  return await rows(
    tx,
    sql`s.first_payment_on is null and s.id is not null
      and e.kind in ('refund', 'credit_note', 'adjustment', 'chargeback', 'chargeback_won')
      and not exists (select from revenue_events v where v.voids_id = e.id or v.regards_id = e.id)
      and (${wanted(filter.instance)}::text is null or e.instance_id = (select id from instances where code = ${wanted(filter.instance)}))
      and (${wanted(filter.source)}::text is null or e.source_id = (select id from sources where code = ${wanted(filter.source)}))
      and (${wanted(filter.from)}::date is null or e.occurred_on >= ${wanted(filter.from)}::date)
      and (${wanted(filter.to)}::date is null or e.occurred_on < ${wanted(filter.to)}::date)`,
    page,
  );
}

/** One event, or null. */
export async function revenueById(tx: Connection, id: number): Promise<RevenueRow | null> {
  const [row] = await rows(tx, tx.sql`e.id = ${id}`, { limit: 1, offset: 0 });
  return row ?? null;
}

/** The live or latest version of an id in a source, or null. */
export async function revenueByExternalId(
  tx: Connection,
  source: string,
  externalId: string,
): Promise<RevenueRow | null> {
  const [found] = await tx.sql<{ id: number }[]>`
    select e.id::float8 as id from revenue_events e
    where e.source_id = (select id from sources where code = ${source}) and e.external_id = ${externalId}
    order by e.version desc limit 1`;
  return found === undefined ? null : await revenueById(tx, found.id);
}

async function rows(tx: Connection, where: ReturnType<Connection['sql']>, page: Page): Promise<RevenueRow[]> {
  return [
    ...(await tx.sql<RevenueRow[]>`
      select e.id::float8 as id, src.code as source, e.external_id as "externalId", e.version, e.kind, e.occurred_at as "occurredAt",
        e.occurred_on as "occurredOn", i.code as instance, e.instance_defaulted as "instanceDefaulted", a.code as account, d.code as product,
        u.code as subscription, e.currency, e.net_minor as net,
        e.gross_minor as gross, e.tax_minor as tax, e.quantity, e.country, e.transaction_type as "transactionType",
        s.sale_ref as "saleRef", s.sale_net_minor as "saleNet", s.sale_gross_minor as "saleGross",
        coalesce(s.wholesale_net_minor, e.wholesale_net_minor) as "wholesaleNet", s.sale_date as "saleDate", e.batch_id::float8 as batch, b.origin,
        b.file_name as file, e.id <= b.decided_to and x.event_id is null as decided,
        x.base || '/' || x.quote || '@' || x.rate_date as "waitsFor",
        exists (select from revenue_events v where v.voids_id = e.id) as voided, b.created_by as "createdBy", b.recorded_at as "recordedAt"
      from revenue_events e
      join event_batches b on b.id = e.batch_id
      join sources src on src.id = e.source_id
      join instances i on i.id = e.instance_id
      left join accounts a on a.id = e.account_id
      left join products d on d.id = e.product_id
      left join subscriptions u on u.id = e.subscription_id
      left join sales s on s.id = e.sale_id
      left join waiting_events x on x.event_id = e.id and x.decided_chunk_id is null
      where ${where}
      order by e.occurred_on, e.id limit ${page.limit} offset ${page.offset}`),
  ];
}
