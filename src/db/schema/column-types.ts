import { sql } from 'drizzle-orm';
import { bigint, customType, date, timestamp, text } from 'drizzle-orm/pg-core';

/**
 * The column types of a programme's tables, as JavaScript sees them: identities are numbers, money is bigint minor
 * units, dates and instants are the strings Postgres wrote. The SQL in drizzle/ is written by hand and is the law; the
 * tables of this directory mirror it, and test/integration/schema-drift.test.ts compares the two.
 */

/** A half-open stretch of days `[from, to)`; null is an open end. */
export interface DateRange {
  readonly from: string | null;
  readonly to: string | null;
}

const RANGE = /^\[?\(?([^,]*),([^)\]]*)\)$/;

/** Reads what Postgres writes for a daterange, which is always in the canonical form `[from,to)` or `(,to)`. */
export function parseDateRange(text: string): DateRange {
  const match = RANGE.exec(text);
  if (match === null) {
    throw new RangeError(`'${text}' is not a range of dates`);
  }
  return { from: match[1] === '' ? null : match[1]!, to: match[2] === '' ? null : match[2]! };
}

export function formatDateRange({ from, to }: DateRange): string {
  return `[${from ?? ''},${to ?? ''})`;
}

export const daterange = customType<{ data: DateRange; driverData: string }>({
  dataType: () => 'daterange',
  fromDriver: parseDateRange,
  toDriver: formatDateRange,
});

export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });

/** A 64-bit transaction id, which only Postgres compares. */
export const xid8 = customType<{ data: string; driverData: string }>({ dataType: () => 'xid8' });

/** Which transactions had committed at a moment (src/db/queries/as-of.ts). */
export const pgSnapshot = customType<{ data: string; driverData: string }>({ dataType: () => 'pg_snapshot' });

export const identity = () => bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity();
export const reference = (name: string) => bigint(name, { mode: 'number' });
export const money = (name: string) => bigint(name, { mode: 'bigint' });
export const civilDate = (name: string) => date(name, { mode: 'string' });
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' });

/**
 * Who made the row and when. The trigger `stamp` writes both whatever an insert says, so an insert leaves them out; the
 * defaults stand here for the type of an insert only.
 */
export const stamped = () => ({
  createdBy: text('created_by')
    .notNull()
    .default(sql`session_user`),
  recordedAt: instant('recorded_at')
    .notNull()
    .default(sql`now()`),
});

/** A version of something that rating reads: valid over days, known from one change to the next. */
export const versioned = () => ({
  valid: daterange('valid').notNull(),
  knownSeq: reference('known_seq').notNull(),
  retiredSeq: reference('retired_seq'),
  ...stamped(),
});

/** The transaction that wrote the row, by the column's own default. */
export const transactionId = () =>
  xid8('transaction_id')
    .notNull()
    .default(sql`pg_current_xact_id()`);
