import { list } from '../arrays.ts';
import type { InstrumentKind } from '../../domain/instruments.ts';
import type { PayoutStatus } from '../../domain/payout-status.ts';
import type { Connection } from '../connection.ts';
import type { RunChecksRow } from './payout-runs.ts';

/** A payout; amounts in minor units as decimal integers. */
export interface PayoutRow {
  readonly id: number;
  readonly number: string;
  readonly runId: number;
  readonly cutoff: string;
  readonly partnerId: number;
  readonly partner: string;
  readonly partnerName: string;
  readonly currency: string;
  readonly gross: string;
  readonly withheld: string;
  readonly fee: string;
  readonly sent: string;
  readonly status: PayoutStatus;
  readonly lines: number;
  readonly retryOf: string | null;
  readonly retriedBy: string | null;
  readonly contentHash: string;
  readonly createdBy: string;
  readonly recordedAt: string;
  /** The version of the instrument it is paid to; null: by hand. */
  readonly instrument: { readonly version: number; readonly kind: InstrumentKind; readonly mask: string } | null;
}

export interface PayoutFilter {
  readonly numbers?: readonly string[] | undefined;
  readonly run?: number | undefined;
  readonly partner?: string | undefined;
  readonly statuses?: readonly PayoutStatus[] | undefined;
  readonly currency?: string | undefined;
  /** Cut-offs `[from, to)`. */
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
  /** By number, first to last, as runs and registers list them. */
  readonly ascending?: boolean | undefined;
}

/** Payouts, latest first unless asked for in the order of their numbers. */
export async function listPayoutRows(
  tx: Connection,
  filter: PayoutFilter,
  limit: number,
  offset: number,
): Promise<PayoutRow[]> {
  const numbers = filter.numbers === undefined ? null : JSON.stringify(filter.numbers);
  const statuses = filter.statuses === undefined ? null : list(filter.statuses);
  const direction = filter.ascending === true ? tx.sql`asc` : tx.sql`desc`;
  return [
    ...(await tx.sql<PayoutRow[]>`
      select p.id::int, p.number, p.run_id::int as "runId", p.cutoff, p.partner_id::int as "partnerId", a.code as partner, a.name as "partnerName", p.currency,
        p.gross_minor as gross, p.withheld_minor as withheld, p.fee_minor as fee, p.sent_minor as sent, p.status, p.lines::int as lines,
        o.number as "retryOf", n.number as "retriedBy", p.content_hash as "contentHash", p.created_by as "createdBy", p.recorded_at as "recordedAt",
        case when x.id is not null then json_build_object('version', x.version, 'kind', x.kind, 'mask', x.mask) end as instrument
      from (
        -- The page first: what stands beside each payout is looked for of these alone.
        select p.*, r.cutoff from payouts p join payout_runs r on r.id = p.run_id
        where (${filter.run ?? null}::bigint is null or p.run_id = ${filter.run ?? null})
          and (${filter.partner ?? null}::text is null or p.partner_id = (select id from partners where code = ${filter.partner ?? null}))
          and (${statuses}::text[] is null or p.status = any (${statuses}::text[]))
          and (${filter.currency ?? null}::text is null or p.currency = ${filter.currency ?? null})
          and (${filter.from ?? null}::date is null or r.cutoff >= ${filter.from ?? null}::date)
          and (${filter.to ?? null}::date is null or r.cutoff < ${filter.to ?? null}::date)
          and (${numbers}::json is null or p.number in (select json_array_elements_text(${numbers}::json)))
        order by p.id ${direction} limit ${limit} offset ${offset}
      ) p join partners a on a.id = p.partner_id
      left join instruments x on x.id = p.instrument_id
      left join payouts o on o.id = p.retry_of
      left join payouts n on n.retry_of = p.id
      order by p.id ${direction}`),
  ];
}

export interface PayoutWalletRow {
  readonly walletId: number;
  readonly instance: string;
  readonly gross: string;
  readonly withheld: string;
  readonly fee: string;
  readonly sent: string;
}

export async function payoutWalletRows(tx: Connection, payoutId: number): Promise<PayoutWalletRow[]> {
  return [
    ...(await tx.sql<PayoutWalletRow[]>`
      select w.wallet_id::int as "walletId", i.code as instance, w.gross_minor as gross, w.withheld_minor as withheld, w.fee_minor as fee,
        w.sent_minor as sent
      from payout_wallets w join ledger_accounts a on a.id = w.wallet_id join instances i on i.id = a.instance_id
      where w.payout_id = ${payoutId} order by w.wallet_id`),
  ];
}

/** What payouts that are drafted, approved or with the bank hold of each wallet of a partner. */
export interface OpenWalletRow {
  readonly number: string;
  readonly status: PayoutStatus;
  readonly instance: string;
  readonly currency: string;
  readonly gross: string;
  readonly entries: number;
  /** Of its run. */
  readonly checks: RunChecksRow;
}

export async function openPayoutWallets(tx: Connection, partnerId: number): Promise<OpenWalletRow[]> {
  return [
    ...(await tx.sql<OpenWalletRow[]>`
      select p.number, p.status, i.code as instance, p.currency, w.gross_minor as gross,
        (select count(*)::int from payout_lines l where l.payout_id = p.id and l.wallet_id = w.wallet_id) as entries,
        to_json(c) as checks
      from payouts p join payout_wallets w on w.payout_id = p.id join payout_run_checks c on c.run_id = p.run_id
      join ledger_accounts a on a.id = w.wallet_id join instances i on i.id = a.instance_id
      where p.partner_id = ${partnerId} and p.status in ('pending', 'ready', 'processing', 'unclaimed')
      order by i.code, p.currency, p.id`),
  ];
}

/** A final payout of which a wallet has something that no other has taken since. */
export interface ReopenedWalletRow {
  readonly number: string;
  readonly status: PayoutStatus;
  /** The bank's day, else the one it was posted on; null for what never left. */
  readonly on: string | null;
  readonly reason: string | null;
  readonly instance: string;
  readonly currency: string;
}

/** Payouts of a partner that failed, came back or were cancelled, not tried again, with lines that are open, latest first. */
export async function reopenedPayoutWallets(tx: Connection, partnerId: number): Promise<ReopenedWalletRow[]> {
  return [
    ...(await tx.sql<ReopenedWalletRow[]>`
      select p.number, p.status, coalesce(c.value_date, (select min(t.posting_date) from transfers t where t.posting_id = c.posting_id)) as "on", c.reason,
        i.code as instance, p.currency
      from payouts p
      cross join lateral (select * from payout_status_changes x where x.payout_id = p.id order by x.id desc limit 1) c
      join payout_wallets w on w.payout_id = p.id
      join ledger_accounts a on a.id = w.wallet_id join instances i on i.id = a.instance_id
      where p.partner_id = ${partnerId} and p.status in ('failed', 'returned', 'cancelled')
        and not exists (select from payouts r where r.retry_of = p.id)
        and exists (
          select from payout_lines l where l.payout_id = p.id and l.wallet_id = w.wallet_id and l.amount_minor > 0
            and not exists (select from payout_lines o where o.event_id = l.event_id and o.leg = l.leg and o.release_id is null))
      order by p.id desc`),
  ];
}

export interface PayoutLineRow {
  readonly payout: string;
  readonly currency: string;
  readonly entry: string;
  readonly occurredOn: string;
  readonly externalId: string;
  readonly instance: string;
  readonly kind: string;
  readonly amount: string;
  readonly released: boolean;
}

/** Lines of one payout, or of all of a run, in the order of payouts and entries. */
export async function payoutLineRows(
  tx: Connection,
  of: { payoutId: number } | { runId: number },
  limit: number,
  offset: number,
): Promise<PayoutLineRow[]> {
  const which =
    'runId' in of
      ? tx.sql`payout_id in (select id from payouts where run_id = ${of.runId})`
      : tx.sql`payout_id = ${of.payoutId}`;
  return [
    ...(await tx.sql<PayoutLineRow[]>`
      select p.number as payout, p.currency, l.event_id || '.' || l.leg as entry, e.occurred_on as "occurredOn", e.external_id as "externalId", i.code as instance, n.kind,
        l.amount_minor as amount, l.release_id is not null as released
      from (select * from payout_lines where ${which} order by payout_id, event_id, leg limit ${limit} offset ${offset}) l
      join payouts p on p.id = l.payout_id
      join entries n on n.event_id = l.event_id and n.leg = l.leg
      join revenue_events e on e.id = l.event_id join instances i on i.id = e.instance_id
      order by l.payout_id, l.event_id, l.leg`),
  ];
}

export interface PayoutStep {
  readonly at: string;
  readonly by: string;
  readonly status: string;
  readonly reason: string | null;
  readonly reference: string | null;
  readonly valueDate: string | null;
  readonly postingId: number | null;
}

/**
 * Everything that happened to a payout, in order: made, approved by a checker who was not the last, each change of status, each
 * attempt at sending it and what the provider said. An attempt is told behind the submission whose transaction it is of.
 */
export async function payoutSteps(tx: Connection, payoutId: number): Promise<PayoutStep[]> {
  return [
    ...(await tx.sql<PayoutStep[]>`
      select at, "by", status, reason, reference, "valueDate", "postingId" from (
        select p.recorded_at as at, p.created_by as "by", 'pending' as status, null as reason, null as reference, null::date as "valueDate",
          null::int as "postingId", 0 as rank, 0 as nth
        from payouts p where p.id = ${payoutId}
        union all
        select v.recorded_at, v.created_by, 'approved', v.note, null, null, null, 1, 0
        from payouts p join payout_approvals v on v.run_id = p.run_id
        where p.id = ${payoutId} and not exists (
          select from payout_status_changes c where c.payout_id = p.id
            and (c.status = 'ready' and c.created_by = v.created_by or c.from_status = 'pending' and c.recorded_at < v.recorded_at))
        union all
        select c.recorded_at, c.created_by, c.status, c.reason, c.reference, c.value_date, c.posting_id::int, 1, c.id
        from payout_status_changes c where c.payout_id = ${payoutId}
        union all
        select greatest(a.recorded_at, (
            select c.recorded_at from payout_status_changes c where c.payout_id = a.payout_id and c.transaction_id = a.transaction_id)),
          a.created_by, 'sent', 'attempt ' || a.nth || ' by ' || r.rail, a.key::text, null, null, 2, a.id
        from payout_attempts a join rail_profiles r on r.id = a.rail_profile_id where a.payout_id = ${payoutId}
        union all
        select o.recorded_at, o.created_by, 'answered', concat_ws(' ', 'attempt ' || a.nth || ': ' || o.outcome, o.code, o.message), o.provider_id, null, null, 0, o.id
        from payout_attempt_outcomes o join payout_attempts a on a.id = o.attempt_id where a.payout_id = ${payoutId}
      ) steps
      order by at, rank, nth`),
  ];
}

export interface SkipRow {
  readonly runId: number;
  readonly cutoff: string;
  readonly partner: string;
  readonly instance: string;
  readonly currency: string;
  readonly reason: string;
  readonly amount: string;
  readonly entries: number;
}

/** What runs left out: of one run, or of a partner in the last run that left any of it out. Default all of it. */
export async function skipRows(
  tx: Connection,
  of: { run: number } | { partnerId: number },
  limit: number | null = null,
): Promise<SkipRow[]> {
  const which =
    'run' in of
      ? tx.sql`k.run_id = ${of.run}`
      : tx.sql`k.partner_id = ${of.partnerId} and k.run_id = (select max(run_id) from payout_skips where partner_id = ${of.partnerId})`;
  return [
    ...(await tx.sql<SkipRow[]>`
      select k.run_id::int as "runId", r.cutoff, p.code as partner, i.code as instance, k.currency, k.reason, k.amount_minor as amount, k.entries::int
      from payout_skips k join payout_runs r on r.id = k.run_id join ledger_accounts a on a.id = k.wallet_id join instances i on i.id = a.instance_id
      join partners p on p.id = k.partner_id
      where ${which} order by i.code, k.currency, k.reason limit ${limit}`),
  ];
}
