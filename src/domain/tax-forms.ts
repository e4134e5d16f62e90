/** Tax forms that a partner may have on file; drizzle/0027_deductions.sql and 0033_tax_thresholds.sql say the same. */
export const TAX_FORMS = ['w9', 'w8ben', 'w8bene', 'other'] as const;
export type TaxForm = (typeof TAX_FORMS)[number];
