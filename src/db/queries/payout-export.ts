import { quoteLiteral, type Connection } from '../connection.ts';
import { knownAsOf, type AsOf } from './as-of.ts';
import { currencyTotals, type CurrencyTotal } from './currency-totals.ts';
import { payoutStatesSql } from './entry-status.ts';
import { CURRENCIES_WITH_UNIT, copyStatement, type ExportColumn, type RowShape } from './export-columns.ts';

/** Payouts by cut-off `[from, to)`, as of a moment; of an instance what they took from its wallets. */
export interface PayoutSelection {
  readonly from: string;
  readonly to: string;
  readonly partnerId: number | null;
  readonly instanceId: number | null;
  /** As of the moment. */
  readonly status: string | null;
  readonly currency: string | null;
  readonly asOf: AsOf;
}

/**
 * From and where of payouts, one row a payout and instance. The aliases are what columns refer to: p payout, x its
 * status, w what it takes from a wallet, r run, a partner, i instance, t tenant, h what became of it, m instrument, f the
 * file it left in, o the payout it tries again, c currency with its `unit`.
 */
function payoutSource({ from, to, partnerId, instanceId, status, currency, asOf }: PayoutSelection): string {
  const known = (alias: string) => knownAsOf(asOf, alias);
  const last = (column: string, change: string) =>
    `(array_agg(c.${column} order by c.id desc) filter (where ${change}))[1]`;
  return `from ${payoutStatesSql(known)} x
join payouts p on p.id = x.id
join payout_runs r on r.id = p.run_id
join partners a on a.id = p.partner_id
join payout_wallets w on w.payout_id = p.id
join ledger_accounts l on l.id = w.wallet_id
join instances i on i.id = l.instance_id
join tenants t on t.id = i.tenant_id
join ${CURRENCIES_WITH_UNIT} c on c.code = p.currency
cross join lateral (
  select ${last('recorded_at', `c.status = 'ready'`)} as approved_at,
    case when bool_or(c.status = 'ready') then (select string_agg(v.created_by, ', ' order by v.recorded_at) from payout_approvals v where v.run_id = p.run_id) end as approved_by,
    ${last('recorded_at', `c.status = 'processing'`)} as submitted_at, ${last('value_date', `c.status = 'completed'`)} as completed_on,
    ${last('value_date', `c.status = 'returned'`)} as returned_on, ${last('reference', 'c.reference is not null')} as reference,
    ${last('reason', 'c.reason is not null')} as reason
  from payout_status_changes c where c.payout_id = p.id and ${known('c')}) h
left join instruments m on m.id = p.instrument_id
left join (
  select n.payout_id, g.rail, s.name from payout_file_lines n join payout_files s on s.id = n.file_id and ${known('s')}
  join rail_profiles g on g.id = s.rail_profile_id) f on f.payout_id = p.id
left join payouts o on o.id = p.retry_of
where r.cutoff >= ${quoteLiteral(from)}::date and r.cutoff < ${quoteLiteral(to)}::date
  ${partnerId === null ? '' : `and p.partner_id = ${partnerId}`}
  ${instanceId === null ? '' : `and l.instance_id = ${instanceId}`}
  ${status === null ? '' : `and x.status = ${quoteLiteral(status)}`}
  ${currency === null ? '' : `and p.currency = ${quoteLiteral(currency)}`}`;
}

/** The COPY of an export of these columns, in the order of payouts and of their instances' codes. */
export function payoutCopy(columns: readonly ExportColumn[], selection: PayoutSelection, shape: RowShape): string {
  return copyStatement(columns, `${payoutSource(selection)}\norder by p.id, i.code collate "C"`, shape);
}

/** What the payouts of an export come to before what is taken off, per currency. */
export async function payoutTotals({ sql }: Connection, selection: PayoutSelection): Promise<CurrencyTotal[]> {
  return await currencyTotals(sql, `select p.currency, w.gross_minor as amount ${payoutSource(selection)}`);
}
