import { brandOver } from '../../db/queries/brands.ts';
import { readOneMoment } from '../../db/queries/as-of.ts';
import { brandOf } from '../brand/brand-view.ts';
import type { Context } from '../context.ts';
import type { FileProof } from '../export/file-proof.ts';
import { findInvoice } from './invoices.ts';
import { invoiceDocument, type PrintInvoice } from './write-invoices.ts';

/**
 * Proves a file to be that of an invoice: it is printed again, on each paper there is, and compared byte by byte. Reads only.
 * Throws NotFoundError `invoice_not_found`, RefusedError of what cannot be printed.
 */
export async function verifyInvoiceFile(
  ctx: Context,
  number: number,
  bytes: Buffer,
  printers: readonly PrintInvoice[],
): Promise<FileProof> {
  return await ctx.db.transaction(async (tx) => {
    await readOneMoment(tx);
    const row = await findInvoice(tx, number);
    const invoice = await invoiceDocument(tx, row);
    const brand = await brandOver(tx, row.partnerId, row.issuedOn);
    let whole = false;
    for (const print of printers) {
      whole ||= (await print(invoice, brand === null ? null : brandOf(brand))).equals(bytes);
    }
    return {
      ...{
        of: `invoice ${invoice.number}`,
        whole,
        repeatable: whole,
        asOf: row.recordedAt,
        difference: null,
        unproved: [],
      },
      findings: whole ? [] : [`it is not what ${invoice.number} says as PDF, by the brand of its partner as it is now`],
      remedy: `\`revshare invoice files ${invoice.number} --out DIRECTORY\` prints it`,
      notes: row.creditedBy === null ? [] : ['it was taken back by a credit note'],
    };
  });
}
