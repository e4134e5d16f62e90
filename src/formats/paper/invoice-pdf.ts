import type { Brand } from '../../domain/brand.ts';
import type { InvoiceDocument } from '../../domain/invoices.ts';
import { invoiceSheet } from './invoice-wording.ts';
import { openPrinter, type PrinterOptions } from './printer.ts';

/** A printed invoice; what it says arrives as it is to be read, without controls. */
export type InvoicePrinter = (invoice: InvoiceDocument, brand: Brand | null) => Promise<Buffer>;

/** Opens what printing invoices needs, once for a batch. The printer throws as that of `openPrinter`. */
export async function openInvoicePrinter({ paper, actorsClaimed }: PrinterOptions): Promise<InvoicePrinter> {
  const print = await openPrinter(paper);
  return async (invoice, brand) => await print(invoiceSheet(invoice, actorsClaimed), brand);
}
