import type { Connection } from '../connection.ts';
import { askedEntries, type CommissionFilter } from './commissions.ts';
import { ABOVE_THRESHOLD, entryStates, settingAtDecision } from './entry-status.ts';

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
  const list = (values: readonly (number | null)[]) => `{${values.map((value) => value ?? 'NULL').join(',')}}`;
  return tx.sql`
    select n.event_id, n.leg from entries n
    join (select distinct k.event_id, k.leg
          from unnest(${list(selection.entries.map((one) => one.eventId))}::bigint[], ${list(selection.entries.map((one) => one.leg))}::smallint[])
            k (event_id, leg)) k on k.event_id = n.event_id and (k.leg is null or k.leg = n.leg)`;
}

export interface EntryStanding {
  readonly entry: string;
  readonly status: string;
  readonly approved: boolean;
}

/** How selected entries stand that `reviewEntries` with this verdict would leave alone; zero decisions are never reviewed. */
export async function notReviewable(
  tx: Connection,
  selection: EntrySelection,
  verdict: Verdict,
): Promise<EntryStanding[]> {
  return [
    ...(await tx.sql<EntryStanding[]>`
      with asked as materialized (${selected(tx, selection)})
      select s.event_id || '.' || s.leg as entry, s.status, s.approved
      from asked k join ${tx.sql.unsafe(entryStates(ASKED))} s on s.event_id = k.event_id and s.leg = k.leg
      where not ${mayReceive(tx, verdict)} order by s.event_id, s.leg limit 20`),
  ];
}

const mayReceive = (tx: Connection, verdict: Verdict) =>
  verdict === 'approved'
    ? tx.sql`(s.posted and s.kept and s.amount_minor <> 0 and not s.approved)`
    : tx.sql`(s.posted and s.kept and s.amount_minor <> 0 and s.free)`;

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

export interface ReviewedEntries {
  readonly batchId: number | null;
  readonly entries: number;
}

/** Records a verdict on those of the selection that may receive it; no batch when there are none. */
export async function reviewEntries(
  tx: Connection,
  review: { readonly verdict: Verdict; readonly reason: string | null; readonly selection: EntrySelection },
): Promise<ReviewedEntries> {
  const [row] = await tx.sql<{ batch: string | null; entries: number }[]>`
    with asked as materialized (${selected(tx, review.selection)}),
    chosen as materialized (
      select s.event_id, s.leg from asked k join ${tx.sql.unsafe(entryStates(ASKED))} s on s.event_id = k.event_id and s.leg = k.leg
      where ${mayReceive(tx, review.verdict)}
    ), batch as (
      insert into review_batches (verdict, reason) select ${review.verdict}, ${review.reason} where exists (select from chosen) returning id
    ), written as (
      insert into entry_reviews (event_id, leg, batch_id, verdict)
      select c.event_id, c.leg, batch.id, ${review.verdict} from chosen c, batch order by c.event_id, c.leg
    )
    select (select id from batch) as batch, (select count(*)::int from chosen) as entries`;
  return { batchId: row?.batch == null ? null : Number(row.batch), entries: row?.entries ?? 0 };
}

/** Holds the wallets of what is about to be taken back, before anything is looked at: no payout takes it meanwhile. */
export async function lockWalletsOf(tx: Connection, selection: EntrySelection): Promise<void> {
  await tx.sql`
    with asked as materialized (${selected(tx, selection)})
    select lock_wallets((select array_agg(distinct n.wallet_id) from asked k join entries n on n.event_id = k.event_id and n.leg = k.leg))`;
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
      select n.wallet_id, n.kind::text, sum(n.amount_minor) as amount
      from entry_reviews r join entries n on n.event_id = r.event_id and n.leg = r.leg
      where r.batch_id = ${batchId} group by 1, 2
    ) s
    join ledger_accounts w on w.id = s.wallet_id
    join ledger_accounts x on x.type = 'commission_expense' and x.currency = w.currency
    where s.amount <> 0
    order by s.wallet_id, s.kind`;
}

export interface ReviewTotal {
  readonly currency: string;
  readonly amount: string;
}

/** What a review touched, in minor units. */
export async function reviewTotals(tx: Connection, batchId: number): Promise<ReviewTotal[]> {
  return [
    ...(await tx.sql<ReviewTotal[]>`
      select w.currency, sum(n.amount_minor)::text as amount
      from entry_reviews r join entries n on n.event_id = r.event_id and n.leg = r.leg join ledger_accounts w on w.id = n.wallet_id
      where r.batch_id = ${batchId} group by 1 order by 1`),
  ];
}

/**
 * Approves what was decided under the policy `after_hold`, has come to its date and is not above the threshold it was
 * decided under. Under the claim of a job's run, which the database checks.
 */
export async function approveDueEntries(tx: Connection, jobRunId: number, until: string): Promise<ReviewedEntries> {
  const [row] = await tx.sql<{ batch: string | null; entries: number }[]>`
    with due as materialized (
      select n.event_id, n.leg
      from entries n join revenue_events e on e.id = n.event_id join ledger_accounts w on w.id = n.wallet_id
      where exists (select from settings where name = 'approval' and value = '"after_hold"')
        and n.amount_minor > 0 and n.payable_on <= ${until} and n.chunk_id <= (select posted_to())
        and not exists (select from entry_reviews r where r.event_id = n.event_id and r.leg = n.leg)
        and ${tx.sql.unsafe(settingAtDecision('approval'))} = '"after_hold"' and not ${tx.sql.unsafe(ABOVE_THRESHOLD)}
    ), batch as (
      insert into review_batches (verdict, reason, job_run_id)
      select 'approved', 'its hold is over', ${jobRunId} where exists (select from due) returning id
    ), written as (
      insert into entry_reviews (event_id, leg, batch_id, verdict) select d.event_id, d.leg, batch.id, 'approved' from due d, batch
      order by d.event_id, d.leg
    )
    select (select id from batch) as batch, (select count(*)::int from due) as entries`;
  return { batchId: row?.batch == null ? null : Number(row.batch), entries: row?.entries ?? 0 };
}

export type HoldReason = 'fraud_review' | 'missing_details' | 'dispute';

/** Opens a hold on each selected positive entry that is not sent, paid or taken back, and is not held for this reason. */
export async function holdEntries(
  tx: Connection,
  hold: { readonly reason: HoldReason; readonly note: string | null; readonly selection: EntrySelection },
): Promise<string[]> {
  const rows = await tx.sql<{ entry: string }[]>`
    with asked as materialized (${selected(tx, hold.selection)})
    insert into holds (event_id, leg, reason, note)
    select s.event_id, s.leg, ${hold.reason}, ${hold.note}
    from asked k join ${tx.sql.unsafe(entryStates(ASKED))} s on s.event_id = k.event_id and s.leg = k.leg
    where s.amount_minor > 0 and s.kept and (s.payout_status is null or s.payout_status in ('pending', 'ready'))
      and not exists (select from open_holds h where h.event_id = s.event_id and h.leg = s.leg and h.reason = ${hold.reason})
    order by s.event_id, s.leg
    returning event_id || '.' || leg as entry`;
  return rows.map((row) => row.entry);
}

/** Releases the open holds on the selected entries themselves; those of their partner or instance are not theirs. */
export async function releaseEntries(
  tx: Connection,
  release: { readonly reason: HoldReason | null; readonly note: string | null; readonly selection: EntrySelection },
): Promise<number> {
  const rows = await tx.sql`
    with asked as materialized (${selected(tx, release.selection)})
    insert into hold_releases (hold_id, note)
    select h.id, ${release.note} from asked k join open_holds h on h.event_id = k.event_id and h.leg = k.leg
    where ${release.reason}::text is null or h.reason = ${release.reason}
    order by h.id`;
  return rows.count;
}
