import type { Connection } from '../connection.ts';
import { list } from '../arrays.ts';

/** What evaluations of tiers ask the books; everything here reads only. Source: SEMANTICS §8. */

/** The last business date whose sales are decided, or are being decided now. */
export async function lastAccruedOn(tx: Connection): Promise<string | null> {
  const [row] = await tx.sql<{ day: string | null }[]>`select last_accrued_on() as day`;
  return row?.day ?? null;
}

export interface EvaluatedPartner {
  readonly id: number;
  readonly code: string;
}

/**
 * Who is to be evaluated at a month-end: whoever may earn and had a contract by then, and was not evaluated for it or a
 * later one yet. In the order of their ids; one of them, where one is asked about.
 */
export async function partnersToEvaluate(
  tx: Connection,
  monthEnd: string,
  partnerId: number | null,
): Promise<EvaluatedPartner[]> {
  return [
    ...(await tx.sql<EvaluatedPartner[]>`
      select p.id::int, p.code from partners p
      where not p.house and p.status in ('active', 'inactive', 'suspended') and (p.contract_from is null or p.contract_from <= ${monthEnd})
        and (${partnerId}::bigint is null or p.id = ${partnerId})
        and not exists (select from tier_evaluations e where e.partner_id = p.id and e.evaluated_on >= ${monthEnd})
      order by p.id`),
  ];
}

export interface PartnerMeasures {
  /** Payments less returns, by the currency they were made in. */
  readonly amounts: readonly { readonly currency: string; readonly minor: bigint }[];
  readonly customers: number;
}

/**
 * Of each partner, what was paid less what went back on the days [from, to), by the day it happened, and how many of the
 * accounts it has at the end of them paid. Whose a payment is, its sale's date says; of a shared account a partner counts its
 * share of the revenue, and the account. What was voided counts nothing. In one pass over the events of those days.
 * @param tx a transaction: the planner thinks that agreements by range are few, and would look through all of them for each
 *   payment, so that it is told for this statement to join by hash
 */
export async function tierMeasures(
  tx: Connection,
  days: { readonly from: string; readonly to: string },
  knownSeq: number,
  partnerId: number | null = null,
): Promise<Map<number, PartnerMeasures>> {
  const known = (alias: string) =>
    tx.sql.unsafe(
      `${alias}.known_seq <= ${knownSeq} and (${alias}.retired_seq is null or ${alias}.retired_seq > ${knownSeq})`,
    );
  await tx.sql`select set_config('enable_nestloop', 'off', true)`;
  const rows = (await tx.sql`
    with moved as materialized (
      select e.instance_id, e.account_id, e.currency, e.net_minor, e.kind, coalesce(s.sale_date, e.occurred_on) as sold_on
      from event_batches b
      join revenue_events e on e.id between b.first_id and b.last_id
      left join sales s on s.id = e.sale_id
      where b.origin in ('import', 'record') and b.first_on < ${days.to} and b.last_on >= ${days.from}
        and e.occurred_on >= ${days.from} and e.occurred_on < ${days.to}
        and e.kind in ('payment', 'refund', 'chargeback', 'chargeback_won')
        and not exists (select from revenue_events v where v.voids_id = e.id and v.voids_id is not null)
        and (${partnerId}::bigint is null or e.instance_id in (select instance_id from agreements where partner_id = ${partnerId})
          or e.account_id in (select account_id from account_slots where partner_id = ${partnerId}))
    ), earned as (
      select coalesce(l.partner_id, a.partner_id) as partner_id, m.currency, round(sum(m.net_minor::numeric * coalesce(l.share_ppm, 1000000)) * 0.000001) as minor
      from moved m
      left join account_slots l on l.account_id = m.account_id and l.valid @> m.sold_on and ${known('l')}
      left join agreements a on l.id is null and a.instance_id = m.instance_id and a.valid @> m.sold_on and ${known('a')}
      group by 1, 2
    ), paying as (
      select distinct instance_id, account_id from moved where kind = 'payment' and account_id is not null
    ), has as (
      select coalesce(l.partner_id, a.partner_id) as partner_id, count(distinct p.account_id)::int as customers
      from paying p
      left join account_slots l on l.account_id = p.account_id and l.valid @> (${days.to}::date - 1) and ${known('l')}
      left join agreements a on l.id is null and a.instance_id = p.instance_id and a.valid @> (${days.to}::date - 1) and ${known('a')}
      group by 1
    )
    select coalesce(e.partner_id, h.partner_id)::int as partner_id, e.currency, e.minor, coalesce(h.customers, 0) as customers
    from earned e full join has h on h.partner_id = e.partner_id
    where coalesce(e.partner_id, h.partner_id) is not null
      and (${partnerId}::bigint is null or coalesce(e.partner_id, h.partner_id) = ${partnerId})
    order by 1, e.currency collate "C"`.values()) as (string | null)[][];
  await tx.sql`select set_config('enable_nestloop', 'on', true)`;
  const measures = new Map<number, { amounts: { currency: string; minor: bigint }[]; customers: number }>();
  for (const [partner, currency, minor, customers] of rows) {
    const known = measures.get(Number(partner)) ?? { amounts: [], customers: Number(customers) };
    if (currency != null) known.amounts.push({ currency, minor: BigInt(minor!) });
    measures.set(Number(partner), known);
  }
  return measures;
}

/** Where a partner stands, as the books say now. */
export interface StandingRow {
  readonly partnerId: number;
  readonly tier: string | null;
  readonly rank: number;
  readonly since: string | null;
  /** Of the evaluation before, if it found the partner in this tier. */
  readonly misses: number;
  readonly pin: { readonly id: number; readonly until: string } | null;
}

export async function tierStandings(tx: Connection, partnerIds: readonly number[]): Promise<Map<number, StandingRow>> {
  const rows = await tx.sql<(Omit<StandingRow, 'pin'> & { pinId: number | null; pinUntil: string | null })[]>`
    select w.id::int as "partnerId", t.tier, coalesce(r.rank, 0)::int as rank, lower(t.valid) as since,
      case when e.misses is null then opened_misses(w.id, t.tier) when e.tier_from = t.tier then e.misses else 0 end::int as misses, p.id::int as "pinId", p.until as "pinUntil"
    from unnest(${list(partnerIds)}::bigint[]) w (id)
    left join lateral (select t.tier, t.valid from partner_tiers t
      where t.partner_id = w.id and t.retired_seq is null and upper_inf(t.valid) limit 1) t on true
    left join tiers r on r.code = t.tier
    left join lateral (select e.tier_from, e.misses from tier_evaluations e where e.partner_id = w.id order by e.evaluated_on desc limit 1) e on true
    left join lateral (select p.id, p.until from open_tier_pins p where p.partner_id = w.id order by p.until desc limit 1) p on true`;
  return new Map(
    rows.map(({ pinId, pinUntil, ...row }) => [
      row.partnerId,
      { ...row, pin: pinId === null ? null : { id: pinId, until: pinUntil! } },
    ]),
  );
}
