import type { Connection } from '../connection.ts';

/** Tables whose rows people name by a code. */
export type CodedTable =
  | 'tenants'
  | 'partners'
  | 'instances'
  | 'tiers'
  | 'products'
  | 'sources'
  | 'plans'
  | 'meters'
  | 'subscriptions'
  | 'referral_codes';

/** Codes of about the length of what was typed, of which one may have been meant. Reads only. */
export async function codesLike(tx: Connection, table: CodedTable, typed: string): Promise<string[]> {
  const rows = await tx.sql<{ code: string }[]>`
    select code from ${tx.sql(table)}
    where length(code) between ${typed.length - 3} and ${typed.length + 3} or starts_with(code, ${typed})
    order by code limit 5000`;
  return rows.map(({ code }) => code);
}

/** The same among the accounts of one instance, nearest in the order of the index first: there may be a million. */
export async function accountCodesLike(tx: Connection, instanceId: number, typed: string): Promise<string[]> {
  const rows = await tx.sql<{ code: string }[]>`
    (select code from accounts where instance_id = ${instanceId} and code >= ${typed} order by code limit 200)
    union all
    (select code from accounts where instance_id = ${instanceId} and code < ${typed} order by code desc limit 200)`;
  return rows.map(({ code }) => code);
}

/** Codes that begin so, in order. */
export async function codesBeginningWith(tx: Connection, table: CodedTable, typed: string): Promise<string[]> {
  const rows = await tx.sql<{ code: string }[]>`
    select code from ${tx.sql(table)} where starts_with(code, ${typed}) order by code limit 200`;
  return rows.map(({ code }) => code);
}
