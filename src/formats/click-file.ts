import { UsageError } from '../domain/errors.ts';
import { parseReferralCode, parseUrl } from '../domain/referrals.ts';
import { readNamedRows, said, type NamedRow, type NamedRows } from './named-rows.ts';

/** A line of a click log. */
export interface ClickRow {
  readonly code: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly landingUrl: string | null;
  readonly referrerUrl: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly visitor: string | null;
}

/** How the instants and addresses of a log are read: by the zone and the clock, which a format does not know. */
export interface ClickReading {
  readonly instant: (text: string) => number;
  readonly ip: (text: string) => string;
}

const COLUMNS = {
  required: ['code', 'clicked_at'],
  optional: ['landing_url', 'referrer_url', 'ip', 'user_agent', 'visitor'],
};

/** Reads a click log. @param file name for messages. @throws UsageError for a file that cannot be read as one */
export function readClickFile(file: string, bytes: Buffer, reading: ClickReading): NamedRows<ClickRow> {
  return readNamedRows(file, bytes, COLUMNS, (row) => click(row, reading));
}

function click(row: NamedRow, reading: ClickReading): ClickRow {
  const read = {
    code: row.read('code', (text) => parseReferralCode(said(text))),
    at: row.read('clicked_at', (text) => reading.instant(said(text))),
    landingUrl: row.maybe('landing_url', parseUrl),
    referrerUrl: row.maybe('referrer_url', parseUrl),
    ip: row.maybe('ip', reading.ip),
    userAgent: row.maybe('user_agent', atMost(1_000)),
    visitor: row.maybe('visitor', atMost(500)),
  };
  // Without either the same log, imported twice, would be twice as many visitors.
  if (read.ip === null && read.visitor === null) {
    row.refuse('visitor', 'visitor_unknown', 'nothing says who clicked', 'give `visitor` or `ip`');
  }
  return read;
}

const atMost = (limit: number) => (text: string) => {
  if ([...text].length <= limit) return text;
  throw new UsageError('text_too_long', `is longer than ${limit} characters`, { hint: 'shorten it' });
};
