import {
  invoiceRows,
  suppliedRows,
  type InvoiceFilter,
  type InvoiceRow,
  type SuppliedRow,
} from '../../db/queries/invoices.ts';
import type { Connection } from '../../db/connection.ts';
import type { Page } from '../../db/queries/order.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { formatInvoiceNumber, INVOICE_NOTES } from '../../domain/invoices.ts';
import { formatMinor } from '../../domain/money.ts';
import { readFilter } from '../commission/commission-filter.ts';
import type { Context } from '../context.ts';

/** A self-billed invoice, or the credit note to one; amounts are decimal strings above zero. */
export interface Invoice extends Omit<InvoiceRow, 'number' | 'credits' | 'creditedBy'> {
  readonly number: string;
  /** The invoice that it takes back, and the credit note that takes it back. */
  readonly credits: string | null;
  readonly creditedBy: string | null;
  /** What has to stand on it. */
  readonly note: string;
}

function invoiceView(row: InvoiceRow): Invoice {
  const money = (minor: string) => formatMinor(BigInt(minor), row.currency);
  const named = (number: number | null) => (number === null ? null : formatInvoiceNumber(number));
  return {
    ...row,
    number: formatInvoiceNumber(row.number),
    net: money(row.net),
    vat: money(row.vat),
    gross: money(row.gross),
    withheld: money(row.withheld),
    fee: money(row.fee),
    sent: money(row.sent),
    credits: named(row.credits),
    creditedBy: named(row.creditedBy),
    note: INVOICE_NOTES[row.mode],
  };
}

/** Invoices and credit notes, by number. Reads only. Throws NotFoundError `partner_not_found`. */
export async function listInvoices(
  ctx: Context,
  filter: Omit<InvoiceFilter, 'number'>,
  page: Page,
): Promise<Invoice[]> {
  await readFilter(ctx.db, { partner: filter.partner });
  return (await invoiceRows(ctx.db, filter, page)).map(invoiceView);
}

export interface InvoiceDetails extends Invoice {
  /** By instance what was supplied, gross. */
  readonly supplied: readonly (SuppliedRow & { readonly currency: string })[];
}

/** One of them, with what it bills. Reads only. Throws NotFoundError `invoice_not_found`. */
export async function showInvoice(ctx: Context, number: number): Promise<InvoiceDetails> {
  const row = await findInvoice(ctx.db, number);
  const supplied = await suppliedRows(ctx.db, row.payoutId);
  return {
    ...invoiceView(row),
    supplied: supplied.map((one) => ({
      ...one,
      amount: formatMinor(BigInt(one.amount), row.currency),
      currency: row.currency,
    })),
  };
}

/** @throws NotFoundError `invoice_not_found` */
export async function findInvoice(tx: Connection, number: number): Promise<InvoiceRow> {
  const [row] = await invoiceRows(tx, { number }, { limit: 1, offset: 0 });
  if (row !== undefined) return row;
  throw new NotFoundError('invoice', formatInvoiceNumber(number), '`revshare invoice list` shows them');
}
