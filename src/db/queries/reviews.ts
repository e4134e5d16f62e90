import { list } from '../arrays.ts';
import type { PendingQuery, Row } from 'postgres';
import type { Connection } from '../connection.ts';
import { askedEntries, type CommissionFilter } from './commissions.ts';
import { decidedIn, type DecidedSpan } from './decided-span.ts';
import {
  entryStates,
  eventsOfSales,
  heldSince,
  OCCURRED_ON,
  SALE,
  settingAtDecision,
  THRESHOLD,
} from './entry-status.ts';
import { planForManyRows } from './payout-due.ts';

export type Verdict = 'approved' | 'rejected' | 'cancelled';

/** Entries by number, `leg` null for all of an event's, or all that a filter means. */
export type EntrySelection =
  | { readonly entries: readonly { readonly eventId: number; readonly leg: number | null }[] }
  | { readonly filter: CommissionFilter };

const ASKED = 'n.event_id in (select event_id from asked)';

/** The selection as `asked (event_id, leg)`. */
function selected(tx: Connection, selection: EntrySelection) {
  if ('filter' in selection) {
    return askedEntries(tx, selection.filter);
  }
  // An event may be named beside one of its own legs, and each entry is meant once.
  return tx.sql`
    select distinct n.event_id, n.leg from entries n
    join unnest(${list(selection.entries.map((one) => one.eventId))}::bigint[], ${list(selection.entries.map((one) => one.leg))}::smallint[])
      k (event_id, leg) on k.event_id = n.event_id and (k.leg is null or k.leg = n.leg)`;
}

/** A named entry that was left alone, and how it stands. */
export interface RefusedEntry {
  readonly entry: string;
  readonly status: string;
  readonly approved: boolean;
  /** Minor units. */
  readonly amount: string;
  /** Reasons of the open holds on itself. */
  readonly holds: readonly string[];
  /** One half of a recovery. */
  readonly recovery: boolean;
}

/** What was done to the entries of a selection, and to which of the named ones it was not. */
export interface ActedEntries {
  readonly entries: number;
  readonly totals: readonly PartnerTotal[];
  /** Empty for a filter: it means those that can. */
  readonly refused: readonly RefusedEntry[];
}

export interface PartnerTotal {
  readonly partner: string;
  readonly currency: string;
  readonly entries: number;
  /** Minor units. */
  readonly amount: string;
}

/** The states of the selected, as `s`. */
const states = (tx: Connection) =>
  tx.sql`asked k join ${tx.sql.unsafe(entryStates(ASKED))} s on s.event_id = k.event_id and s.leg = k.leg`;

/** In the statement that acts, so that what is refused and what is done are told from the same snapshot. */
function refusedOf(tx: Connection, selection: EntrySelection, may: PendingQuery<Row[]>) {
  return 'filter' in selection
    ? nobody(tx)
    : tx.sql`select s.event_id, s.leg, s.status, s.approved, s.amount_minor from ${states(tx)} where not ${may}`;
}

const nobody = (tx: Connection) =>
  tx.sql`select null::bigint as event_id, null::smallint as leg, '' as status, false as approved, 0 as amount_minor where false`;

/** `ActedEntries` of the CTEs `chosen` and `refused`. */
const acted = (tx: Connection) => tx.sql`
  (select count(*)::int from chosen) as entries,
  (select coalesce(json_agg(t order by t.partner, t.currency), '[]') from (
    select p.code as partner, w.currency, count(*)::int as entries, sum(n.amount_minor)::text as amount
    from chosen c join entries n on n.event_id = c.event_id and n.leg = c.leg
    join ledger_accounts w on w.id = n.wallet_id join partners p on p.id = w.partner_id group by 1, 2) t) as totals,
  (select coalesce(json_agg(json_build_object('entry', r.event_id || '.' || r.leg, 'status', r.status, 'approved', r.approved,
      'amount', r.amount_minor::text, 'holds', (
        select coalesce(json_agg(h.reason order by h.id), '[]') from open_holds h where h.event_id = r.event_id and h.leg = r.leg),
      'recovery', (select posted_against(n.kind, n.event_id) = 'recovery_clearing' from entries n where n.event_id = r.event_id and n.leg = r.leg))
    order by r.event_id, r.leg), '[]') from refused r) as refused`;

/** Those of a list of numbers that name no entry. */
export async function unknownEntries(
  tx: Connection,
  entries: readonly { readonly eventId: number; readonly leg: number | null }[],
): Promise<string[]> {
  const rows = await tx.sql<{ entry: string }[]>`
    select k."eventId" || coalesce('.' || k.leg, '') as entry
    from json_to_recordset(${JSON.stringify(entries)}::json) k ("eventId" bigint, leg smallint)
    where not exists (select from entries n where n.event_id = k."eventId" and (k.leg is null or n.leg = k.leg))`;
  return rows.map((row) => row.entry);
}

export interface ReviewedEntries extends ActedEntries {
  /** Null when there was nothing to review. */
  readonly batchId: number | null;
}

const mayReceive = (tx: Connection, verdict: Verdict) =>
  verdict === 'approved'
    ? // a negative is approved with what it takes back, and by nothing else
      tx.sql`(s.posted and s.kept and s.amount_minor > 0 and not s.approved)`
    : // a recovery stands or falls whole
      tx.sql`(s.posted and s.kept and s.amount_minor <> 0 and s.free
        and not (s.kind = 'adjustment' and posted_against(s.kind, s.event_id) = 'recovery_clearing'))`;

/** Records a verdict on those of the selection that may receive it; no batch when there are none. */
export async function reviewEntries(
  tx: Connection,
  review: { readonly verdict: Verdict; readonly reason: string | null; readonly selection: EntrySelection },
): Promise<ReviewedEntries> {
  const may = mayReceive(tx, review.verdict);
  const [row] = await tx.sql<ReviewedEntries[]>`
    with asked as materialized (${selected(tx, review.selection)}),
    chosen as materialized (select s.event_id, s.leg from ${states(tx)} where ${may}),
    refused as (${refusedOf(tx, review.selection, may)}),
    batch as (
      insert into review_batches (verdict, reason) select ${review.verdict}, ${review.reason} where exists (select from chosen) returning id
    ), written as (
      insert into entry_reviews (event_id, leg, batch_id, verdict)
      select c.event_id, c.leg, batch.id, ${review.verdict} from chosen c, batch order by c.event_id, c.leg
    )
    select (select id::int from batch) as "batchId", ${acted(tx)}`;
  return row!;
}

/** Holds the wallets of what is about to be taken back, before anything is looked at: no payout takes it meanwhile. */
export async function lockWalletsOf(tx: Connection, selection: EntrySelection): Promise<void> {
  await tx.sql`
    with asked as materialized (${selected(tx, selection)})
    select lock_wallets((select array_agg(distinct n.wallet_id) from asked k join entries n on n.event_id = k.event_id and n.leg = k.leg))`;
}

export interface ShareRow {
  readonly eventId: number;
  readonly leg: number;
  /** Shares with the same are one. */
  readonly share: string;
  /** Minor units. */
  readonly amount: string;
  readonly removed: boolean;
  readonly restores: boolean;
  /** In no live payout, so that it can still be taken back. */
  readonly free: boolean;
  /** Decided by the span that was asked for. */
  readonly decidedNow: boolean;
}

/** The posted entries of the shares of some events, in the order of decisions. `some`: see `eventsOfSales`. */
async function shareRows(tx: Connection, some: string, span: DecidedSpan | null): Promise<ShareRow[]> {
  return [
    ...(await tx.sql.unsafe<ShareRow[]>(`
      select n.event_id::float8 as "eventId", n.leg, ${SALE} || ' ' || n.wallet_id as share, n.amount_minor as amount,
        n.amount_minor > 0 and n.kind in ('restoration', 'void', 'credit', 'adjustment') as restores,
        exists (select from entry_reviews x where x.event_id = n.event_id and x.leg = n.leg and x.verdict <> 'approved') as removed,
        not exists (select from payout_lines l where l.event_id = n.event_id and l.leg = n.leg and l.release_id is null) as free,
        ${span === null ? 'false' : decidedIn(span, 'n')} as "decidedNow"
      from entries n join revenue_events e on e.id = n.event_id
      where n.event_id = any (array${eventsOfSales(some)}) and n.amount_minor <> 0 and n.chunk_id <= (select posted_to())
      order by n.event_id, n.leg`)),
  ];
}

/** The shares of what a review took back. */
export async function sharesOfReview(tx: Connection, batchId: number): Promise<ShareRow[]> {
  return await shareRows(
    tx,
    `select distinct ${SALE} as sale from entry_reviews r join revenue_events e on e.id = r.event_id where r.batch_id = ${batchId}`,
    null,
  );
}

/**
 * The shares that the span decided something of and that something had been taken back of before. From the few that were
 * taken back to what was decided, and not the other way.
 */
export async function sharesTakenBackBefore(tx: Connection, span: DecidedSpan): Promise<ShareRow[]> {
  const removed = `
    select distinct ${SALE} as sale from entry_reviews r join revenue_events e on e.id = r.event_id where r.verdict <> 'approved'`;
  const touched = `
    select distinct ${SALE} as sale from revenue_events e
    where e.id = any (array${eventsOfSales(removed)}) and exists (
      select from entries n where n.event_id = e.id and n.amount_minor <> 0 and ${decidedIn(span, 'n')})`;
  return await shareRows(tx, touched, span);
}

/** Adds entries to a review of this transaction that takes them back: those that go with what it is about. */
export async function takeAlong(
  tx: Connection,
  review: { readonly batchId: number; readonly verdict: Verdict },
  entries: readonly { readonly eventId: number; readonly leg: number }[],
): Promise<void> {
  await tx.sql`
    insert into entry_reviews (event_id, leg, batch_id, verdict)
    select k."eventId", k.leg, ${review.batchId}, ${review.verdict}
    from json_to_recordset(${JSON.stringify(entries.map(({ eventId, leg }) => ({ eventId, leg })))}::json) k ("eventId" bigint, leg smallint)
    order by 1, 2`;
}

/** A review of the accrual's own, under its run's claim. */
export async function openSystemReview(tx: Connection, jobRunId: number, reason: string): Promise<number> {
  const [row] = await tx.sql<{ id: number }[]>`
    insert into review_batches (verdict, reason, job_run_id) values ('rejected', ${reason}, ${jobRunId}) returning id::int`;
  return row!.id;
}

/** What a review is about by now, per partner and currency. */
export async function reviewTotals(tx: Connection, batchId: number): Promise<PartnerTotal[]> {
  return [
    ...(await tx.sql<PartnerTotal[]>`
      select p.code as partner, w.currency, count(*)::int as entries, sum(n.amount_minor)::text as amount
      from entry_reviews r join entries n on n.event_id = r.event_id and n.leg = r.leg
      join ledger_accounts w on w.id = n.wallet_id join partners p on p.id = w.partner_id
      where r.batch_id = ${batchId} group by 1, 2 order by 1, 2`),
  ];
}

/** The review that rejected or cancelled an entry `EVENT.LEG`; null where none did. */
export async function takenBackBy(
  tx: Connection,
  entry: string,
): Promise<{ readonly id: number; readonly reason: string; readonly by: string } | null> {
  const [eventId, leg] = entry.split('.');
  const [row] = await tx.sql<{ id: number; reason: string; by: string }[]>`
    select b.id::int, b.reason, b.created_by as "by"
    from entry_reviews r join review_batches b on b.id = r.batch_id
    where r.event_id = ${eventId!} and r.leg = ${leg!} and r.verdict <> 'approved'`;
  return row ?? null;
}

/** Moves what a review took back out of the wallets, per wallet and kind of entry. Proved at commit. */
export async function postReview(tx: Connection, batchId: number, postingDate: string): Promise<void> {
  const [posting] = await tx.sql<{ id: number }[]>`
    insert into postings (kind, review_id) values ('review', ${batchId}) returning id::int`;
  await tx.sql`
    insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
    select ${posting!.id}, case when s.amount > 0 then s.wallet_id else x.id end, case when s.amount > 0 then x.id else s.wallet_id end,
      abs(s.amount), s.kind, ${postingDate}
    from (
      select n.wallet_id, n.kind::text, posted_against(n.kind, n.event_id) as against, sum(n.amount_minor) as amount
      from entry_reviews r join entries n on n.event_id = r.event_id and n.leg = r.leg
      where r.batch_id = ${batchId} group by 1, 2, 3
    ) s
    join ledger_accounts w on w.id = s.wallet_id
    join ledger_accounts x on x.type = s.against and x.currency = w.currency
    where s.amount <> 0
    order by s.wallet_id, s.kind, s.against`;
}

/**
 * Posted positives that nobody has reviewed, that have come to their date, and were decided under the policy `after_hold`
 * and not above the threshold of then. Follows the open part of the books: what an earlier run found due by its date among
 * what was posted by then is approved, and under which policy an entry was decided never changes, so of the entries only
 * those are looked at that have come to their date or were posted since, and of events and reviews only their stretch. The
 * settings are asked once for each wallet, day and known_seq that such entries have between them, and not once for every
 * entry.
 */
const dueAfterHold = (tx: Connection, until: string, postedTo: number, done: ApprovedSoFar | null) => tx.sql`
  with candidates as materialized (
    select n.event_id, n.leg, n.wallet_id, n.known_seq, n.amount_minor from (${openEntries(tx, until, postedTo, done)}) n
    where exists (select from settings where name = 'approval' and value = '"after_hold"') and n.amount_minor > 0
  ), stretch as materialized (
    select min(event_id) as low, max(event_id) as high from candidates
  ), reviewed as materialized (
    select event_id, leg from entry_reviews where event_id between (select low from stretch) and (select high from stretch)
  ), unreviewed as materialized (
    select n.*, e.occurred_on from candidates n
    join revenue_events e on e.id = n.event_id and e.id between (select low from stretch) and (select high from stretch)
    where not exists (select from reviewed r where r.event_id = n.event_id and r.leg = n.leg)
  ), policies as materialized (
    select n.wallet_id, n.known_seq, n.occurred_on, ${tx.sql.unsafe(settingAtDecision('approval'))} = '"after_hold"' as waits,
      ${tx.sql.unsafe(THRESHOLD)} as threshold
    from (select wallet_id, known_seq, occurred_on, min(event_id) as event_id from unreviewed group by 1, 2, 3) n
    join ledger_accounts w on w.id = n.wallet_id
  )
  select u.event_id, u.leg from unreviewed u
  join policies p on p.wallet_id = u.wallet_id and p.known_seq = u.known_seq and p.occurred_on = u.occurred_on
  where p.waits and not coalesce(u.amount_minor > p.threshold, false)`;

/** The amount above which a person must look at an entry, as it was decided under, in minor units; null where there is none. */
export async function thresholdOfEntry(tx: Connection, eventId: number, leg: number): Promise<string | null> {
  const [row] = await tx.sql<{ threshold: string | null }[]>`
    select trunc(${tx.sql.unsafe(THRESHOLD)})::text as threshold
    from entries n join ledger_accounts w on w.id = n.wallet_id where n.event_id = ${eventId} and n.leg = ${leg}`;
  return row?.threshold ?? null;
}

/** How far the last run that came to its end got: its date, and the last chunk that was posted when it looked. */
interface ApprovedSoFar {
  readonly date: string;
  readonly chunkTo: number;
}

/** Entries that are due and that no run has looked at: two stretches, each of which a block-range index finds by itself. */
const openEntries = (tx: Connection, until: string, postedTo: number, done: ApprovedSoFar | null) =>
  done === null
    ? tx.sql`select * from entries where payable_on <= ${until} and chunk_id <= ${postedTo}`
    : tx.sql`
      select * from entries where payable_on >= ${done.date} and payable_on <= ${until} and chunk_id <= ${done.chunkTo}
        -- what posts itself (drizzle/0024) may have come after that run, and be due on its very day
        and (payable_on > ${done.date} or chunk_id < 0)
      union all
      -- the sum keeps the planner from the other index, in which most of the book is due
      select * from entries where chunk_id > ${done.chunkTo} and chunk_id <= ${postedTo} and payable_on + 0 <= ${until}`;

async function approvedSoFar(tx: Connection): Promise<{ postedTo: number; done: ApprovedSoFar | null }> {
  const [row] = await tx.sql<{ postedTo: number; date: string | null; chunkTo: number | null }[]>`
    select posted_to()::float8 as "postedTo", j.date, j."chunkTo" from (select 1) one left join (
      select business_date as date, (summary ->> 'posted_to')::float8 as "chunkTo" from job_runs
      where job = 'approve-due' and status = 'succeeded' and summary ? 'posted_to' order by id desc limit 1) j on true`;
  const { postedTo, date, chunkTo } = row!;
  return { postedTo, done: date === null || chunkTo === null ? null : { date, chunkTo } };
}

/** Approves what is due after its hold. Under the claim of a job's run, which the database checks. */
export async function approveDueEntries(
  tx: Connection,
  jobRunId: number,
  until: string,
): Promise<ReviewedEntries & { readonly postedTo: number }> {
  const { postedTo, done } = await approvedSoFar(tx);
  await planForManyRows(tx);
  // Of a book that nobody has analysed yet the planner believes that a date lies everywhere, and would read all of it.
  if (done !== null) await tx.sql`select set_config('enable_seqscan', 'off', true)`;
  const [row] = await tx.sql<ReviewedEntries[]>`
    with chosen as materialized (${dueAfterHold(tx, until, postedTo, done)}),
    refused as (${nobody(tx)}),
    batch as (
      insert into review_batches (verdict, reason, job_run_id)
      select 'approved', 'its hold is over', ${jobRunId} where exists (select from chosen) returning id
    ), written as (
      insert into entry_reviews (event_id, leg, batch_id, verdict) select c.event_id, c.leg, batch.id, 'approved' from chosen c, batch
      order by c.event_id, c.leg
    )
    select (select id::int from batch) as "batchId", ${acted(tx)}`;
  await tx.sql`select set_config('enable_seqscan', 'on', true)`;
  return { ...row!, postedTo };
}

export type HoldReason = 'fraud_review' | 'missing_details' | 'dispute';

/** Opens a hold on each selected positive entry that is not sent, paid or taken back, and is not held for this reason. */
export async function holdEntries(
  tx: Connection,
  hold: { readonly reason: HoldReason; readonly note: string | null; readonly selection: EntrySelection },
): Promise<ActedEntries> {
  const may = tx.sql`(s.amount_minor > 0 and s.kept and (s.payout_status is null or s.payout_status in ('pending', 'ready'))
    and not exists (select from open_holds h where h.event_id = s.event_id and h.leg = s.leg and h.reason = ${hold.reason}))`;
  const [row] = await tx.sql<ActedEntries[]>`
    with asked as materialized (${selected(tx, hold.selection)}),
    chosen as materialized (select s.event_id, s.leg from ${states(tx)} where ${may}),
    refused as (${refusedOf(tx, hold.selection, may)}),
    written as (
      insert into holds (event_id, leg, reason, note)
      select c.event_id, c.leg, ${hold.reason}, ${hold.note} from chosen c order by c.event_id, c.leg
    )
    select ${acted(tx)}`;
  return row!;
}

export interface ReleasedEntries extends ActedEntries {
  /** How many holds were released: one entry may have several. */
  readonly holds: number;
  /** Entries that another hold stays on: of another reason, of their partner or instance. */
  readonly stillHeld: number;
}

/** Releases the open holds on the selected entries themselves; those of their partner or instance are not theirs. */
export async function releaseEntries(
  tx: Connection,
  release: { readonly reason: HoldReason | null; readonly note: string | null; readonly selection: EntrySelection },
): Promise<ReleasedEntries> {
  const meant = tx.sql`(${release.reason}::text is null or h.reason = ${release.reason})`;
  const may = tx.sql`exists (select from open_holds h where h.event_id = s.event_id and h.leg = s.leg and ${meant})`;
  const [row] = await tx.sql<ReleasedEntries[]>`
    with asked as materialized (${selected(tx, release.selection)}),
    freed as materialized (
      select h.id, h.event_id, h.leg from asked k join open_holds h on h.event_id = k.event_id and h.leg = k.leg where ${meant}
    ),
    chosen as materialized (select distinct event_id, leg from freed),
    refused as (${refusedOf(tx, release.selection, may)}),
    written as (insert into hold_releases (hold_id, note) select f.id, ${release.note} from freed f order by f.id)
    select ${acted(tx)}, (select count(*)::int from freed) as holds, (
      select count(*)::int from chosen c
      join entries n on n.event_id = c.event_id and n.leg = c.leg join ledger_accounts w on w.id = n.wallet_id
      where exists (select from open_holds h where h.event_id = c.event_id and h.leg = c.leg and not ${meant})
        or exists (select from open_holds h where h.partner_id = w.partner_id)
        or exists (select from open_holds h where h.instance_id = w.instance_id and ${tx.sql.unsafe(heldSince('h', OCCURRED_ON))})) as "stillHeld"`;
  return row!;
}
