import { quoteLiteral, type Connection } from '../connection.ts';
import { knownAsOf, type AsOf } from './as-of.ts';
import { currencyTotals, type CurrencyTotal } from './currency-totals.ts';
import { PAID_IN, entryStates } from './entry-status.ts';
import { CURRENCIES_WITH_UNIT, copyStatement, isoInstant, type ExportColumn, type RowShape } from './export-columns.ts';

/** Which entries: by posting date `[from, to)`, and by identities that were looked up. */
export interface EarningsSelection {
  readonly from: string | null;
  readonly to: string | null;
  readonly partnerId: number | null;
  readonly instanceId: number | null;
  /** As of the moment that is read. */
  readonly status?: string | null;
  readonly currency?: string | null;
}

/** How far the books were posted at a moment. */
export interface PostedUpTo {
  /** Entries of chunks up to this one belong to the moment; 0 for none. */
  readonly chunkTo: number;
}

/**
 * Postings take the chunks in order and none is left out (assert_posting_complete), so what was posted at a moment is a
 * range from the first chunk on. It ends before the first chunk or posting that the moment does not know: one that stamped
 * its time early and was committed late may stand between two that are known. What decided and posted at once, below 0, is of
 * the moment when its chunk is.
 */
export async function postedUpTo({ sql }: Connection, asOf: AsOf): Promise<PostedUpTo> {
  const [row] = await sql.unsafe<{ chunkTo: number }[]>(`
    select coalesce(least(
        (select min(p.chunk_from) - 1 from postings p where p.chunk_from > 0 and not ${knownAsOf(asOf, 'p')}),
        (select min(k.id) - 1 from decision_chunks k where k.id > 0 and not ${knownAsOf(asOf, 'k')}),
        (select max(p.chunk_to) from postings p where p.chunk_to > 0)), 0)::float8 as "chunkTo"`);
  return row!;
}

/**
 * From, where and order of the earnings: one row an entry, in the order of its key. The aliases are what columns refer
 * to: n entry, x its state, e event, w wallet, p partner, i instance, t tenant, a account, d product, s sale, v rule
 * version, k chunk, o source of the event, c currency of what is earned and b that of the sale, each with its `unit`.
 */
function earningsSource(selection: EarningsSelection, asOf: AsOf, posted: PostedUpTo): string {
  return `from ${entryStates(condition(selection, asOf, posted), (alias) => knownAsOf(asOf, alias))} x
${ENTRY_JOINS}
${inStatus(selection)}
order by n.event_id, n.leg`;
}

/** Formatted once a chunk, not once an entry: OFFSET 0 keeps the planner from pulling it up. */
const CHUNKS = `(select id, run_id, ${isoInstant('recorded_at')} as decided_at from decision_chunks offset 0)`;

/** Everything that columns of entries refer to, from the states `x` on. */
export const ENTRY_JOINS = `join entries n on n.event_id = x.event_id and n.leg = x.leg
join revenue_events e on e.id = n.event_id
join ${CHUNKS} k on k.id = n.chunk_id
join sources o on o.id = e.source_id
join instances i on i.id = e.instance_id
join tenants t on t.id = i.tenant_id
left join ledger_accounts w on w.id = n.wallet_id
join ${CURRENCIES_WITH_UNIT} c on c.code = ${PAID_IN}
join ${CURRENCIES_WITH_UNIT} b on b.code = e.currency
left join partners p on p.id = w.partner_id
left join accounts a on a.id = e.account_id
left join products d on d.id = e.product_id
left join sales s on s.id = e.sale_id
left join rule_versions v on v.id = n.rule_version_id`;

/** Only entries that had the status, of those with their state `x`. */
export function inStatus({ status = null }: Pick<EarningsSelection, 'status'>): string {
  return status === null ? '' : `where x.status = ${quoteLiteral(status)}`;
}

/** Posted entries of the selection, by posting date. */
function condition(selection: EarningsSelection, asOf: AsOf, { chunkTo }: PostedUpTo): string {
  return (
    `n.chunk_id <= ${chunkTo} and (n.chunk_id > 0 or exists (select from decision_chunks k where k.id = n.chunk_id and ${knownAsOf(asOf, 'k')}))` +
    selectedEntries(selection, 'n.posting_date')
  );
}

/** The conditions of a selection on n, e and w, by one of their dates; each begins with `and`. */
export function selectedEntries(
  { from, to, partnerId, instanceId, currency = null }: EarningsSelection,
  date: 'n.posting_date' | 'e.occurred_on',
): string {
  return [
    from === null ? '' : ` and ${date} >= ${quoteLiteral(from)}::date`,
    to === null ? '' : ` and ${date} < ${quoteLiteral(to)}::date`,
    partnerId === null ? '' : ` and w.partner_id = ${partnerId}`,
    instanceId === null ? '' : ` and e.instance_id = ${instanceId}`,
    currency === null ? '' : ` and ${PAID_IN} = ${quoteLiteral(currency)}`,
  ].join('');
}

/** The COPY of an export of these columns. */
export function earningsCopy(
  columns: readonly ExportColumn[],
  selection: EarningsSelection,
  asOf: AsOf,
  posted: PostedUpTo,
  shape: RowShape,
): string {
  return copyStatement(columns, earningsSource(selection, asOf, posted), shape);
}

/** What the entries of an export sum to, per currency; read apart from the file, to be compared with it. */
export async function earningsTotals(
  { sql }: Connection,
  selection: EarningsSelection,
  asOf: AsOf,
  posted: PostedUpTo,
): Promise<CurrencyTotal[]> {
  const meant = condition(selection, asOf, posted);
  return await currencyTotals(sql, entriesOf(meant, selection, asOf));
}

/** Entries for totals, as `currency` and `amount`; their states are asked for only where a status is. */
export function entriesOf(meant: string, selection: EarningsSelection, asOf: AsOf): string {
  const amounts = `select ${PAID_IN} as currency, n.amount_minor as amount`;
  const joins = `join revenue_events e on e.id = n.event_id left join ledger_accounts w on w.id = n.wallet_id`;
  return selection.status === undefined || selection.status === null
    ? `${amounts} from entries n ${joins} where ${meant}`
    : `${amounts} from ${entryStates(meant, (alias) => knownAsOf(asOf, alias))} x
      join entries n on n.event_id = x.event_id and n.leg = x.leg ${joins} ${inStatus(selection)}`;
}

/** An entry as a list shows it. Amounts in minor units. */
export interface EarningRow {
  readonly eventId: number;
  readonly leg: number;
  readonly postingDate: string;
  readonly occurredOn: string;
  readonly partner: string | null;
  readonly instance: string;
  readonly account: string | null;
  readonly product: string | null;
  readonly externalId: string;
  readonly saleRef: string | null;
  readonly kind: string;
  readonly ratePpm: number | null;
  readonly base: string;
  readonly amount: string;
  readonly currency: string;
  /** Of `base`. */
  readonly saleCurrency: string;
  readonly status: string;
  readonly reason: string | null;
  readonly payableOn: string;
}

/** A page of the entries in the order of the export. */
export async function listEarnings(
  { sql }: Connection,
  selection: EarningsSelection,
  asOf: AsOf,
  posted: PostedUpTo,
  page: { readonly limit: number; readonly offset: number },
): Promise<EarningRow[]> {
  return [
    ...(await sql.unsafe<EarningRow[]>(`
      select n.event_id::float8 as "eventId", n.leg, n.posting_date as "postingDate", e.occurred_on as "occurredOn", p.code as partner,
        i.code as instance, a.code as account, d.code as product, e.external_id as "externalId", s.sale_ref as "saleRef", n.kind,
        n.rate_ppm as "ratePpm", n.base_minor as base, n.amount_minor as amount,
        c.code as currency, b.code as "saleCurrency", x.status, n.reason, n.payable_on as "payableOn"
      ${earningsSource(selection, asOf, posted)} limit ${page.limit} offset ${page.offset}`)),
  ];
}
