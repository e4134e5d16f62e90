import type { Connection } from '../connection.ts';

/** What our rules made of a row that was staged, recorded and decided in this transaction; amounts in minor units. */
export interface ComparedRow {
  readonly line: number;
  readonly event: string;
  readonly kind: string;
  /** All who earn of it. */
  readonly partners: string;
  readonly instance: string;
  readonly net: string;
  readonly saleCurrency: string;
  readonly currency: string;
  readonly amount: string;
  /** Why it earns nothing; null where it earns. */
  readonly reason: string | null;
}

/** The decided events of a batch by the line that they came from: one row an event and currency it is paid in, its own first. */
export async function comparedRows({ sql }: Connection, batch: number): Promise<ComparedRow[]> {
  return [
    ...(await sql<ComparedRow[]>`
      select s.line::float8 as line, e.external_id as event, e.kind, coalesce(string_agg(distinct p.code, ', '), '') as partners, i.code as instance,
        e.net_minor::text as net, e.currency as "saleCurrency", coalesce(w.currency, e.currency) as currency,
        sum(n.amount_minor)::text as amount, min(n.reason::text) filter (where n.amount_minor = 0) as reason
      from event_batches b
      join revenue_events e on e.id between b.first_id and b.last_id
      join pg_temp.staged_events s on s.external_id = e.external_id
      join entries n on n.event_id = e.id
      join instances i on i.id = e.instance_id
      left join ledger_accounts w on w.id = n.wallet_id left join partners p on p.id = w.partner_id
      where b.id = ${batch}
      group by s.line, e.id, e.external_id, e.kind, i.code, e.net_minor, e.currency, coalesce(w.currency, e.currency)
      order by s.line, coalesce(w.currency, e.currency) <> e.currency, coalesce(w.currency, e.currency)`),
  ];
}
