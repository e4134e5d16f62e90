import type { ControlKey, RecordedGroup } from '../../domain/revenue-control.ts';
import type { Connection } from '../connection.ts';

/** What of a key an event is told by. */
const KEYS: Readonly<Record<ControlKey, string>> = { source: 'src.code', instance: 'i.code', kind: 'e.kind::text' };

/**
 * What billing reported on business dates `[from, to)`, counted and summed by some keys and the currency; of one source, or
 * all. What people and the system did themselves is none of it, and a void takes its event out of it.
 */
export async function recordedGroups(
  tx: Connection,
  keys: readonly ControlKey[],
  { from, to, source }: { readonly from: string; readonly to: string; readonly source: string | null },
): Promise<RecordedGroup[]> {
  const key = (one: ControlKey) => tx.sql.unsafe(keys.includes(one) ? KEYS[one] : 'null::text');
  const rows = await tx.sql<Record<string, string>[]>`
    select ${key('source')} as source, ${key('instance')} as instance, ${key('kind')} as kind, e.currency,
      count(*)::text as imported, count(*) filter (where d.decided)::text as decided,
      sum(e.net_minor)::text as net, sum(e.gross_minor)::text as gross, sum(e.tax_minor)::text as tax,
      coalesce(sum(e.net_minor) filter (where d.decided), 0)::text as "decidedNet"
    from revenue_events e
    join event_batches b on b.id = e.batch_id and b.origin in ('import', 'record')
    join sources src on src.id = e.source_id
    join instances i on i.id = e.instance_id
    left join waiting_events x on x.event_id = e.id and x.decided_chunk_id is null
    cross join lateral (select e.id <= b.decided_to and x.event_id is null as decided) d
    where e.occurred_on >= ${from}::date and e.occurred_on < ${to}::date and (${source}::text is null or src.code = ${source})
      and not exists (select from revenue_events v where v.voids_id = e.id)
    group by 1, 2, 3, 4`;
  return rows.map((row) => ({
    source: row['source'] ?? null,
    instance: row['instance'] ?? null,
    kind: row['kind'] ?? null,
    currency: row['currency']!,
    imported: Number(row['imported']),
    decided: Number(row['decided']),
    sums: { net: BigInt(row['net']!), gross: BigInt(row['gross']!), tax: BigInt(row['tax']!) },
    decidedNet: BigInt(row['decidedNet']!),
  }));
}
