import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { INVOICE_KINDS, TAX_MODES } from '../../domain/invoices.ts';
import { civilDate, identity, money, reference, stamped, transactionId, versioned } from './column-types.ts';

/** Partners whose invoices the operator writes, by dates. */
export const taxModes = pgTable('tax_modes', {
  id: identity(),
  partnerId: reference('partner_id').notNull(),
  mode: text('mode', { enum: TAX_MODES }).notNull(),
  vatPpm: integer('vat_ppm').notNull(),
  taxId: text('tax_id').notNull(),
  ...versioned(),
});

/** What was billed of a completed payout, or credited of one that came back; written by the database. */
export const invoices = pgTable('invoices', {
  id: identity(),
  number: reference('number').notNull(),
  kind: text('kind', { enum: INVOICE_KINDS }).notNull(),
  payoutId: reference('payout_id').notNull(),
  changeId: reference('change_id').notNull(),
  creditsId: reference('credits_id'),
  taxModeId: reference('tax_mode_id').notNull(),
  mode: text('mode', { enum: TAX_MODES }).notNull(),
  vatPpm: integer('vat_ppm').notNull(),
  taxId: text('tax_id').notNull(),
  partnerName: text('partner_name').notNull(),
  netMinor: money('net_minor').notNull(),
  vatMinor: money('vat_minor').notNull(),
  grossMinor: money('gross_minor').notNull(),
  issuedOn: civilDate('issued_on').notNull(),
  transactionId: transactionId(),
  ...stamped(),
});
