import { quoteLiteral, type Connection } from '../connection.ts';
import { knownAsOf, type AsOf } from './as-of.ts';
import { currencyTotals, type CurrencyTotal } from './currency-totals.ts';
import { CURRENCIES_WITH_UNIT, copyStatement, type ExportColumn, type RowShape } from './export-columns.ts';

/** What billing reported, by business date `[from, to)`, as of a moment; of a partner what it earns of. */
export interface RevenueSelection {
  readonly from: string;
  readonly to: string;
  readonly partnerId: number | null;
  readonly instanceId: number | null;
  /** As of the moment: undecided, decided or voided. */
  readonly status: string | null;
  readonly currency: string | null;
  readonly asOf: AsOf;
}

/** What counts of an event: its net amount, and nothing of one that was taken back. */
export const COUNTED_NET = `case x.status when 'voided' then 0 else e.net_minor end`;

/**
 * From and where of events from billing. The aliases are what columns refer to: e event, b its batch, x its status and
 * the wallet of its first share, o source, i instance, t tenant, p partner, a account, d product, s sale, c currency with
 * its `unit`. Of a sale only what is said at its first mention never changes: its reference and its net amount.
 */
function revenueSource({ from, to, partnerId, instanceId, status, currency, asOf }: RevenueSelection): string {
  const known = (alias: string) => knownAsOf(asOf, alias);
  const shares = `entries n join decision_chunks k on k.id = n.chunk_id and ${known('k')}`;
  return `from event_batches b
join revenue_events e on e.batch_id = b.id and e.id between b.first_id and b.last_id
cross join lateral (
  select case
      when exists (select from revenue_events v join event_batches y on y.id = v.batch_id and ${known('y')} where v.voids_id = e.id) then 'voided'
      when n.event_id is not null then 'decided' else 'undecided' end as status, n.wallet_id
  from (select) one left join (select n.event_id, n.wallet_id from ${shares} where n.event_id = e.id order by n.leg limit 1) n on true) x
join sources o on o.id = e.source_id
join instances i on i.id = e.instance_id
join tenants t on t.id = i.tenant_id
join ${CURRENCIES_WITH_UNIT} c on c.code = e.currency
left join ledger_accounts w on w.id = x.wallet_id
left join partners p on p.id = w.partner_id
left join accounts a on a.id = e.account_id
left join products d on d.id = e.product_id
left join sales s on s.id = e.sale_id
where b.origin in ('import', 'record') and ${known('b')}
  and e.occurred_on >= ${quoteLiteral(from)}::date and e.occurred_on < ${quoteLiteral(to)}::date
  ${partnerId === null ? '' : `and exists (select from ${shares} join ledger_accounts l on l.id = n.wallet_id where n.event_id = e.id and l.partner_id = ${partnerId})`}
  ${instanceId === null ? '' : `and e.instance_id = ${instanceId}`}
  ${status === null ? '' : `and x.status = ${quoteLiteral(status)}`}
  ${currency === null ? '' : `and e.currency = ${quoteLiteral(currency)}`}`;
}

/** The COPY of an export of these columns, in the order in which events were recorded. */
export function revenueCopy(columns: readonly ExportColumn[], selection: RevenueSelection, shape: RowShape): string {
  return copyStatement(columns, `${revenueSource(selection)}\norder by e.id`, shape);
}

/** What counts of the events of an export, per currency. */
export async function revenueTotals({ sql }: Connection, selection: RevenueSelection): Promise<CurrencyTotal[]> {
  return await currencyTotals(sql, `select e.currency, ${COUNTED_NET} as amount ${revenueSource(selection)}`);
}
