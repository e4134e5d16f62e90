import { sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

/** A stretch of a list. */
export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** All of it: of lists that others sum up, or go through one by one. */
export const ALL_ROWS: Page = { limit: Number.MAX_SAFE_INTEGER, offset: 0 };

/** By bytes: the same order on every server, whatever collation its database was made with. */
export function byCode(column: PgColumn): SQL {
  return sql`${column} collate "C"`;
}

/** Whether a versioned row is known now and in force on a day. */
export function liveOn(table: { readonly valid: PgColumn; readonly retiredSeq: PgColumn }, day: string): SQL {
  return sql`${table.retiredSeq} is null and ${table.valid} @> ${day}::date`;
}
