import type { InvoiceKind, TaxMode } from '../../domain/invoices.ts';
import { quoteLiteral, type Connection } from '../connection.ts';
import { knownAsOf, type AsOf } from './as-of.ts';
import { currencyTotals, type CurrencyTotal } from './currency-totals.ts';
import { CURRENCIES_WITH_UNIT, copyStatement, type ExportColumn, type RowShape } from './export-columns.ts';
import type { Page } from './order.ts';

/** Invoices i with their payout u, partner p, the invoice x that they credit and their currency c. */
const INVOICES = `invoices i
  join payouts u on u.id = i.payout_id
  join partners p on p.id = u.partner_id
  join ${CURRENCIES_WITH_UNIT} c on c.code = u.currency
  left join invoices x on x.id = i.credits_id`;

/** An invoice or a credit note; amounts in minor units, above zero. */
export interface InvoiceRow {
  readonly number: number;
  readonly kind: InvoiceKind;
  readonly issuedOn: string;
  readonly payoutId: number;
  readonly partnerId: number;
  readonly payout: string;
  readonly partner: string;
  readonly partnerName: string;
  readonly taxId: string;
  readonly mode: TaxMode;
  readonly vatPpm: number;
  readonly net: string;
  readonly vat: string;
  readonly gross: string;
  readonly withheld: string;
  readonly fee: string;
  readonly sent: string;
  readonly currency: string;
  readonly credits: number | null;
  readonly creditedBy: number | null;
  readonly recordedAt: string;
  readonly createdBy: string;
}

export interface InvoiceFilter {
  readonly number?: number | undefined;
  readonly partner?: string | undefined;
  readonly kind?: InvoiceKind | undefined;
  readonly currency?: string | undefined;
  /** Days of issue, `[from, to)`. */
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
}

/** Invoices in the order of their numbers. */
export async function invoiceRows(tx: Connection, filter: InvoiceFilter, page: Page): Promise<InvoiceRow[]> {
  const { number = null, partner = null, kind = null, currency = null, from = null, to = null } = filter;
  return [
    ...(await tx.sql<InvoiceRow[]>`
      select i.number::int, i.kind, i.issued_on as "issuedOn", u.id::int as "payoutId", u.partner_id::int as "partnerId", u.number as payout, p.code as partner,
        i.partner_name as "partnerName", i.tax_id as "taxId", i.mode, i.vat_ppm as "vatPpm", i.net_minor::text as net, i.vat_minor::text as vat,
        i.gross_minor::text as gross, u.withheld_minor::text as withheld, u.fee_minor::text as fee, u.sent_minor::text as sent, u.currency,
        x.number::int as credits, (select n.number::int from invoices n where n.credits_id = i.id) as "creditedBy",
        to_char(i.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "recordedAt", i.created_by as "createdBy"
      from ${tx.sql.unsafe(INVOICES)}
      where (${number}::bigint is null or i.number = ${number}) and (${partner}::text is null or p.code = ${partner})
        and (${kind}::text is null or i.kind = ${kind}) and (${currency}::text is null or u.currency = ${currency})
        and (${from}::date is null or i.issued_on >= ${from}::date) and (${to}::date is null or i.issued_on < ${to}::date)
      order by i.number limit ${page.limit} offset ${page.offset}`),
  ];
}

/** What a payout is of: an instance, the days on which it was earned, and how much. */
export interface SuppliedRow {
  readonly instance: string;
  readonly from: string;
  readonly to: string;
  readonly entries: number;
  /** Minor units. */
  readonly amount: string;
}

/** By instance what a payout pays for. */
export async function suppliedRows(tx: Connection, payoutId: number): Promise<SuppliedRow[]> {
  return [
    ...(await tx.sql<SuppliedRow[]>`
      select i.code as instance, min(e.occurred_on) as "from", max(e.occurred_on) as "to", count(*)::int as entries,
        sum(l.amount_minor)::text as amount
      from payout_lines l join revenue_events e on e.id = l.event_id
      join ledger_accounts w on w.id = l.wallet_id join instances i on i.id = w.instance_id
      where l.payout_id = ${payoutId} group by 1 order by 1`),
  ];
}

/** Invoices that were issued on days `[from, to)`. */
export interface InvoiceSelection {
  readonly from: string;
  readonly to: string;
  readonly partnerId: number | null;
  /** Only those of payouts that something of this instance is in. */
  readonly instanceId: number | null;
  readonly kind: string | null;
  readonly currency: string | null;
}

function selected(selection: InvoiceSelection, asOf: AsOf): string {
  const { from, to, partnerId, instanceId, kind, currency } = selection;
  return [
    `${INVOICES} where ${knownAsOf(asOf, 'i')}`,
    `i.issued_on >= ${quoteLiteral(from)}::date and i.issued_on < ${quoteLiteral(to)}::date`,
    ...(partnerId === null ? [] : [`u.partner_id = ${partnerId}`]),
    ...(instanceId === null
      ? []
      : [
          `exists (select from payout_wallets w join ledger_accounts a on a.id = w.wallet_id where w.payout_id = u.id and a.instance_id = ${instanceId})`,
        ]),
    ...(kind === null ? [] : [`i.kind = ${quoteLiteral(kind)}`]),
    ...(currency === null ? [] : [`u.currency = ${quoteLiteral(currency)}`]),
  ].join(' and ');
}

/** What an amount of an invoice counts: what a credit note takes back, it takes back. */
export const counted = (amount: string) => `case i.kind when 'invoice' then ${amount} else -${amount} end`;

/** The COPY of an export of these columns, in the order of the numbers. */
export function invoiceCopy(
  columns: readonly ExportColumn[],
  selection: InvoiceSelection,
  asOf: AsOf,
  shape: RowShape,
): string {
  return copyStatement(columns, `from ${selected(selection, asOf)} order by i.number`, shape);
}

/** What the invoices of an export sum to, per currency. */
export async function invoiceTotals(
  { sql }: Connection,
  selection: InvoiceSelection,
  asOf: AsOf,
): Promise<CurrencyTotal[]> {
  return await currencyTotals(
    sql,
    `select u.currency, ${counted('i.gross_minor')} as amount from ${selected(selection, asOf)}`,
  );
}
