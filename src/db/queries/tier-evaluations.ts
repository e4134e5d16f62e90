import type { TierPolicy, TierVerdict } from '../../domain/tiers/evaluate.ts';
import type { CountedAmount } from '../../domain/tiers/revenue.ts';
import type { Connection } from '../connection.ts';
import type { Fence } from './decision-chunks.ts';
import { list } from '../arrays.ts';
import { idleLimit } from './job-runs.ts';
import type { Page } from './order.ts';

/** One writer of tiers at a time looks and writes; held to the end of the transaction. */
export async function lockTiers(tx: Connection): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended('revshare.tiers.' || current_schema(), 0))`;
}

/** What an evaluation found and said. */
export interface NewEvaluation extends TierVerdict {
  readonly partnerId: number;
  readonly amounts: readonly CountedAmount[];
  readonly revenue: bigint;
  readonly customers: number;
  readonly tierFrom: string | null;
  readonly since: string | null;
  readonly missesBefore: number;
  readonly pinId: number | null;
  readonly effectiveOn: string;
}

/**
 * Stores evaluations of one month-end in one statement, guarded by the run's lease, which it renews: a worker whose run was
 * taken over stores nothing. Returns their ids in their order, or 'lost'.
 */
export async function insertEvaluations(
  tx: Connection,
  run: Fence & { readonly knownSeq: number },
  { evaluatedOn, policy }: { readonly evaluatedOn: string; readonly policy: TierPolicy },
  found: readonly NewEvaluation[],
): Promise<number[] | 'lost'> {
  const rows = found.map(({ amounts, revenue, ...rest }) => ({
    ...rest,
    revenue: String(revenue),
    amounts: amounts.map((amount) => ({ ...amount, minor: String(amount.minor) })),
  }));
  const made = await tx.sql<{ id: number }[]>`
    with fence as (
      update job_runs set lease_until = clock_timestamp() + make_interval(secs => ${run.leaseSeconds})
      where id = ${run.id} and status = 'running' and lease_until > clock_timestamp() returning id
    )
    insert into tier_evaluations (run_id, partner_id, evaluated_on, known_seq, window_months, amounts, revenue_minor, customers, tier_from,
      since, misses_before, pin_id, effective_on, mode, grace, tenure_months, qualifies_for, verdict, tier_to, misses)
    select fence.id, x."partnerId", ${evaluatedOn}::date, ${run.knownSeq}::bigint, ${policy.months}::smallint, x.amounts, x.revenue, x.customers, x."tierFrom",
      x.since, x."missesBefore", x."pinId", x."effectiveOn", ${policy.mode}, ${policy.grace}::smallint, ${policy.tenureMonths}::smallint,
      x."qualifiesFor", x.verdict, x.tier, x.misses
    from fence, rows from (json_to_recordset(${JSON.stringify(rows)}::json) as ("partnerId" bigint, amounts jsonb, revenue bigint, customers int,
      "tierFrom" text, since date, "missesBefore" smallint, "pinId" bigint, "effectiveOn" date, "qualifiesFor" text, verdict text, tier text,
      misses smallint)) with ordinality x
    order by x.ordinality returning id::int`;
  await tx.sql`select ${idleLimit(tx, run.leaseSeconds)}`;
  return made.length === 0 ? 'lost' : made.map(({ id }) => id);
}

/** A tier that a partner has from a day on, and what says so. */
export interface TierMove {
  readonly partnerId: number;
  readonly tier: string;
  readonly from: string;
  readonly evaluationId: number | null;
  readonly pinId: number | null;
}

/**
 * Gives partners the tiers they have from a day on, under a number of this transaction; what they had before that day stays.
 * Two statements, because what the first retires the guard of the second has to see. Days are compared in a way that no
 * index of ranges answers: asked of it, the days of all partners would be read for each of them.
 */
export async function moveTiers(tx: Connection, moves: readonly TierMove[], knownSeq: number): Promise<void> {
  const meant = tx.sql`unnest(${list(moves.map(({ partnerId }) => partnerId))}::bigint[], ${list(moves.map(({ tier }) => tier))}::text[],
    ${list(moves.map(({ from }) => from))}::date[], ${list(moves.map(({ evaluationId }) => evaluationId))}::bigint[],
    ${list(moves.map(({ pinId }) => pinId))}::bigint[]) m (partner_id, tier, starts_on, evaluation_id, pin_id)`;
  await tx.sql`
    update partner_tiers t set retired_seq = ${knownSeq} from ${meant}
    where t.partner_id = m.partner_id and t.retired_seq is null and not t.valid << daterange(m.starts_on, null)`;
  await tx.sql`
    insert into partner_tiers (partner_id, tier, valid, known_seq, evaluation_id, pin_id)
    select t.partner_id, t.tier, daterange(lower(t.valid), m.starts_on), ${knownSeq}::bigint, t.evaluation_id, t.pin_id
    from ${meant} join partner_tiers t on t.partner_id = m.partner_id and t.retired_seq = ${knownSeq}
    where not t.valid >> daterange(null, m.starts_on)
    union all
    select m.partner_id, m.tier, daterange(m.starts_on, null), ${knownSeq}, m.evaluation_id, m.pin_id from ${meant}`;
}

export async function insertApproval(tx: Connection, evaluationId: number, effectiveOn: string): Promise<void> {
  await tx.sql`insert into tier_approvals (evaluation_id, effective_on) values (${evaluationId}, ${effectiveOn})`;
}

export interface NewPin {
  readonly partnerId: number;
  readonly tier: string;
  readonly startsOn: string;
  readonly until: string;
  readonly reason: string;
}

export async function insertPin(tx: Connection, pin: NewPin): Promise<number> {
  const [row] = await tx.sql<{ id: number }[]>`
    insert into tier_pins (partner_id, tier, starts_on, until, reason)
    values (${pin.partnerId}, ${pin.tier}, ${pin.startsOn}, ${pin.until}, ${pin.reason}) returning id::int`;
  return row!.id;
}

export async function releasePin(tx: Connection, pinId: number, reason: string): Promise<void> {
  await tx.sql`insert into tier_pin_releases (pin_id, reason) values (${pinId}, ${reason})`;
}

/** An evaluation as it was stored, and what became of it. */
export interface EvaluationRow extends Omit<NewEvaluation, 'amounts'> {
  readonly id: number;
  readonly partner: string;
  readonly evaluatedOn: string;
  readonly currency: string;
  readonly amounts: readonly { readonly currency: string; readonly minor: string; readonly rate: string | null }[];
  readonly policy: TierPolicy;
  /** From when on a person let a recommended move count; null where nobody did, or none was needed. */
  readonly approvedFrom: string | null;
  readonly approvedBy: string | null;
  /** Whether it recommends a move that can be approved still. */
  readonly open: boolean;
  readonly createdBy: string;
  readonly recordedAt: string;
}

export interface EvaluationFilter {
  readonly partnerId?: number | undefined;
  readonly verdict?: TierVerdict['verdict'] | undefined;
  /** Only recommendations that can be approved still. */
  readonly open?: boolean | undefined;
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
}

/** Evaluations, latest month-end first. */
export async function selectEvaluations(
  tx: Connection,
  filter: EvaluationFilter,
  page: Page,
): Promise<EvaluationRow[]> {
  const { partnerId = null, verdict = null, open = false, from = null, to = null } = filter;
  const rows = await tx.sql<
    (Omit<EvaluationRow, 'revenue' | 'policy'> & {
      revenue: string;
      mode: TierPolicy['mode'];
      months: TierPolicy['months'];
      grace: number;
      tenureMonths: number;
    })[]
  >`
    select * from (
      select e.id::int, e.partner_id::int as "partnerId", p.code as partner, e.evaluated_on as "evaluatedOn", g.currency, e.amounts, e.revenue_minor::text as revenue,
        e.customers, e.tier_from as "tierFrom", e.since, e.misses_before::int as "missesBefore", e.pin_id::int as "pinId", e.effective_on as "effectiveOn",
        e.mode, e.window_months::int as months, e.grace::int, e.tenure_months::int as "tenureMonths", e.qualifies_for as "qualifiesFor", e.verdict,
        e.tier_to as tier, e.misses::int, a.effective_on as "approvedFrom", a.created_by as "approvedBy", e.created_by as "createdBy", e.recorded_at as "recordedAt",
        e.mode = 'recommend' and e.verdict in ('up', 'down') and a.evaluation_id is null
          and not exists (select from tier_evaluations l where l.partner_id = e.partner_id and l.evaluated_on > e.evaluated_on)
          and not exists (select from open_tier_pins o where o.partner_id = e.partner_id and o.until >= e.effective_on and o.recorded_at > e.recorded_at)
          -- a pin that is released has moved it all the same
          and not exists (select from partner_tiers t where t.partner_id = e.partner_id and t.retired_seq is null and upper_inf(t.valid)
            and (t.tier, lower(t.valid)) is distinct from (e.tier_from, e.since)) as open
      from tier_evaluations e join partners p on p.id = e.partner_id left join tier_approvals a on a.evaluation_id = e.id cross join programme g
      where (${partnerId}::bigint is null or e.partner_id = ${partnerId}) and (${verdict}::text is null or e.verdict = ${verdict})
        and (${from}::date is null or e.evaluated_on >= ${from}::date) and (${to}::date is null or e.evaluated_on < ${to}::date)
    ) f where not ${open}::boolean or f.open
    order by "evaluatedOn" desc, partner collate "C" limit ${page.limit} offset ${page.offset}`;
  return rows.map(({ mode, months, grace, tenureMonths, revenue, ...row }) => ({
    ...row,
    revenue: BigInt(revenue),
    policy: { mode, months, grace, tenureMonths },
  }));
}

/** A tier of a partner over some days, and what made it so. */
export interface PartnerTierRow {
  readonly tier: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly cause: 'beginning' | 'evaluation' | 'approval' | 'pin';
  readonly createdBy: string;
  readonly recordedAt: string;
}

/** The tiers a partner had, has and will have, in the order of their days. */
export async function partnerTierDays(tx: Connection, partnerId: number): Promise<PartnerTierRow[]> {
  return [
    ...(await tx.sql<PartnerTierRow[]>`
      select t.tier, lower(t.valid) as "from", upper(t.valid) as "to",
        case when t.pin_id is not null then 'pin' when a.evaluation_id is not null then 'approval' when t.evaluation_id is not null then 'evaluation' else 'beginning' end as cause,
        coalesce(n.created_by, a.created_by, e.created_by, t.created_by) as "createdBy", coalesce(n.recorded_at, a.recorded_at, e.recorded_at, t.recorded_at) as "recordedAt"
      from partner_tiers t left join tier_pins n on n.id = t.pin_id left join tier_evaluations e on e.id = t.evaluation_id
      left join tier_approvals a on a.evaluation_id = t.evaluation_id
      where t.partner_id = ${partnerId} and t.retired_seq is null order by t.valid`),
  ];
}

export interface PinRow {
  readonly id: number;
  readonly tier: string;
  readonly startsOn: string;
  readonly until: string;
  readonly reason: string;
  readonly createdBy: string;
  readonly recordedAt: string;
  readonly releasedAt: string | null;
  readonly releasedBy: string | null;
  readonly releaseReason: string | null;
}

/** Every pin a partner ever had, latest first. */
export async function partnerPins(tx: Connection, partnerId: number): Promise<PinRow[]> {
  return [
    ...(await tx.sql<PinRow[]>`
      select p.id::int, p.tier, p.starts_on as "startsOn", p.until, p.reason, p.created_by as "createdBy", p.recorded_at as "recordedAt",
        r.recorded_at as "releasedAt", r.created_by as "releasedBy", r.reason as "releaseReason"
      from tier_pins p left join tier_pin_releases r on r.pin_id = p.id where p.partner_id = ${partnerId} order by p.id desc`),
  ];
}
