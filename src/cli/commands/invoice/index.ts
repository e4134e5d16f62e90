import { parsePeriod } from '../../../domain/dates.ts';
import { INVOICE_KINDS, parseInvoiceNumber } from '../../../domain/invoices.ts';
import { listInvoices, showInvoice, type Invoice, type InvoiceDetails } from '../../../services/invoice/invoices.ts';
import { writeInvoices } from '../../../services/invoice/write-invoices.ts';
import { today } from '../../../services/today.ts';
import { command, type Command, type Example } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { ONE_SHOP, TEN_PERCENT } from '../../example-books.ts';
import { exportCommand } from '../../export-command.ts';
import { listCommand, showCommand, type NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument, option, repeatedArgument, requiredOption } from '../../parameters.ts';
import { paperOption, printWritten } from '../../written-files.ts';

const c = columnsOf<Invoice>();

/** What was billed for a partner of a completed payout, or credited of one that came back. */
const invoiceRows: NounRows<Invoice> = {
  noun: 'invoice',
  plural: 'invoices',
  id: (row) => row.number,
  columns: [
    c.code('invoice', (row) => row.number),
    c.code('kind', (row) => row.kind),
    c.date('issued_on', (row) => row.issuedOn),
    c.code('partner', (row) => row.partner),
    c.text('partner_name', (row) => row.partnerName, { detail: true }),
    c.text('tax_id', (row) => row.taxId, { detail: true }),
    c.code('payout', (row) => row.payout),
    c.code('mode', (row) => row.mode),
    c.rate('vat_rate', (row) => row.vatPpm, { aside: true }),
    c.money('net', (row) => row.net),
    c.money('vat', (row) => row.vat),
    c.money('gross', (row) => row.gross),
    c.money('withheld', (row) => row.withheld, { detail: true }),
    c.money('fee', (row) => row.fee, { detail: true }),
    c.money('sent', (row) => row.sent, { detail: true }),
    c.code('currency', (row) => row.currency),
    c.code('credits', (row) => row.credits, { aside: true }),
    c.code('credited_by', (row) => row.creditedBy, { aside: true }),
    c.text('note', (row) => row.note, { detail: true }),
    c.actor('recorded_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};

const billed = (command: string): Example => ({
  command,
  setup: [
    ...ONE_SHOP,
    TEN_PERCENT,
    'tax-mode set acme --mode self_billed --vat 19% --tax-id DE123456789 --from 2026-01-01',
    'revenue record --instance acme-shop --kind payment --net 1190.00 --currency EUR --occurred-at 2026-09-05 --id pay-1',
    'job run accrue-commissions --for 2026-09-30',
    'payout generate --cutoff 2026-11-01',
    'payout approve 1 --confirm 1 --actor checker',
    'payout submit 1 --out register.csv --confirm 1',
    'payout complete P00000001A --confirm P00000001A',
  ],
});

const list = listCommand({
  ...invoiceRows,
  summary: 'list self-billed invoices and credit notes by number',
  filters: {
    partner: option('--partner <code>', 'of this partner'),
    kind: option('--kind <kind>', 'of this kind', { choices: INVOICE_KINDS }),
    currency: option('--currency <code>', 'in this currency', { read: readCurrency }),
  },
  dated: 'day of issue',
  query: async (ctx, filter, page, window) => await listInvoices(ctx, { ...filter, ...window }, page),
  whenEmpty: '`revshare tax-mode set` says for whom they are written, when a payout completes',
  examples: [billed('invoice list'), billed('invoice list --partner acme --kind invoice -o csv')],
});

const s = columnsOf<InvoiceDetails['supplied'][number]>();

const show = showCommand<InvoiceDetails>({
  ...(invoiceRows as NounRows<InvoiceDetails>),
  summary: 'show an invoice as it was issued, and what it bills',
  description:
    'Net and VAT are what the gross of the payout includes; gross = sent + withheld + fee. Beside them the note that has to ' +
    'stand on it, and by instance what was supplied, from the first day to the last.',
  argument: argument('NUMBER', 'the invoice, as SB000042 or 42', { ask: { message: 'Invoice:' } }),
  sections: [
    section(
      'supplied',
      [
        s.code('instance', (row) => row.instance),
        s.date('from', (row) => row.from),
        s.date('to', (row) => row.to),
        s.number('entries', (row) => row.entries),
        s.money('amount', (row) => row.amount),
        s.code('currency', (row) => row.currency, { detail: true }),
      ],
      (row) => row.supplied,
    ),
  ],
  find: async (ctx, number) => await showInvoice(ctx, parseInvoiceNumber(number)),
  examples: [billed('invoice show SB000001'), billed('invoice show 1 --json')],
});

const exportInvoices = exportCommand({
  name: 'invoice',
  summary: 'write the invoices and credit notes of a period',
  rows: 'One row an invoice or credit note by its day of issue, in sequence; what a credit note takes back is below zero.',
  dated: 'days of issue',
  statuses: INVOICE_KINDS,
  examples: [
    billed('invoice export --period 2026 --out invoices.csv'),
    billed('invoice export --period 2026 --partner acme --out -'),
  ],
});

const files = command({
  verb: 'files',
  summary: 'print invoices and credit notes as PDF, a file for each',
  description:
    'As they were issued, so that the same bytes come out whenever it is done, in the brand of the partner as it is now ' +
    '(`brand set`): supplier and customer, number and day, what was supplied by instance, net, VAT and gross, how it was paid, ' +
    'and the note that has to stand on it. What else a law asks for, addresses above all, these books do not keep. A text in a ' +
    'script that is not printed refuses that invoice, by name, and the others are written (exit code 6). Default: all.',
  parameters: {
    numbers: repeatedArgument<number>('NUMBER', 'the invoices, as SB000042 or 42', { read: parseInvoiceNumber }),
    period: option('--period <period>', 'issued in these days: 2026-11, 2026-Q4 …'),
    partner: option('--partner <code>', 'those of this partner'),
    paper: paperOption,
    out: requiredOption('--out <directory>', 'where the files go'),
  },
  examples: [billed('invoice files --out .'), billed('invoice files SB000001 --paper letter --out .')],
  async run(invocation, { numbers, period, partner, paper = 'a4', out }) {
    const ctx = await invocation.context();
    const { from, to } = period === undefined ? {} : parsePeriod(period, today(ctx));
    const { invoicePrinter } = await import('../../invoice-printer.ts');
    const which = numbers.length === 0 ? { partner, from, to } : { numbers };
    const print = await invoicePrinter(invocation, paper);
    await printWritten(invocation, 'invoices', await writeInvoices(ctx, which, invocation.path(out), print));
  },
});

export const commands: readonly Command[] = [list, show, files, exportInvoices];
