import { list } from '../arrays.ts';
import type { Connection } from '../connection.ts';

/** What corrections are about: events to take back, wallets to write off. */

export interface VoidableEvent {
  readonly id: number;
  readonly instanceId: number;
  readonly currency: string;
  readonly saleId: number | null;
  /** Minor units: its revenue; of what an operator gave, which is none, what partners got by it. */
  readonly worth: string;
}

/**
 * The events of a batch, or of these numbers, that may be voided: what billing reported and what an operator gave, as long as
 * nobody has taken it back. In the order of their dates. An act that rated or settled something else stands: its opposite
 * is asked for.
 */
export async function voidableEvents(
  tx: Connection,
  what: { readonly events: readonly number[] } | { readonly batch: number },
): Promise<VoidableEvent[]> {
  const { sql } = tx;
  return [
    ...(await sql<VoidableEvent[]>`
      select e.id::float8 as id, e.instance_id::int as "instanceId", e.currency, e.sale_id::float8 as "saleId",
        coalesce((select sum(l.amount_minor) from event_legs l where l.event_id = e.id), e.net_minor)::text as worth
      from revenue_events e
      where ${'events' in what ? sql`e.id = any (${list(what.events)}::bigint[])` : sql`e.batch_id = ${what.batch}`}
        and e.kind not in ('void', 'rerate', 'reattribution', 'true_up', 'opening') and e.regards_id is null
        and not exists (select from event_batches b join requests r on r.id = b.request_id where b.id = e.batch_id and r.kind = 'recovery')
        and not exists (select from revenue_events v where v.voids_id = e.id)
      order by e.occurred_on, e.id`),
  ];
}

export interface RecordedBatch {
  readonly id: number;
  readonly source: string;
  readonly file: string | null;
  readonly events: number;
}

export async function recordedBatch(tx: Connection, id: number): Promise<RecordedBatch | null> {
  const [row] = await tx.sql<RecordedBatch[]>`
    select b.id::int, s.code as source, b.file_name as file, (b.last_id - b.first_id + 1)::int as events
    from event_batches b join sources s on s.id = b.source_id where b.id = ${id}`;
  return row ?? null;
}

export interface DormantWallet {
  readonly partnerId: number;
  readonly instanceId: number;
  /** Minor units, not 0. */
  readonly balance: string;
}

/**
 * Wallets of a currency whose balance is not 0 and smaller than `below` either way, into which nothing was posted since
 * `since`, and from which nothing is being paid.
 */
export async function dormantWallets(
  tx: Connection,
  asked: { readonly currency: string; readonly below: bigint; readonly since: string; readonly partner: string | null },
): Promise<DormantWallet[]> {
  return [
    ...(await tx.sql<DormantWallet[]>`
      select a.partner_id::int as "partnerId", a.instance_id::int as "instanceId", m.balance::text as balance
      from ledger_accounts a
      join partners p on p.id = a.partner_id
      join instances i on i.id = a.instance_id
      cross join lateral (
        select sum(x.amount) as balance, max(x.posting_date) as last_on from (
          select amount_minor as amount, posting_date from transfers where credit_id = a.id
          union all select -amount_minor, posting_date from transfers where debit_id = a.id
        ) x
      ) m
      where a.type = 'wallet' and a.currency = ${asked.currency} and (${asked.partner}::text is null or p.code = ${asked.partner})
        and m.balance <> 0 and abs(m.balance) < ${String(asked.below)}::bigint and m.last_on < ${asked.since}
        and not exists (select from payout_lines l where l.wallet_id = a.id and l.release_id is null
          and exists (select from payouts o where o.id = l.payout_id and o.status in ('pending', 'ready', 'processing', 'unclaimed')))
        and not exists (select from entries n where n.wallet_id = a.id and n.chunk_id > (select posted_to()))
      order by p.code collate "C", i.code collate "C"`),
  ];
}
