import { list } from '../arrays.ts';
import type { WindowKey, WindowMove, WindowUse } from '../../domain/rating/model.ts';
import type { Connection } from '../connection.ts';

/** Where a window stands: what its moves came to, and how many they were. */
export interface WindowPosition extends WindowUse {
  readonly ordinal: number;
}

/** In the order in which `moveLine` writes them. */
export const MOVE_COLUMNS = [
  'rule_id',
  'owner_id',
  'currency',
  'starts_on',
  'ordinal',
  'event_id',
  'leg',
  'base_minor',
  'full_minor',
  'base_after_minor',
  'full_after_minor',
] as const;

/** A move as a line of COPY's text format; `after` is where it leaves its window. */
export function moveLine(eventId: number, { key, leg, base, full }: WindowMove, after: WindowPosition): string {
  return (
    `${key.ruleId}\t${key.ownerId}\t${key.currency}\t${key.startsOn}\t${after.ordinal}\t${eventId}\t${leg}\t${base}\t${full}\t` +
    `${after.base}\t${after.full}\n`
  );
}

/** Which window each leg of an event moved, by leg. */
export async function windowsMovedBy(
  tx: Connection,
  eventId: number,
): Promise<{ readonly leg: number; readonly key: WindowKey }[]> {
  const rows = await tx.sql<(WindowKey & { leg: number })[]>`
    select leg, rule_id::int as "ruleId", owner_id::int as "ownerId", currency, starts_on as "startsOn"
    from window_moves where event_id = ${eventId} order by leg`;
  return rows.map(({ leg, ...key }) => ({ leg, key }));
}

/** Where these windows stand, in their order; null for one that nothing has moved yet. */
export async function positionsOf(tx: Connection, keys: readonly WindowKey[]): Promise<(WindowPosition | null)[]> {
  const rows = (await tx.sql`
    select p.base_after_minor, p.full_after_minor, p.ordinal
    from unnest(${list(keys.map((key) => key.ruleId))}::bigint[], ${list(keys.map((key) => key.ownerId))}::bigint[],
      ${list(keys.map((key) => key.currency))}::text[], ${list(keys.map((key) => key.startsOn))}::date[])
      with ordinality k (rule_id, owner_id, currency, starts_on, at)
    left join lateral (
      select m.base_after_minor, m.full_after_minor, m.ordinal from window_moves m
      where m.rule_id = k.rule_id and m.owner_id = k.owner_id and m.currency = k.currency and m.starts_on = k.starts_on
      order by m.ordinal desc limit 1
    ) p on true
    order by k.at`.values()) as (string | null)[][];
  return rows.map(([base, full, ordinal]) =>
    ordinal == null ? null : { base: BigInt(base!), full: BigInt(full!), ordinal: Number(ordinal) },
  );
}
