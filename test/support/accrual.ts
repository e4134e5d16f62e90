import { setTimeout as sleep } from 'node:timers/promises';
import { accrueCommissionsJob } from '../../jobs/accrue-commissions.ts';
import type { Connection } from '../../src/db/connection.ts';
import { RefusedError } from '../../src/domain/errors.ts';
import type { Job } from '../../src/runner/job.ts';
import { runJob, type FinishedRun } from '../../src/runner/run-job.ts';
import { accrueCommissions } from '../../src/services/accrual/accrue-commissions.ts';
import type { Context } from '../../src/services/context.ts';
import type { RandomBook } from '../property/random-book.ts';
import type { LoadedBook } from './load-book.ts';

/** The job itself, but with chunks so small that a book has many, and the doctor examines some while others are decided. */
export function accrualJob(chunkEvents?: number): Job {
  return chunkEvents === undefined
    ? accrueCommissionsJob
    : {
        ...accrueCommissionsJob,
        run: async (work) => ({
          summary: { ...(await accrueCommissions(work, { chunkEvents, pieceEvents: 4 * chunkEvents })) },
        }),
      };
}

export async function accrue(ctx: Context, date: string, chunkEvents?: number): Promise<FinishedRun> {
  return await runJob(ctx, accrualJob(chunkEvents), date);
}

/** The run that mends: after a fault the server may need a moment to see that the session of the old worker is gone. */
export async function accrueWhenFree(ctx: Context, date: string): Promise<FinishedRun> {
  const until = performance.now() + 10_000;
  for (;;) {
    try {
      return await accrue(ctx, date);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.code !== 'job_running' || performance.now() > until) {
        throw error;
      }
      await sleep(20);
    }
  }
}

export interface StoredDecision {
  readonly id: number;
  readonly amount: bigint;
  readonly reason: string | null;
  readonly partner: string | null;
  readonly rule: number | null;
}

/** What the database says was decided, in the words of the book and of its oracle, by the book's event numbers. */
export async function decisionsOf({ sql }: Pick<Connection, 'sql'>, loaded: LoadedBook): Promise<StoredDecision[]> {
  const rows = await sql<{ event: number; amount: string; reason: string | null; partner: number; rule: number }[]>`
    select n.event_id::float8 as event, n.amount_minor as amount, n.reason, w.partner_id::int as partner, n.rule_version_id::int as rule
    from entries n left join ledger_accounts w on w.id = n.wallet_id`;
  return rows
    .map((row) => ({
      id: loaded.events.get(row.event)!.id,
      amount: BigInt(row.amount),
      reason: row.reason,
      partner: loaded.partners.get(row.partner) ?? null,
      rule: loaded.rules.get(row.rule) ?? null,
    }))
    .sort((a, b) => a.id - b.id);
}

/** Every row of the sub-ledger without the numbers that a restart may draw anew: chunks, surrogate ids of wallets. */
const ENTRIES = `
  select n.event_id, n.leg, p.code as partner, i.code as instance, w.currency, n.amount_minor, n.base_minor, n.full_minor, n.uncapped_minor,
    n.window_base_minor, n.window_full_minor, n.rule_version_id,
    n.known_seq, n.rate_ppm, n.posting_date, n.payable_on, n.kind, n.reason, n.tier
  from entries n left join ledger_accounts w on w.id = n.wallet_id
  left join partners p on p.id = w.partner_id left join instances i on i.id = w.instance_id
  order by n.event_id, n.leg`;

/** The ledger by account, kind and date. */
const LEDGER = `
  select p.code as partner, i.code as instance, a.currency, t.kind, t.posting_date, sum(t.amount) as amount
  from (
    select credit_id as account, kind, posting_date, amount_minor as amount from transfers
    union all select debit_id, kind, posting_date, -amount_minor from transfers
  ) t
  join ledger_accounts a on a.id = t.account and a.type = 'wallet'
  left join partners p on p.id = a.partner_id left join instances i on i.id = a.instance_id
  group by 1, 2, 3, 4, 5 having sum(t.amount) <> 0 order by 1, 2, 3, 4, 5`;

/** Two databases that decided the same have the same entries and ledger. */
export async function booksOf({ sql }: Pick<Connection, 'sql'>): Promise<{ entries: unknown[]; ledger: unknown[] }> {
  return { entries: [...(await sql.unsafe(ENTRIES))], ledger: [...(await sql.unsafe(LEDGER))] };
}

/** Equal where booksOf is equal, and as cheap for a large book as for a small one to compare. */
export async function digestOf({ sql }: Pick<Connection, 'sql'>): Promise<string> {
  const [row] = await sql.unsafe<{ digest: string }[]>(`
    select md5((select coalesce(string_agg(b::text, E'\n'), '') from (${ENTRIES}) b)
      || (select coalesce(string_agg(b::text, E'\n'), '') from (${LEDGER}) b)) as digest`);
  return row!.digest;
}

/**
 * What must hold of the books whatever happened on the way; empty when it does. Written apart from the guards of the
 * database, so that a guard that sleeps is seen.
 */
export async function offences({ sql }: Pick<Connection, 'sql'>): Promise<Record<string, unknown>[]> {
  return [
    ...(await sql`
      select 'event undecided or decided twice' as offence, r.batch_id::text as who, count(distinct n.event_id)::text as found
      from decision_ranges r left join entries n on n.event_id between r.first_id and r.last_id
      group by r.batch_id, r.first_id, r.last_id having count(distinct n.event_id) <> r.last_id - r.first_id + 1
      union all
      select 'cursor apart from its ranges', b.id::text, b.decided_to::text from event_batches b
      where b.decided_to - b.first_id + 1 <> coalesce((select sum(r.last_id - r.first_id + 1) from decision_ranges r where r.batch_id = b.id), 0)
      union all
      select 'entry outside its batch''s cursor', n.event_id::text, b.decided_to::text
      from entries n join revenue_events e on e.id = n.event_id join event_batches b on b.id = e.batch_id where n.event_id > b.decided_to
      union all
      select 'chunk posted not once', c.id::text, count(p.id)::text from decision_chunks c left join postings p on c.id between p.chunk_from and p.chunk_to
      group by c.id having count(p.id) <> 1
      union all
      select 'trial balance', currency, sum(amount)::text from (
        select a.currency, t.amount_minor as amount from transfers t join ledger_accounts a on a.id = t.credit_id
        union all select a.currency, -t.amount_minor from transfers t join ledger_accounts a on a.id = t.debit_id
      ) sides group by currency having sum(amount) <> 0
      union all
      select 'wallet differs from its entries', coalesce(n.wallet_id, t.wallet_id)::text, concat(n.amount, ' and ', t.amount)
      from (select wallet_id, kind::text, posting_date, sum(amount_minor) as amount from entries where amount_minor <> 0 group by 1, 2, 3) n
      full join (
        select account as wallet_id, kind, posting_date, sum(amount) as amount from (
          select credit_id as account, kind, posting_date, amount_minor as amount from transfers
          union all select debit_id, kind, posting_date, -amount_minor from transfers
        ) s join ledger_accounts a on a.id = s.account and a.type = 'wallet' group by 1, 2, 3
      ) t on t.wallet_id = n.wallet_id and t.kind = n.kind and t.posting_date = n.posting_date
      where coalesce(n.amount, 0) <> coalesce(t.amount, 0)
      union all
      select 'run neither ended nor lost', id::text, status from job_runs where status = 'running'`),
  ];
}

/** The events of one stage of a book, cut into files of random sizes: files are consecutive pieces of the import order. */
export function filesOf(book: RandomBook, batch: 1 | 2, next: () => number): RandomBook['events'][] {
  const events = book.events.filter((event) => event.batch === batch);
  const files: RandomBook['events'][] = [];
  for (let from = 0; from < events.length;) {
    const size = 1 + Math.floor(next() * next() * events.length);
    files.push(events.slice(from, from + size));
    from += size;
  }
  return files;
}

/** mulberry32, for choices a test makes besides its book. */
export function choices(seed: number): () => number {
  let state = (seed ^ 0x5bd1e995) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
