import { pgTable, text } from 'drizzle-orm/pg-core';
import { TAX_FORMS } from '../../domain/tax-forms.ts';
import { identity, money, versioned } from './column-types.ts';

/** From which paid amount of a tax year a partner is reported. */
export const taxThresholds = pgTable('tax_thresholds', {
  id: identity(),
  currency: text('currency').notNull(),
  form: text('form', { enum: TAX_FORMS }),
  report: text('report').notNull(),
  amountMinor: money('amount_minor').notNull(),
  ...versioned(),
});
