import type { Corruption } from './corruptions.ts';

const mode = `insert into tax_modes (partner_id, mode, vat_ppm, tax_id, valid, known_seq, created_by, recorded_at)
  select id, 'self_billed', 190000, 'DE1', daterange('2026-01-01', null), 1, 'x', now() from partners where code = 'acme'`;

/** An invoice of the payout that completed, as `says` has it. */
const invoice = (number: number, net: string, vat: string) => `
  with m as (${mode} returning id)
  insert into invoices (number, kind, payout_id, change_id, tax_mode_id, mode, vat_ppm, tax_id, partner_name, net_minor, vat_minor, gross_minor,
    issued_on, created_by, recorded_at)
  select ${number}, 'invoice', p.id, c.id, m.id, 'self_billed', 190000, 'DE1', 'Acme', ${net}, ${vat}, ${net} + ${vat}, c.value_date, 'x', now()
  from m, payouts p join payout_status_changes c on c.payout_id = p.id and c.status = 'completed'`;
const honest = 'vat_included(p.gross_minor, 190000)';

/** Of self-billed invoices (SEMANTICS §7), planted in the books of paid-books.ts. */
export const INVOICE_CORRUPTIONS: readonly Corruption[] = [
  ['payouts_billed', mode, /^payout P\d+A: completed on \S+ without an invoice: its tax mode was said later$/],
  ['invoices_in_sequence', invoice(2, `p.gross_minor - ${honest}`, honest), /^invoice 2: is the 1. there is$/],
  [
    'invoices_in_sequence',
    invoice(1, `p.gross_minor - ${honest} - 1`, `${honest} + 1`),
    /^invoice 1: says \S+ EUR with VAT of \S+ EUR of payout P\d+A, which is completed over \S+ EUR$/,
  ],
  [
    'invoices_in_sequence',
    invoice(1, `p.gross_minor - ${honest} + 1`, honest),
    /^invoice 1: says \S+ EUR with VAT of \S+ EUR of payout P\d+A, which is completed over \S+ EUR$/,
  ],
];
