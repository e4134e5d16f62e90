/** Files of billing systems that need no mapping (revenue-layouts.ts), and what each of them is, in words. */
export const LAYOUTS_TOLD = {
  'stripe-charges':
    'the payments export (id, Created date (UTC), Amount, Amount Refunded, Currency, Status, Customer ID): one payment a charge, and what was refunded of it since as a refund',
  'stripe-invoices':
    'the invoices export (id, Date (UTC), Currency, Customer, Tax, Total, Status): one payment a paid invoice, tax apart',
  'lago-invoices':
    'the data export of invoices (lago_id, issuing_date, customer_external_id, fees_amount_cents, …): one payment a paid invoice, of its fees less coupons; buying credit in advance is none, spending it is',
} as const;
export type RevenueLayout = keyof typeof LAYOUTS_TOLD;
export const REVENUE_LAYOUTS = Object.keys(LAYOUTS_TOLD) as RevenueLayout[];
