import {
  eventCalled,
  eventsInScope,
  inScope,
  money,
  roundedQuotient,
  salesInScope,
  sourceCalled,
  type DoctorCheck,
  type DoctorScope,
  type Scan,
} from './doctor.ts';
import { isWaiting } from './waiting-events.ts';

/** The cumulative target of each sale, computed a second time from its events (SEMANTICS §4). */

/**
 * Every decided event of the sales that the scope touches, whichever chunk decided it, and its entries. For a posting
 * each is looked up by its index, one sale after the other: OFFSET 0 keeps the planner, who may know nothing of these
 * tables yet, from reading them whole instead.
 */
const eventsOfTouched = (scope: DoctorScope): string =>
  scope.decided === null
    ? 'revenue_events e'
    : `${salesInScope(scope)} t
        cross join lateral (select * from revenue_events o where o.sale_id = t.id and o.sale_id is not null offset 0) e`;

const entriesOf = (scope: DoctorScope, event: string): string =>
  scope.decided === null
    ? `join entries n on n.event_id = ${event}.id`
    : `cross join lateral (select * from entries m where m.event_id = ${event}.id offset 0) n`;

/** A share of a sale: what its decided events posted to it, what the first of them froze, and what it should have. */
const shares: Scan = {
  name: 'shares of sales',
  rows: (scope) => `from (
      with decided as materialized (
        select e.id, e.sale_id, e.kind, e.net_minor, e.voids_id
        from ${eventsOfTouched(scope)} join event_batches b on b.id = e.batch_id
        where e.sale_id is not null and e.id <= b.decided_to and not ${isWaiting('e')}
      ),
      again as (
        select sale_id, max(id) as id from decided where kind in ('rerate', 'reattribution') group by sale_id
      ),
      sums as (
        select sale_id,
          coalesce(sum(net_minor) filter (where kind in ('payment', 'chargeback_won', 'opening')), 0) as received,
          -coalesce(sum(net_minor) filter (where kind in ('refund', 'chargeback')), 0) as returned,
          -coalesce(sum(net_minor) filter (where kind in ('credit_note', 'adjustment')), 0) as credited
        from decided
        -- what was voided counts as nothing, and a settled orphan has posted elsewhere
        where id not in (select voids_id from decided where voids_id is not null)
          and not exists (select from revenue_events t where t.regards_id = decided.id and t.kind = 'adjustment' offset 0)
        group by sale_id
      ),
      shares as (
        -- what was rated again holds what that froze
        select e.sale_id, n.leg, sum(n.amount_minor) as posted, max(n.full_minor) filter (where r.id is null or e.id = r.id) as frozen,
          bool_and(r.id is null) and (min(n.full_minor) <> max(n.full_minor) or min(n.base_minor) <> max(n.base_minor) or min(n.known_seq) <> max(n.known_seq)
            or min(n.wallet_id) <> max(n.wallet_id) or min(n.rule_version_id) <> max(n.rule_version_id)
            or min(n.rate_ppm) <> max(n.rate_ppm) or min(n.tier) <> max(n.tier)
            or count(n.rule_version_id) not in (0, count(*)) or count(n.wallet_id) not in (0, count(*))) as differ
        from decided e ${entriesOf(scope, 'e')} left join again r on r.sale_id = e.sale_id
        where n.reason is distinct from 'sale_unknown' group by e.sale_id, n.leg
      )
      select s.sale_ref, s.source_id, s.currency, s.sale_net_minor, l.leg, l.posted, l.frozen, l.differ,
        greatest(0, least(coalesce(f.received - f.returned, 0), s.sale_net_minor - coalesce(f.credited, 0), s.sale_net_minor)) as collected
      from shares l left join sums f on f.sale_id = l.sale_id join ${salesInScope(scope)} s on s.id = l.sale_id
    ) s
    cross join lateral (
      select case when s.frozen = 0 or s.sale_net_minor = 0 then 0 else ${roundedQuotient('(s.frozen::numeric * s.collected)', 's.sale_net_minor')} end as target
    ) t where true`,
  called: `'sale ' || ${sourceCalled('s.source_id')} || '/' || s.sale_ref || case when s.leg = 0 then '' else ', leg ' || s.leg end`,
};

/** Decided as unknown although an earlier decision already knew its sale: what a sale knows it never forgets. */
const unknowns: Scan = {
  name: 'unknown sales',
  rows: (scope) => `from entries n join revenue_events e on e.id = n.event_id and ${eventsInScope(scope, 'e')}
    where n.reason = 'sale_unknown' and ${inScope(scope, 'n')}`,
  called: `'entry of ' || ${eventCalled('e')}`,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight' | 'perPosting'>): DoctorCheck => ({
  group: 'sales',
  weight: 'difference',
  perPosting: true,
  ...one,
});

export const salesChecks: readonly DoctorCheck[] = [
  check({
    name: 'sale_target',
    proves: 'what a sale’s events posted is its full share × collected ÷ sale net, rounded half away from zero (§4)',
    scan: shares,
    offends: `s.posted <> t.target`,
    says: `'posted ' || ${money('s.posted', 's.currency')} || ', recomputed ' || ${money('t.target', 's.currency')} || ': full '
      || ${money('s.frozen', 's.currency')} || ', collected ' || ${money('s.collected', 's.currency')} || ' of ' || ${money('s.sale_net_minor', 's.currency')}`,
  }),
  check({
    name: 'sale_frozen',
    proves: 'all events of a sale hold the terms that its first decision froze (§2, §4)',
    scan: shares,
    offends: `s.differ`,
    says: `'its entries hold different terms'`,
  }),
  check({
    name: 'sale_unknown',
    proves:
      'only an event of a sale can wait for its sale, and it waits before any event of that sale is decided by it (§4)',
    scan: unknowns,
    offends: `e.sale_id is null or n.amount_minor <> 0 or exists (
      select from revenue_events o cross join lateral (select * from entries x where x.event_id = o.id offset 0) m
      where o.sale_id = e.sale_id and m.reason is distinct from 'sale_unknown' and m.chunk_id < n.chunk_id)`,
    says: `case when e.sale_id is null then 'names no sale' else 'its sale was known before' end`,
  }),
];
