import { integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { TAX_FORMS } from '../../domain/tax-forms.ts';
import { identity, reference, versioned } from './column-types.ts';

/** What is taken off payouts: of a partner, or of whoever says nothing for itself. */
export const deductionTerms = pgTable('deduction_terms', {
  id: identity(),
  partnerId: reference('partner_id'),
  form: text('form', { enum: TAX_FORMS }),
  withholdingPpm: integer('withholding_ppm'),
  /** Minor units by currency. */
  fees: jsonb('fees').$type<Readonly<Record<string, number>>>().notNull().default({}),
  ...versioned(),
});
