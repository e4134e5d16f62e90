import type { DisputeStatus } from '../../domain/disputes.ts';
import { quoteLiteral, type Connection } from '../connection.ts';
import { knownAsOf, type AsOf } from './as-of.ts';
import { currencyTotals, type CurrencyTotal } from './currency-totals.ts';
import { CURRENCIES_WITH_UNIT, copyStatement, type ExportColumn, type RowShape } from './export-columns.ts';
import type { Page } from './order.ts';

/**
 * A dispute is a hold of that reason on an entry, and what became of it: released, or the entry was taken back while it was
 * open. So it is no state of its own that could be another than the hold's. With the aliases h for the hold, r for its
 * release, g for the review that took the entry back, and those of entries; `status` is d.status, and d has since when.
 *
 * @param known condition that a dated row of an alias belongs to the moment that is read
 */
function disputes(known: (alias: string) => string = () => 'true'): string {
  return `holds h
    join entries n on n.event_id = h.event_id and n.leg = h.leg
    join revenue_events e on e.id = n.event_id
    join sources o on o.id = e.source_id
    join ledger_accounts w on w.id = n.wallet_id
    join partners p on p.id = w.partner_id
    join instances i on i.id = w.instance_id
    join ${CURRENCIES_WITH_UNIT} c on c.code = w.currency
    left join accounts a on a.id = e.account_id
    left join sales s on s.id = e.sale_id
    left join hold_releases r on r.hold_id = h.id and ${known('r')}
    left join lateral (
      select b.reason, b.created_by, b.recorded_at from entry_reviews x join review_batches b on b.id = x.batch_id and ${known('b')}
      where x.event_id = n.event_id and x.leg = n.leg and x.verdict <> 'approved' and b.recorded_at >= h.recorded_at
        and (r.hold_id is null or b.recorded_at <= r.recorded_at)) g on true
    cross join lateral (select
      case when g.created_by is not null then 'rejected' when r.hold_id is not null then 'released' else 'open' end as status,
      coalesce(g.created_by, r.created_by) as resolved_by, coalesce(g.recorded_at, r.recorded_at) as resolved_at,
      coalesce(r.note, g.reason) as resolution) d
    where h.reason = 'dispute' and h.event_id is not null and ${known('h')}`;
}

export interface DisputeRow {
  readonly id: number;
  readonly entry: string;
  readonly event: string;
  readonly source: string;
  readonly account: string | null;
  readonly saleRef: string | null;
  readonly partner: string;
  readonly instance: string;
  readonly kind: string;
  /** Minor units. */
  readonly amount: string;
  readonly currency: string;
  readonly status: DisputeStatus;
  readonly reason: string | null;
  readonly openedAt: string;
  readonly openedBy: string;
  readonly resolvedAt: string | null;
  readonly resolvedBy: string | null;
  readonly resolution: string | null;
}

export interface DisputeFilter {
  readonly id?: number | undefined;
  /** The one that is open on an entry. */
  readonly openOn?: { readonly eventId: number; readonly leg: number } | undefined;
  readonly partner?: string | undefined;
  readonly instance?: string | undefined;
  readonly status?: DisputeStatus | undefined;
}

/** Disputes, the latest first. */
export async function disputeRows(tx: Connection, filter: DisputeFilter, page: Page): Promise<DisputeRow[]> {
  const { id = null, openOn = null, partner = null, instance = null, status = null } = filter;
  return [
    ...(await tx.sql<DisputeRow[]>`
      select h.id::float8 as id, n.event_id || '.' || n.leg as entry, e.external_id as event, o.code as source, a.code as account,
        s.sale_ref as "saleRef", p.code as partner, i.code as instance, n.kind, n.amount_minor::text as amount, w.currency, d.status,
        h.note as reason, h.recorded_at as "openedAt", h.created_by as "openedBy", d.resolved_at as "resolvedAt",
        d.resolved_by as "resolvedBy", d.resolution
      from ${tx.sql.unsafe(disputes())}
        and (${id}::bigint is null or h.id = ${id})
        and (${openOn === null} or (h.event_id = ${openOn?.eventId ?? null} and h.leg = ${openOn?.leg ?? null} and d.status = 'open'))
        and (${partner}::text is null or p.code = ${partner}) and (${instance}::text is null or i.code = ${instance})
        and (${status}::text is null or d.status = ${status})
      order by h.id desc limit ${page.limit} offset ${page.offset}`),
  ];
}

/** Disputes that were opened on business days `[from, to)`. */
export interface DisputeSelection {
  readonly from: string;
  readonly to: string;
  readonly partnerId: number | null;
  readonly instanceId: number | null;
  readonly status: string | null;
  readonly currency: string | null;
}

/** The day on which a dispute was opened, in the programme's zone. */
export const OPENED_ON = '(h.recorded_at at time zone (select zone from programme))::date';

function selected(selection: DisputeSelection, asOf: AsOf): string {
  const { from, to, partnerId, instanceId, status, currency } = selection;
  return [
    disputes((alias) => knownAsOf(asOf, alias)),
    `${OPENED_ON} >= ${quoteLiteral(from)}::date and ${OPENED_ON} < ${quoteLiteral(to)}::date`,
    ...(partnerId === null ? [] : [`w.partner_id = ${partnerId}`]),
    ...(instanceId === null ? [] : [`w.instance_id = ${instanceId}`]),
    ...(status === null ? [] : [`d.status = ${quoteLiteral(status)}`]),
    ...(currency === null ? [] : [`w.currency = ${quoteLiteral(currency)}`]),
  ].join(' and ');
}

/** The COPY of an export of these columns, in the order in which disputes were opened. */
export function disputeCopy(
  columns: readonly ExportColumn[],
  selection: DisputeSelection,
  asOf: AsOf,
  shape: RowShape,
): string {
  return copyStatement(columns, `from ${selected(selection, asOf)} order by h.id`, shape);
}

/** What the disputes of an export sum to, per currency. */
export async function disputeTotals(
  { sql }: Connection,
  selection: DisputeSelection,
  asOf: AsOf,
): Promise<CurrencyTotal[]> {
  return await currencyTotals(sql, `select w.currency, n.amount_minor as amount from ${selected(selection, asOf)}`);
}
