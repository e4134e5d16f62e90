import type { Connection } from '../connection.ts';
import { decidedIn, spanOfChunks, type DecidedSpan } from './decided-span.ts';
import type { Fence } from './decision-chunks.ts';
import { idleLimit } from './job-runs.ts';

export interface OpenPosting {
  readonly id: number;
  readonly span: DecidedSpan;
}

/**
 * Begins the posting of everything decided and not yet posted, under the run's fence; until the commit no chunk joins it,
 * and none of it changes. Null when there is nothing to post; 'lost' when the fence refused.
 */
export async function openPosting(tx: Connection, run: Fence): Promise<OpenPosting | null | 'lost'> {
  // Five times the lease, for the session too: it may have to wait for the checks of a long night.
  const lease = run.leaseSeconds * 5;
  const fence = await tx.sql`
    update job_runs set lease_until = clock_timestamp() + make_interval(secs => ${lease})
    where id = ${run.id} and status = 'running' and lease_until > clock_timestamp() returning id, ${idleLimit(tx, lease)}`;
  if (fence.length === 0) {
    return 'lost';
  }
  const [posting] = await tx.sql<{ id: number; from: number; to: number }[]>`
    insert into postings (run_id, chunk_from, chunk_to)
    select ${run.id}, min(id), max(id) from decision_chunks
    where id > coalesce((select max(chunk_to) from postings), 0) having count(*) > 0
    returning id::int, chunk_from::float8 as "from", chunk_to::float8 as "to"`;
  return posting === undefined ? null : { id: posting.id, span: await spanOfChunks(tx, posting.from, posting.to) };
}

/**
 * Moves what a posting covers into the ledger: one transfer per wallet, kind and posting date (per date, so that a balance
 * as of any day is right), against the account that an entry of that kind is posted against. Its deferred check proves at
 * commit that every event of those chunks is decided and that transfers equal entries. Returns how many there are.
 */
export async function transferDecided(tx: Connection, { id, span }: OpenPosting): Promise<number> {
  await sumDecided(tx, span);
  await tx.sql`
    insert into ledger_accounts (type, currency)
    select distinct against, currency from pg_temp.decided_sums where amount <> 0
    on conflict do nothing`;
  const transfers = await tx.sql`
    insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
    select ${id}, case when s.amount > 0 then x.id else s.wallet_id end, case when s.amount > 0 then s.wallet_id else x.id end,
      abs(s.amount), s.kind, s.posting_date
    from (
      select wallet_id, kind, posting_date, against, currency, sum(amount) as amount from pg_temp.decided_sums group by 1, 2, 3, 4, 5
    ) s
    join ledger_accounts x on x.type = s.against and x.currency = s.currency
    where s.amount <> 0
    order by s.posting_date, s.wallet_id, s.kind, s.against`;
  return transfers.count;
}

/**
 * Adds up what these chunks decided, once for all that a posting asks of it: by wallet, kind, day and reason, amounts above
 * and below zero apart. Into a temporary table, because a night has few of these sums and a year's catching up has many.
 */
async function sumDecided(tx: Connection, span: DecidedSpan): Promise<void> {
  await tx.sql.unsafe(`
    drop table if exists pg_temp.decided_sums;
    -- nobody has counted these rows yet: what is taken for one is sorted before it is summed
    set local enable_sort = off;
    create temporary table decided_sums on commit drop as
    select coalesce(w.currency, s.currency) as currency, s.wallet_id, s.kind::text as kind, s.posting_date, s.reason::text as reason, s.sign, s.entries, s.amount,
      case when s.act is null then 'commission_expense' else posted_against(s.kind, s.act) end as against
    from (
      select n.wallet_id, n.kind, n.posting_date, n.reason, case when n.amount_minor > 0 then 1 when n.amount_minor < 0 then -1 else 0 end as sign,
        case when n.kind in ('adjustment', 'opening') then n.event_id end as act,
        case when n.wallet_id is null then (select e.currency from revenue_events e where e.id = n.event_id) end as currency,
        count(*) as entries, sum(n.amount_minor) as amount
      from entries n where ${decidedIn(span, 'n')} group by 1, 2, 3, 4, 5, 6, 7
    ) s left join ledger_accounts w on w.id = s.wallet_id;
    set local enable_sort = on`);
}

export interface ChunkTotals {
  readonly events: number;
  readonly entries: number;
  readonly byCurrency: { currency: string; positive: string; negative: string }[];
  readonly zeroByReason: Record<string, number>;
}

/** What a posting's chunks decided, in minor units by currency, of the sums that it was made of. */
export async function chunkTotals(tx: Connection, span: DecidedSpan): Promise<ChunkTotals> {
  const sums = await tx.sql<{ currency: string; positive: string; negative: string; entries: number }[]>`
    select currency, sum(entries)::float8 as entries,
      coalesce(sum(amount) filter (where sign > 0), 0) as positive,
      coalesce(sum(amount) filter (where sign < 0), 0) as negative
    from pg_temp.decided_sums group by 1 order by 1`;
  const zeros = await tx.sql<{ reason: string; count: number }[]>`
    select reason, sum(entries)::float8 as count from pg_temp.decided_sums where sign = 0 group by 1 order by 2 desc`;
  const [events] = await tx.sql<{ count: number }[]>`
    select coalesce(sum(r.last_id - r.first_id + 1), 0)::float8
      - (select count(*) from waiting_events where chunk_id between ${span.chunkFrom} and ${span.chunkTo})
      + (select count(*) from waiting_events where decided_chunk_id between ${span.chunkFrom} and ${span.chunkTo}) as count
    from decision_ranges r where r.chunk_id between ${span.chunkFrom} and ${span.chunkTo}`;
  return {
    events: events?.count ?? 0,
    entries: sums.reduce((total, row) => total + row.entries, 0),
    byCurrency: sums.map(({ currency, positive, negative }) => ({ currency, positive, negative })),
    zeroByReason: Object.fromEntries(zeros.map((row) => [row.reason, row.count])),
  };
}
