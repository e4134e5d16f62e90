import type { Connection } from '../connection.ts';
import { usageBatches } from '../schema/wholesale.ts';

/** Usage as it is stored, by identities. */
export interface UsageRow {
  readonly instanceId: number;
  readonly meterId: number;
  readonly meter: string;
  readonly externalId: string;
  readonly quantity: string;
  readonly usedOn: string;
  readonly currency: string;
  readonly region: string | null;
}

/** One import of usage at a time, to the end of the transaction: the second one then knows what the first has written. */
export async function lockUsage(tx: Connection): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || '.usage', 0))`;
}

/** Of rows by instance and external id, those that are stored, as they are stored. */
export async function storedUsage(
  tx: Connection,
  rows: readonly Pick<UsageRow, 'instanceId' | 'externalId'>[],
): Promise<UsageRow[]> {
  return [
    ...(await tx.sql<UsageRow[]>`
      select u.instance_id::int as "instanceId", u.meter_id::int as "meterId", m.code as meter, u.external_id as "externalId", trim_scale(u.quantity)::text as quantity,
        u.used_on as "usedOn", u.currency, u.region
      from json_to_recordset(${JSON.stringify(rows.map(({ instanceId, externalId }) => ({ instanceId, externalId })))}::json)
        x ("instanceId" bigint, "externalId" text)
      join usage_records u on u.instance_id = x."instanceId" and u.external_id = x."externalId"
      join meters m on m.id = u.meter_id`),
  ];
}

export async function insertUsage(
  tx: Connection,
  batch: { readonly fileName: string; readonly fileSha256: string },
  rows: readonly UsageRow[],
): Promise<number> {
  const [made] = await tx.orm.insert(usageBatches).values(batch).returning({ id: usageBatches.id });
  await tx.sql`
    insert into usage_records (batch_id, instance_id, meter_id, external_id, quantity, used_on, currency, region)
    select ${made!.id}, x."instanceId", x."meterId", x."externalId", x.quantity, x."usedOn", x.currency, x.region
    from json_to_recordset(${JSON.stringify(rows)}::json) x ("instanceId" bigint, "meterId" bigint, "externalId" text,
      quantity numeric, "usedOn" date, currency text, region text)`;
  return made!.id;
}
