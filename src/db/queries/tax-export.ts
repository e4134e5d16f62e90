import { quoteLiteral, type Connection } from '../connection.ts';
import { knownAsOf, type AsOf } from './as-of.ts';
import { currencyTotals, type CurrencyTotal } from './currency-totals.ts';
import { payoutStatesSql } from './entry-status.ts';
import { CURRENCIES_WITH_UNIT, copyStatement, type ExportColumn, type RowShape } from './export-columns.ts';

/** What was paid in tax years, whole ones from the first day of one up to, not including, that of another. */
export interface TaxSelection {
  readonly from: string;
  readonly to: string;
  readonly partnerId: number | null;
  /** As of the moment: reached, below or none, of the threshold. */
  readonly status: string | null;
  readonly currency: string | null;
  readonly asOf: AsOf;
}

/**
 * From and where of paid totals, one row a partner, tax year and currency. The aliases are what columns refer to: x the
 * totals and what the threshold says of them, a partner, c currency with its `unit`.
 *
 * A payout counts in the year of the value date on which it was completed, by its gross; a return takes it out of that
 * very year, whenever it came. What was paid in the year before these books began is what their opening says.
 * Source: SEMANTICS §7.
 */
function taxSource({ from, to, partnerId, status, currency, asOf }: TaxSelection): string {
  const known = (alias: string) => knownAsOf(asOf, alias);
  const live = (alias: string) => `
    join known_changes k on k.known_seq = ${alias}.known_seq and ${known('k')}
    left join known_changes q on q.known_seq = ${alias}.retired_seq and ${known('q')}
    where q.known_seq is null`;
  return `from (
  select y.*, f.form, t.report, t.amount_minor as threshold,
    case when t.amount_minor is null then 'none' when y.total >= t.amount_minor then 'reached' else 'below' end as status
  from (
    select partner_id, currency, year, count(*) filter (where stands and not opened) as payouts,
      coalesce(sum(gross) filter (where stands and not opened), 0)::bigint as gross,
      coalesce(sum(withheld) filter (where stands and not opened), 0)::bigint as withheld,
      coalesce(sum(fee) filter (where stands), 0)::bigint as fee,
      coalesce(sum(gross) filter (where not stands), 0)::bigint as returned,
      coalesce(sum(gross) filter (where opened), 0)::bigint as opened,
      coalesce(sum(withheld) filter (where opened), 0)::bigint as opened_withheld,
      coalesce(sum(gross) filter (where stands), 0)::bigint as total,
      coalesce(sum(withheld) filter (where stands), 0)::bigint as total_withheld
    from (
      select p.partner_id, p.currency, h.value_date as paid_on, p.gross_minor as gross, p.withheld_minor as withheld, p.fee_minor as fee,
        s.status = 'completed' as stands, false as opened
      from payout_status_changes h join payouts p on p.id = h.payout_id join ${payoutStatesSql(known)} s on s.id = p.id
      where h.status = 'completed' and ${known('h')}
      union all
      select o.partner_id, o.currency, (r.payload ->> 'on')::date, o.paid_minor, o.withheld_minor, 0, true, true
      from opening_partners o join requests r on r.id = o.request_id
      join request_applications d on d.request_id = o.request_id and ${known('d')}
      where o.paid_minor > 0
    ) paid cross join lateral (select extract(year from paid_on)::integer as year) dated
    where paid_on >= ${quoteLiteral(from)}::date and paid_on < ${quoteLiteral(to)}::date
    group by 1, 2, 3
  ) y
  left join lateral (
    select m.form from deduction_terms m ${live('m')} and m.partner_id = y.partner_id and m.valid @> make_date(y.year, 12, 31)) f on true
  left join lateral (
    select m.report, m.amount_minor from tax_thresholds m ${live('m')} and m.currency = y.currency
      and (m.form is null or m.form = f.form) and m.valid @> make_date(y.year, 1, 1)
    order by m.form nulls last limit 1) t on true
) x
join partners a on a.id = x.partner_id
join ${CURRENCIES_WITH_UNIT} c on c.code = x.currency
where true
  ${partnerId === null ? '' : `and x.partner_id = ${partnerId}`}
  ${status === null ? '' : `and x.status = ${quoteLiteral(status)}`}
  ${currency === null ? '' : `and x.currency = ${quoteLiteral(currency)}`}`;
}

/** The COPY of an export of these columns, by partner, year and currency. */
export function taxCopy(columns: readonly ExportColumn[], selection: TaxSelection, shape: RowShape): string {
  return copyStatement(columns, `${taxSource(selection)}\norder by a.code collate "C", x.year, x.currency`, shape);
}

/** What was paid in the years of an export, per currency. */
export async function taxTotals({ sql }: Connection, selection: TaxSelection): Promise<CurrencyTotal[]> {
  return await currencyTotals(sql, `select x.currency, x.total as amount ${taxSource(selection)}`);
}
