import { list } from '../arrays.ts';
import type { NettedWallet } from '../../domain/netting.ts';
import type { PayoutStatus } from '../../domain/payout-status.ts';
import type { Connection } from '../connection.ts';

export async function insertPayoutRun(
  tx: Connection,
  run: { cutoff: string; scope: string; jobRunId: number | null; knownSeq: number },
): Promise<number> {
  const [row] = await tx.sql<{ id: number }[]>`
    insert into payout_runs (cutoff, scope, job_run_id, known_seq)
    values (${run.cutoff}, ${run.scope}, ${run.jobRunId}, ${run.knownSeq}) returning id::int`;
  return row!.id;
}

/** Says of wallets in which something was found to pay that they give it, and what is taken off on the way. */
export async function insertGiving(tx: Connection, wallets: readonly NettedWallet[]): Promise<void> {
  await tx.sql`
    insert into pg_temp.payout_giving (wallet_id, withheld_minor, fee_minor)
    select * from unnest(${list(wallets.map((one) => one.walletId))}::bigint[], ${list(wallets.map((one) => one.withheld))}::bigint[],
      ${list(wallets.map((one) => one.fee))}::bigint[])`;
}

/** Has the database write the payouts of a run, with all that the wallets give; how many lines they have. */
export async function writePayouts(tx: Connection, runId: number, retryOf: number | null): Promise<number> {
  const [row] = await tx.sql<{ lines: number }[]>`select write_payouts(${runId}, ${retryOf})::int as lines`;
  return row!.lines;
}

/** What stays in a wallet, and why; in minor units. */
export interface LeftOut {
  readonly walletId: number;
  readonly partnerId: number;
  readonly currency: string;
  readonly reason: string;
  readonly amount: bigint;
  readonly entries: number;
}

export async function insertPayoutSkips(tx: Connection, runId: number, left: readonly LeftOut[]): Promise<void> {
  await tx.sql`
    insert into payout_skips (run_id, wallet_id, partner_id, currency, reason, amount_minor, entries)
    select ${runId}, k.* from unnest(${list(left.map((one) => one.walletId))}::bigint[], ${list(left.map((one) => one.partnerId))}::bigint[],
      ${list(left.map((one) => one.currency))}::text[], ${list(left.map((one) => one.reason))}::text[],
      ${list(left.map((one) => one.amount))}::bigint[], ${list(left.map((one) => one.entries))}::bigint[]) k`;
}

/** Has the database complete the run now, as it otherwise would at the commit: so that its hash can be told. */
export async function completeRun(tx: Connection): Promise<void> {
  await tx.sql`set constraints all immediate`;
  await tx.sql`set constraints all deferred`;
}

export interface PayoutRunRow {
  readonly id: number;
  readonly cutoff: string;
  readonly scope: string;
  readonly payouts: number;
  readonly contentHash: string;
  readonly createdBy: string;
  readonly recordedAt: string;
  /** Checkers in the order in which they approved; the moment of the last, and their notes. */
  readonly approvedBy: readonly string[];
  readonly approvedAt: string | null;
  readonly note: string | null;
  readonly checks: RunChecksRow;
}

/** How many checkers a run has and wants; `over`: what it sends above a limit, in minor units. */
export interface RunChecksRow {
  readonly approvals: number;
  readonly wanted: number;
  readonly over: readonly { readonly currency: string; readonly sent: string; readonly limit: string }[];
}

export interface PayoutRunFilter {
  readonly id?: number | undefined;
  /** Only those with a payout in this status. */
  readonly status?: PayoutStatus | undefined;
  /** Cut-offs `[from, to)`. */
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
}

/** Runs, latest first. */
export async function payoutRuns(
  tx: Connection,
  filter: PayoutRunFilter & { limit: number; offset: number },
): Promise<PayoutRunRow[]> {
  return [
    ...(await tx.sql<PayoutRunRow[]>`
      select r.id::int, r.cutoff, r.scope, r.payouts, r.content_hash as "contentHash", r.created_by as "createdBy", r.recorded_at as "recordedAt",
        a."by" as "approvedBy", a.at as "approvedAt", a.note,
        to_json(c) as checks
      from (
        select * from payout_runs o
        where (${filter.id ?? null}::bigint is null or o.id = ${filter.id ?? null})
          and (${filter.status ?? null}::text is null or exists (select from payouts p where p.run_id = o.id and p.status = ${filter.status ?? null}))
          and (${filter.from ?? null}::date is null or o.cutoff >= ${filter.from ?? null}::date)
          and (${filter.to ?? null}::date is null or o.cutoff < ${filter.to ?? null}::date)
        order by o.id desc limit ${filter.limit} offset ${filter.offset}
      ) r
      join payout_run_checks c on c.run_id = r.id
      cross join lateral (
        select coalesce(json_agg(x.created_by order by x.recorded_at), '[]') as "by", max(x.recorded_at) as at, string_agg(x.note, '; ' order by x.recorded_at) as note
        from payout_approvals x where x.run_id = r.id
      ) a
      order by r.id desc`),
  ];
}

/** Payouts of runs, counted and summed by currency and status, in minor units. */
export interface RunSumRow {
  readonly runId: number;
  readonly currency: string;
  readonly status: PayoutStatus;
  readonly payouts: number;
  readonly gross: string;
  readonly withheld: string;
  readonly fee: string;
  readonly sent: string;
}

export async function runSums(tx: Connection, runIds: readonly number[]): Promise<RunSumRow[]> {
  return [
    ...(await tx.sql<RunSumRow[]>`
      select run_id::int as "runId", currency, status, count(*)::int as payouts, sum(gross_minor)::text as gross,
        sum(withheld_minor)::text as withheld, sum(fee_minor)::text as fee, sum(sent_minor)::text as sent
      from payouts where run_id = any (${list(runIds)}::bigint[])
      group by run_id, currency, status order by run_id, currency, status`),
  ];
}

export async function insertApproval(
  tx: Connection,
  approval: { runId: number; contentHash: string; note: string | null },
): Promise<void> {
  await tx.sql`insert into payout_approvals (run_id, content_hash, note) values (${approval.runId}, ${approval.contentHash}, ${approval.note})`;
}
