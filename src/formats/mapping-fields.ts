/** What a mapping can fill; `[columns]` knows these names and no others. */
export const EVENT_FIELDS = [
  'external_id',
  'occurred_at',
  'net',
  'gross',
  'tax',
  'currency',
  'quantity',
  'country',
  'transaction_type',
  'product',
  'account',
  'instance',
  'sale_ref',
  'sale_net',
  'sale_gross',
  'wholesale_net',
  'sale_date',
  'kind',
  'subscription',
] as const;
export type EventField = (typeof EVENT_FIELDS)[number];
