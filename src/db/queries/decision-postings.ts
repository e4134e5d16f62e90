import type { Connection } from '../connection.ts';
import { decidedIn, spanOfChunks, withinSpan, type DecidedSpan } from './decided-span.ts';
import type { Fence } from './decision-chunks.ts';
import { idleLimit } from './job-runs.ts';

export interface Posting {
  readonly id: number;
  readonly span: DecidedSpan;
  readonly transfers: number;
}

/**
 * Moves everything decided and not yet posted into the ledger: one transfer per wallet, kind and posting date (per date,
 * so that a balance as of any day is right). Under the run's fence. Its deferred check proves at commit that every event
 * of those chunks is decided and that transfers equal entries. Null when there was nothing to post;
 * 'lost' when the fence refused.
 */
export async function postDecided(tx: Connection, run: Fence): Promise<Posting | null | 'lost'> {
  const fence = await tx.sql`
    update job_runs set lease_until = clock_timestamp() + make_interval(secs => ${run.leaseSeconds * 5})
    where id = ${run.id} and status = 'running' and lease_until > clock_timestamp() returning id, ${idleLimit(tx, run.leaseSeconds)}`;
  if (fence.length === 0) {
    return 'lost';
  }
  const [posting] = await tx.sql<{ id: number; from: number; to: number }[]>`
    insert into postings (run_id, chunk_from, chunk_to)
    select ${run.id}, min(id), max(id) from decision_chunks
    where id > coalesce((select max(chunk_to) from postings), 0) having count(*) > 0
    returning id::int, chunk_from::float8 as "from", chunk_to::float8 as "to"`;
  if (posting === undefined) {
    return null;
  }
  const span = await spanOfChunks(tx, posting.from, posting.to);
  const decided = tx.sql.unsafe(decidedIn(span, 'n'));
  await tx.sql`
    insert into ledger_accounts (type, currency)
    select distinct 'commission_expense', w.currency from entries n join ledger_accounts w on w.id = n.wallet_id
    where ${decided} and n.amount_minor <> 0
    on conflict do nothing`;
  const transfers = await tx.sql`
    insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
    select ${posting.id}, case when s.amount > 0 then x.id else s.wallet_id end, case when s.amount > 0 then s.wallet_id else x.id end,
      abs(s.amount), s.kind, s.posting_date
    from (
      select n.wallet_id, n.kind::text, n.posting_date, sum(n.amount_minor) as amount from entries n
      where ${decided} and n.amount_minor <> 0 group by 1, 2, 3
    ) s
    join ledger_accounts w on w.id = s.wallet_id
    join ledger_accounts x on x.type = 'commission_expense' and x.currency = w.currency
    where s.amount <> 0
    order by s.posting_date, s.wallet_id, s.kind`;
  return { id: posting.id, span, transfers: transfers.count };
}

export interface ChunkTotals {
  readonly events: number;
  readonly entries: number;
  readonly byCurrency: { currency: string; positive: string; negative: string }[];
  readonly zeroByReason: Record<string, number>;
}

/** What these chunks decided, in minor units by currency. */
export async function chunkTotals(tx: Connection, span: DecidedSpan): Promise<ChunkTotals> {
  const decided = tx.sql.unsafe(decidedIn(span, 'n'));
  const sums = await tx.sql<{ currency: string; positive: string; negative: string; entries: number }[]>`
    select coalesce(w.currency, e.currency) as currency, count(*)::float8 as entries,
      coalesce(sum(n.amount_minor) filter (where n.amount_minor > 0), 0) as positive,
      coalesce(sum(n.amount_minor) filter (where n.amount_minor < 0), 0) as negative
    from entries n left join ledger_accounts w on w.id = n.wallet_id
    left join revenue_events e on n.wallet_id is null and e.id = n.event_id and ${tx.sql.unsafe(withinSpan(span, 'e.id'))}
    where ${decided} group by 1 order by 1`;
  const zeros = await tx.sql<{ reason: string; count: number }[]>`
    select n.reason::text, count(*)::float8 as count from entries n
    where ${decided} and n.amount_minor = 0 group by 1 order by 2 desc`;
  const [events] = await tx.sql<{ count: number }[]>`
    select coalesce(sum(last_id - first_id + 1), 0)::float8 as count from decision_ranges
    where chunk_id between ${span.chunkFrom} and ${span.chunkTo}`;
  return {
    events: events?.count ?? 0,
    entries: sums.reduce((total, row) => total + row.entries, 0),
    byCurrency: sums.map(({ currency, positive, negative }) => ({ currency, positive, negative })),
    zeroByReason: Object.fromEntries(zeros.map((row) => [row.reason, row.count])),
  };
}
