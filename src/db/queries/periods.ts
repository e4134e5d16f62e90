import type { AccountType } from '../../domain/chart.ts';
import type { PeriodControl } from '../../domain/period-control.ts';
import { list } from '../arrays.ts';
import type { Connection } from '../connection.ts';
import { knownAsOf, type AsOf } from './as-of.ts';
import type { Page } from './order.ts';

/** Accounting periods (drizzle/0035): their status, how they came by it, and what stands in the way of closing one. */

export type PeriodStatus = 'open' | 'soft_closed' | 'closed';

export interface PeriodRow {
  readonly startsOn: string;
  readonly status: PeriodStatus;
  readonly transfers: number;
  /** Of the last change; null for one that nobody has changed yet. */
  readonly changedBy: string | null;
  readonly changedAt: string | null;
  readonly reason: string | null;
  /** What was frozen when it closed, as long as it is closed. */
  readonly control: PeriodControl | null;
  readonly controlHash: string | null;
}

/** Every month from the first that has a transfer, or a status, to that of `today`; the latest first. */
export async function periodRows(
  tx: Connection,
  filter: { readonly startsOn?: string; readonly status?: PeriodStatus | undefined },
  today: string,
  page: Page,
): Promise<PeriodRow[]> {
  const { startsOn = null, status = null } = filter;
  return [
    ...(await tx.sql<PeriodRow[]>`
      with posted as materialized (
        select date_trunc('month', posting_date)::date as starts_on, count(*) as transfers from transfers group by 1
      )
      select * from (
        select m.day::date as "startsOn", coalesce(p.status, case when m.day < closed_before() then 'closed' else 'open' end) as status,
          coalesce(t.transfers, 0)::float8 as transfers, c.created_by as "changedBy", c.recorded_at as "changedAt", c.reason,
          case when p.status = 'closed' then c.control end as control, case when p.status = 'closed' then c.control_hash end as "controlHash"
        from generate_series(
          least((select min(starts_on) from posted), (select min(starts_on) from periods), date_trunc('month', ${today}::date)::date)::timestamp,
          greatest((select max(starts_on) from posted), date_trunc('month', ${today}::date)::date)::timestamp, interval '1 month') m (day)
        left join periods p on p.starts_on = m.day
        left join posted t on t.starts_on = m.day
        left join lateral (select * from period_changes x where x.starts_on = m.day order by x.id desc limit 1) c on true
      ) x
      where (${startsOn}::date is null or "startsOn" = ${startsOn}) and (${status}::text is null or status = ${status})
      order by "startsOn" desc limit ${page.limit} offset ${page.offset}`),
  ];
}

/** The first day into which something may still post, and the first that is open to everything; null: any day is. */
export async function periodBounds(
  tx: Connection,
): Promise<{ readonly closedBefore: string | null; readonly openFrom: string | null }> {
  const [row] = await tx.sql<{ closedBefore: string | null; openFrom: string | null }[]>`
    select closed_before() as "closedBefore", open_from() as "openFrom"`;
  return row!;
}

export interface PeriodChangeRow {
  readonly from: PeriodStatus;
  readonly status: PeriodStatus;
  readonly reason: string | null;
  readonly request: number | null;
  readonly controlHash: string | null;
  readonly by: string;
  readonly at: string;
}

/** What became of a period, in order. */
export async function periodHistory(tx: Connection, startsOn: string): Promise<PeriodChangeRow[]> {
  return [
    ...(await tx.sql<PeriodChangeRow[]>`
      select from_status as "from", status, reason, request_id::int as request, control_hash as "controlHash", created_by as "by", recorded_at as "at"
      from period_changes where starts_on = ${startsOn} order by id`),
  ];
}

/** What the ledger says of a period now. */
export async function periodControl(tx: Connection, startsOn: string): Promise<PeriodControl> {
  const [row] = await tx.sql<
    { control: PeriodControl }[]
  >`select control from period_controls(array[${startsOn}::date])`;
  return row!.control;
}

/**
 * Changes a period; the database waits for whoever is posting, says whether it may be, and freezes what the ledger says of
 * one that closes. Writes.
 */
export async function changePeriod(
  tx: Connection,
  change: {
    readonly startsOn: string;
    readonly status: PeriodStatus;
    readonly reason: string | null;
    readonly request?: number;
  },
): Promise<void> {
  const { startsOn, status, reason, request = null } = change;
  await tx.sql`
    insert into period_changes (starts_on, from_status, status, reason, request_id)
    values (${startsOn}, '', ${status}, ${reason}, ${request})`;
}

// ── What stands in the way of closing ─────────────────────────────────────────────────────────────────────────────────

/** The earliest month that must close before the one that starts on `startsOn`; null: it is its turn. */
export async function earlierOpenMonth(tx: Connection, startsOn: string): Promise<string | null> {
  const [row] = await tx.sql<{ month: string | null }[]>`
    select to_char(coalesce(closed_before(), date_trunc('month', min(posting_date))::date), 'YYYY-MM') as month from transfers
    having coalesce(closed_before(), date_trunc('month', min(posting_date))::date) < ${startsOn}::date`;
  return row?.month ?? null;
}

export interface OpenWork {
  /** Events before the end that no night has decided; and, of those whose turn was, the ones that wait for a rate. */
  readonly undecided: number;
  readonly waiting: number;
  /** Adjustments of days before the end that nobody has answered. */
  readonly requests: readonly number[];
  readonly unpostedChunks: number;
  /** Payouts of cut-offs up to the end that nobody has sent or cancelled. */
  readonly drafts: readonly string[];
  /** Payouts that the books have sent before the end, and settled after it or not yet. */
  readonly inTransit: readonly string[];
}

/** What is under way of the days before `ends`. */
export async function openWorkBefore(tx: Connection, ends: string): Promise<OpenWork> {
  const [row] = await tx.sql<OpenWork[]>`
    select (
        select count(*)::float8 from event_batches b join revenue_events e on e.id between b.decided_to + 1 and b.last_id
        where b.decided_to < b.last_id and b.first_on < ${ends} and e.occurred_on < ${ends}) as undecided,
      (select count(*)::float8 from waiting_events w join revenue_events e on e.id = w.event_id
        where w.decided_chunk_id is null and e.occurred_on < ${ends}) as waiting,
      coalesce((select jsonb_agg(q.id order by q.id) from requests q where q.payload ->> 'on' < ${ends}::text
        and not exists (select from request_applications a where a.request_id = q.id)
        and not exists (select from request_rejections r where r.request_id = q.id)), '[]') as requests,
      (select count(*)::float8 from decision_chunks where id > (select posted_to())) as "unpostedChunks",
      coalesce((select jsonb_agg(p.number order by p.number) from payouts p join payout_runs r on r.id = p.run_id
        where p.status in ('pending', 'ready') and r.cutoff <= ${ends}), '[]') as drafts,
      coalesce((select jsonb_agg(p.number order by p.number) from payouts p
        where exists (select from payout_status_changes c join transfers t on t.posting_id = c.posting_id
            where c.payout_id = p.id and c.status = 'processing' and t.posting_date < ${ends})
          and not exists (select from payout_status_changes c join transfers t on t.posting_id = c.posting_id
            where c.payout_id = p.id and c.status in ('completed', 'failed', 'returned', 'cancelled') and t.posting_date < ${ends})), '[]') as "inTransit"`;
  return row!;
}

/** Whether anybody else has posted into a period since a moment. */
export async function isPostedSince(
  tx: Connection,
  { from, to }: { readonly from: string; readonly to: string },
  moment: AsOf,
): Promise<boolean> {
  const [row] = await tx.sql<{ posted: boolean }[]>`
    select exists (
      select from postings g join transfers t on t.posting_id = g.id
      where t.posting_date >= ${from}::date and t.posting_date < ${to}::date
        and g.transaction_id is distinct from pg_current_xact_id_if_assigned() and not ${tx.sql.unsafe(knownAsOf(moment, 'g'))}) as posted`;
  return row!.posted;
}

/** What the entries of a period, less what reviews took back in it, come to; and what its transfers moved in wallets for them. */
export async function entriesAgainstWallets(
  tx: Connection,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<{ currency: string; entries: string; wallets: string }[]> {
  const against: readonly AccountType[] = ['commission_expense', 'opening_equity', 'recovery_clearing'];
  return [
    ...(await tx.sql<{ currency: string; entries: string; wallets: string }[]>`
      select currency, sum(entries)::text as entries, sum(wallets)::text as wallets from (
        select w.currency, n.amount_minor::numeric as entries, 0::numeric as wallets
        from entries n join ledger_accounts w on w.id = n.wallet_id
        where n.amount_minor <> 0 and n.posting_date >= ${from}::date and n.posting_date < ${to}::date
        union all
        select w.currency, 0, case when t.credit_id = w.id then t.amount_minor else -t.amount_minor end
        from postings g join transfers t on t.posting_id = g.id
        join ledger_accounts w on w.id in (t.debit_id, t.credit_id) and w.type = 'wallet'
        join ledger_accounts o on o.id in (t.debit_id, t.credit_id) and o.id <> w.id and o.type = any (${list(against)}::text[])
        where g.kind = 'decision' and t.posting_date >= ${from}::date and t.posting_date < ${to}::date
      ) sides group by 1 order by 1`),
  ];
}
