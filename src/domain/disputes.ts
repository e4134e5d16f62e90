import { UsageError } from './errors.ts';

/** How a dispute stands: held, paid after all, or taken back. */
export const DISPUTE_STATUSES = ['open', 'released', 'rejected'] as const;
export type DisputeStatus = (typeof DISPUTE_STATUSES)[number];

/** Reads the number of a dispute. @throws UsageError `dispute_number` */
export function parseDisputeNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text.trim())) return Number(text);
  throw new UsageError('dispute_number', `'${text.trim().slice(0, 40)}' is no number of a dispute`, {
    hint: '`revshare dispute list` shows them',
  });
}
