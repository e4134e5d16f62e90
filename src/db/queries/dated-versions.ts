import { getTableName } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { list } from '../arrays.ts';
import type { Connection } from '../connection.ts';
import type { DateRange } from '../schema/column-types.ts';

/** What every version has of what is said of some days (SEMANTICS §3). */
export interface VersionRow {
  readonly id: number;
  readonly valid: DateRange;
  readonly knownSeq: number;
  /** The number that retired it; null while it is known to hold. */
  readonly retiredSeq: number | null;
  readonly createdBy: string;
  readonly recordedAt: string;
}

/**
 * Retires versions of a table, once, under the number that says them anew: what they said stays readable as it was known
 * (SEMANTICS §3). The database refuses a second time, and any other change (`guard_version`). Writes.
 */
export function retiring(table: PgTable): (tx: Connection, ids: readonly number[], knownSeq: number) => Promise<void> {
  return async (tx, ids, knownSeq) => {
    if (ids.length === 0) return;
    const { sql } = tx;
    await sql`update ${sql(getTableName(table))} set retired_seq = ${knownSeq} where id = any (${list(ids)}::bigint[])`;
  };
}
