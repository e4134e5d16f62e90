/** The statuses of an entry, as src/db/queries/entry-status.ts derives them. Source: SEMANTICS §4. */
export const ENTRY_STATUSES = [
  'pending',
  'approved',
  'held',
  'processing',
  'paid',
  'recovered',
  'rejected',
  'cancelled',
] as const;
