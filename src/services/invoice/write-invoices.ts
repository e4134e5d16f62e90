import { brandOver } from '../../db/queries/brands.ts';
import type { Connection } from '../../db/connection.ts';
import { invoiceRows, suppliedRows, type InvoiceFilter, type InvoiceRow } from '../../db/queries/invoices.ts';
import { ALL_ROWS } from '../../db/queries/order.ts';
import { programmeRow } from '../../db/queries/programme.ts';
import type { Brand } from '../../domain/brand.ts';
import { formatInvoiceNumber, type InvoiceDocument } from '../../domain/invoices.ts';
import { assertDirectory } from '../../files/directory.ts';
import { brandOf } from '../brand/brand-view.ts';
import { readFilter } from '../commission/commission-filter.ts';
import type { Context } from '../context.ts';
import { writePapers, type Paper, type WrittenPapers } from '../paper/write-papers.ts';
import { findInvoice } from './invoices.ts';

/** Which invoices are meant: by number, or those of a filter. */
export interface InvoicesToWrite extends Omit<InvoiceFilter, 'number'> {
  readonly numbers?: readonly number[] | undefined;
}

/** @throws RefusedError for an invoice that cannot be printed; others can */
export type PrintInvoice = (invoice: InvoiceDocument, brand: Brand | null) => Promise<Buffer>;

/**
 * Prints invoices and credit notes into a directory, a PDF for each, as they were issued: the same bytes whenever it is done, as long
 * as the brand is the same. A file appears whole or not at all. Reads the books only. Throws UsageError `directory_missing`,
 * NotFoundError `invoice_not_found`, `partner_not_found`, and what a file may be refused for.
 */
export async function writeInvoices(
  ctx: Context,
  { numbers, ...filter }: InvoicesToWrite,
  directory: string,
  print: PrintInvoice,
): Promise<WrittenPapers> {
  assertDirectory(directory);
  await readFilter(ctx.db, { partner: filter.partner });
  const rows = numbers === undefined ? await invoiceRows(ctx.db, filter, ALL_ROWS) : [];
  for (const number of numbers ?? []) rows.push(await findInvoice(ctx.db, number));
  async function* papers(): AsyncIterable<Paper> {
    for (const row of rows) {
      const invoice = await invoiceDocument(ctx.db, row);
      const { number, partner, currency } = invoice;
      yield {
        ...{ number, partner, currency },
        write: async () => {
          const brand = await brandOver(ctx.db, row.partnerId, row.issuedOn);
          return await print(invoice, brand === null ? null : brandOf(brand));
        },
      };
    }
  }
  return await writePapers(ctx, { of: 'invoices', ending: 'pdf', count: rows.length, papers: papers() }, directory);
}

/** All that is printed of an invoice. Reads only. */
export async function invoiceDocument(tx: Connection, row: InvoiceRow): Promise<InvoiceDocument> {
  const { title: programme } = (await programmeRow(tx))!;
  const { kind, issuedOn, partner, partnerName, taxId, mode, vatPpm, currency, net, vat, gross, payout } = row;
  const { withheld, fee, sent, recordedAt, createdBy: recordedBy } = row;
  return {
    number: formatInvoiceNumber(row.number),
    ...{ kind, issuedOn, programme, partner, partnerName, taxId, mode, vatPpm, currency, net, vat, gross, payout },
    ...{ withheld, fee, sent, recordedAt, recordedBy },
    credits: row.credits === null ? null : formatInvoiceNumber(row.credits),
    supplied: await suppliedRows(tx, row.payoutId),
  };
}
