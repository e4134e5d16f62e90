import { openInvoicePrinter } from '../formats/paper/invoice-pdf.ts';
import type { PaperName } from '../formats/paper/pages.ts';
import type { PrintInvoice } from '../services/invoice/write-invoices.ts';
import type { Invocation } from './command.ts';
import { plainTexts } from './output/plain-text.ts';

/** What prints invoices. All that it needs is opened here, once. */
export async function invoicePrinter({ print }: Pick<Invocation, 'print'>, paper: PaperName): Promise<PrintInvoice> {
  const printed = await openInvoicePrinter({ paper, actorsClaimed: print.actorsClaimed });
  return async (invoice, brand) => await printed(plainTexts(invoice), plainTexts(brand));
}
