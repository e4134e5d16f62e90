import type { Connection } from '../connection.ts';

export interface AuditedChange {
  readonly action: 'insert' | 'update' | 'delete';
  readonly table: string;
  readonly key: string;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
}

/** What the current transaction has changed so far, in order, as the audit triggers wrote it down. */
export async function changesOfTransaction(tx: Connection): Promise<AuditedChange[]> {
  return [
    ...(await tx.sql<AuditedChange[]>`
      select action, table_name as "table", row_key as key, before, after from audit_log
      where transaction_id = pg_current_xact_id_if_assigned() order by id`),
  ];
}
