import { parseDate } from './dates.ts';
import { UsageError } from './errors.ts';

/**
 * Rates that a report is converted by: those that serve on a day, of one source or whoever said them last, as known at a change
 * or now. Written [SOURCE@]DATE[#CHANGE]: 2026-10-31, ECB@2026-10-31, ECB@2026-10-31#17.
 */
export interface RateSet {
  readonly source: string | null;
  readonly date: string;
  /** Null: as known now. */
  readonly known: number | null;
}

/** @throws UsageError `rate_set`, and what a date may be refused for */
export function parseRateSet(text: string): RateSet {
  const match = /^(?:([A-Za-z0-9][A-Za-z0-9._-]{0,39})@)?([^@#]+)(?:#([1-9]\d{0,14}))?$/.exec(text.trim());
  if (match === null) {
    throw new UsageError('rate_set', `'${text.trim().slice(0, 60)}' names no set of rates`, {
      hint: 'write a day, as 2026-10-31, with its source before it, as ECB@2026-10-31; `revshare fx list` shows them',
    });
  }
  const [, source = null, date, known] = match;
  return { source, date: parseDate(date!), known: known === undefined ? null : Number(known) };
}

export function formatRateSet({ source, date, known }: RateSet): string {
  return `${source === null ? '' : `${source}@`}${date}${known === null ? '' : `#${known}`}`;
}
