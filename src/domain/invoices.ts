import { UsageError } from './errors.ts';

/**
 * Who writes the invoice for what a partner supplies, and who owes VAT of it; without a mode the partner does as it likes.
 * drizzle/0038_invoices.sql says the same.
 */
export const TAX_MODES = ['self_billed', 'reverse_charge'] as const;
export type TaxMode = (typeof TAX_MODES)[number];

export const INVOICE_KINDS = ['invoice', 'credit_note'] as const;
export type InvoiceKind = (typeof INVOICE_KINDS)[number];

const SELF_BILLING = 'Self-billing.';

/** What has to stand on an invoice of a mode. Source: Directive 2006/112/EC, Articles 196 and 226 (10a), (11a). */
export const INVOICE_NOTES: Readonly<Record<TaxMode, string>> = {
  self_billed: SELF_BILLING,
  reverse_charge: `${SELF_BILLING} Reverse charge: VAT is owed by the recipient of the service.`,
};

/** An invoice or a credit note as it is handed out; amounts in minor units, above zero. All of it stays as it was issued. */
export interface InvoiceDocument {
  readonly number: string;
  readonly kind: InvoiceKind;
  readonly issuedOn: string;
  /** Who writes and owes it. */
  readonly programme: string;
  readonly partner: string;
  readonly partnerName: string;
  readonly taxId: string;
  readonly mode: TaxMode;
  readonly vatPpm: number;
  readonly currency: string;
  readonly net: string;
  readonly vat: string;
  readonly gross: string;
  readonly payout: string;
  readonly withheld: string;
  readonly fee: string;
  readonly sent: string;
  /** The invoice that a credit note takes back. */
  readonly credits: string | null;
  readonly supplied: readonly {
    readonly instance: string;
    readonly from: string;
    readonly to: string;
    readonly entries: number;
    readonly amount: string;
  }[];
  readonly recordedAt: string;
  readonly recordedBy: string;
}

/** The number of an invoice as people write it: SB000042. */
export function formatInvoiceNumber(number: number): string {
  return `SB${String(number).padStart(6, '0')}`;
}

/**
 * Reads it, in any case, or the bare number.
 * @throws UsageError `invoice_number`
 */
export function parseInvoiceNumber(text: string): number {
  const match = /^(?:SB)?(\d{1,15})$/i.exec(text.trim());
  if (match !== null && Number(match[1]) > 0) return Number(match[1]);
  throw new UsageError('invoice_number', `'${text.trim().slice(0, 40)}' is no number of an invoice`, {
    hint: 'it looks like SB000042; `revshare invoice list` shows them',
  });
}

/** Reads a tax number as it is printed, DE123456789. @throws UsageError `tax_id` */
export function parseTaxId(text: string): string {
  const id = text.trim().toUpperCase();
  if (/^[A-Z0-9][A-Z0-9 ./-]{1,39}$/.test(id)) return id;
  throw new UsageError('tax_id', `'${text.trim().slice(0, 40)}' is no tax number`, {
    hint: 'write it as it is printed, in letters and digits: DE123456789',
  });
}
