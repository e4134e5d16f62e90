import { INVOICE_NOTES, type InvoiceDocument } from '../../domain/invoices.ts';
import { formatRate } from '../../domain/rates.ts';
import { isolated } from './lines.ts';
import type { Sheet } from './sheet.ts';
import type { Row, Table } from './table.ts';
import { amount, amountText, count, dayText, growing, momentText, word } from './words.ts';

/** What a printed invoice says: what Article 226 of Directive 2006/112/EC asks for, of what the books keep. */
export function invoiceSheet(invoice: InvoiceDocument, actorsClaimed: boolean): Sheet {
  const { number, partner, partnerName, taxId, programme, issuedOn, currency, recordedAt } = invoice;
  const kind = invoice.kind === 'invoice' ? 'Self-billed invoice' : 'Credit note';
  const title = `${kind} ${number}`;
  return {
    called: `the invoice of ${partner}`,
    title: `${title}, ${partnerName}, ${dayText(issuedOn)}, ${currency}`,
    moment: recordedAt,
    mark: null,
    house: programme,
    kind,
    of: `${number} · ${dayText(issuedOn)}`,
    running: [partnerName, `${title} · ${dayText(issuedOn)} · ${currency}`],
    to: { label: 'Supplier', name: partnerName, about: `Tax number ${taxId} · ${partner}` },
    facts: [
      ['Customer', programme],
      ['Issued', dayText(issuedOn)],
      ['Payout', invoice.payout],
      ['Currency', currency],
      ...(invoice.credits === null ? [] : [['Takes back', invoice.credits] as const]),
    ],
    overview: null,
    tables: [suppliedTable(invoice), amountsTable(invoice), paidTable(invoice)],
    notes: notesOf(invoice, actorsClaimed),
    approval: recordTable(invoice),
    foot: [`${title} · written ${momentText(recordedAt)}`, `${programme} to ${partner}`],
    texts: [programme, partnerName, taxId, partner, invoice.recordedBy],
  };
}

function suppliedTable({ supplied, currency, gross, vatPpm }: InvoiceDocument): Table {
  const told = vatPpm === 0 ? currency : `${currency}, VAT included`;
  return {
    title: 'Partner services supplied',
    columns: [growing('Instance'), word('From'), word('To'), count('Entries'), amount(told)],
    rows: [
      ...supplied.map(({ instance, from, to, entries, amount: minor }): Row => ({
        kind: 'line',
        cells: [instance, from, to, String(entries), amountText(BigInt(minor), currency)],
      })),
      { kind: 'sum', cells: ['Gross', '', '', '', amountText(BigInt(gross), currency)] },
    ],
  };
}

function amountsTable({ mode, vatPpm, net, vat, gross, currency }: InvoiceDocument): Table {
  const minor = (value: string) => amountText(BigInt(value), currency);
  return {
    title: `Amounts in ${currency}`,
    columns: [growing('VAT'), count('Rate'), ...['Net', 'VAT', 'Gross'].map(amount)],
    rows: [
      {
        kind: 'line',
        cells: [
          mode === 'reverse_charge' ? 'Reverse charge' : 'Included in what is paid',
          formatRate(vatPpm),
          ...[net, vat, gross].map(minor),
        ],
      },
    ],
  };
}

function paidTable({ kind, payout, gross, withheld, fee, sent, currency }: InvoiceDocument): Table {
  const minor = (label: string, value: bigint, as: Row['kind'] = 'line'): Row => ({
    kind: as,
    cells: [label, amountText(value, currency)],
  });
  const isPaid = kind === 'invoice';
  return {
    title: isPaid ? 'How it was paid' : 'What came back',
    columns: [growing(''), amount(currency)],
    rows: [
      minor('Gross', BigInt(gross)),
      minor('Tax withheld', -BigInt(withheld)),
      minor('Transfer fee', -BigInt(fee)),
      minor(isPaid ? `Sent by payout ${payout}` : `Came back of payout ${payout}`, BigInt(sent), 'sum'),
    ],
  };
}

function notesOf({ mode, credits, programme, partnerName }: InvoiceDocument, actorsClaimed: boolean): string[] {
  return [
    INVOICE_NOTES[mode],
    `It is written by the customer, ${isolated(programme)}, for the supplier, ${isolated(partnerName)}.`,
    ...(credits === null ? [] : [`It takes back invoice ${credits}, all of it.`]),
    ...(actorsClaimed ? ['Who recorded it is as claimed; the books prove no name.'] : []),
  ];
}

function recordTable({ kind, payout, recordedBy, recordedAt }: InvoiceDocument): Table {
  return {
    title: 'Record',
    columns: [growing('What'), word('Recorded by'), word('On')],
    rows: [
      {
        kind: 'line',
        cells: [
          `Payout ${payout} ${kind === 'invoice' ? 'completed' : 'came back'}, which wrote this`,
          recordedBy,
          momentText(recordedAt),
        ],
      },
    ],
  };
}
