import { TERMS } from './doctor-entries.ts';
import { eventCalled, money, ofMillionths, roundedQuotient, type DoctorCheck, type Scan } from './doctor.ts';
import { isWaiting } from './waiting-events.ts';

/** What rating counts over, computed a second time from the sales: windows, clocks, what all shares of a sale come to (§3, §4). */

const windowCalled = (row: string): string =>
  `'window of rule ' || ${row}.rule_id || ' for ' || ${row}.owner_id || ' from ' || ${row}.starts_on || ' in ' || ${row}.currency`;

/** What occupies a window: a sale, or an event that is its own; a void gives back what the event that it takes back took. */
const SOLD = 'coalesce(e.sale_id, -coalesce(e.voids_id, e.id))';

/** Each move beside the one before and after it in its window, its entry, and the window that entry says. */
const moves: Scan = {
  name: 'moves of windows',
  rows: () => `from (
      select m.*, lag(m.ordinal) over w as before, lag(m.base_after_minor, 1, 0) over w as base_before,
        lag(m.full_after_minor, 1, 0) over w as full_before, lag(m.event_id) over w as event_before, lead(m.event_id) over w as event_after,
        row_number() over (partition by m.rule_id, m.owner_id, m.currency, m.starts_on, ${SOLD}, m.leg order by m.ordinal) as nth,
        e.sale_id, e.instance_id, coalesce(o.account_id, e.account_id) as account_id, coalesce(o.occurred_on, e.occurred_on) as sold_on,
        e.currency as event_currency, e.source_id, e.external_id
      from window_moves m join revenue_events e on e.id = m.event_id
      left join revenue_events o on o.id = e.voids_id and e.voids_id is not null
      window w as (partition by m.rule_id, m.owner_id, m.currency, m.starts_on order by m.ordinal)
    ) m
    left join entries n on n.event_id = m.event_id and n.leg = m.leg
    left join rule_versions v on v.id = n.rule_version_id
    left join ledger_accounts l on l.id = n.wallet_id
    left join sales s on s.id = m.sale_id
    left join entries o on o.event_id = m.event_after and o.leg = m.leg and o.kind = 'true_up' where true`,
  called: `${windowCalled('m')} || ', move ' || m.ordinal || ' by ' || ${eventCalled('m')}`,
};

/**
 * What each share of a sale occupies of a window, by its moves and by the sale's events. What was converted counts by its
 * base alone: a rule that converts has no cap, and no window counts in two currencies.
 */
const uses: Scan = {
  name: 'uses of windows',
  rows: () => `from (
      select m.rule_id, m.owner_id, m.currency, m.starts_on, ${SOLD} as sold, m.leg, max(e.sale_id) as sale_id,
        sum(m.base_minor) as base, sum(m.full_minor) as used_full, max(n.base_minor) as frozen_base, max(case when n.fx_rate is null then n.full_minor else 0 end) as frozen_full,
        bool_or(v.bracket_mode = 'whole') as whole, max(e.net_minor) as net, bool_or(e.kind = 'void') as voided
      from window_moves m join revenue_events e on e.id = m.event_id
      join entries n on n.event_id = m.event_id and n.leg = m.leg join rule_versions v on v.id = n.rule_version_id
      group by 1, 2, 3, 4, 5, 6 having not bool_or(n.kind in ('true_up', 'rerate', 'reattribution'))
    ) u
    left join sales s on s.id = u.sale_id
    left join lateral (
      select coalesce(sum(e.net_minor) filter (where e.kind in ('payment', 'chargeback_won')), 0) as received,
        -coalesce(sum(e.net_minor) filter (where e.kind in ('refund', 'chargeback')), 0) as returned,
        -coalesce(sum(e.net_minor) filter (where e.kind in ('credit_note', 'adjustment')), 0) as credited
      from revenue_events e join event_batches b on b.id = e.batch_id
      where e.sale_id = u.sale_id and e.id <= b.decided_to and not ${isWaiting('e')} and not exists (
        select from revenue_events x join event_batches y on y.id = x.batch_id
        where x.voids_id = e.id and x.id <= y.decided_to and not ${isWaiting('x')})
    ) f on true
    cross join lateral (
      select case when u.sale_id is null then case when u.voided then 0 else u.net end
        when u.whole then greatest(0, least(f.received - f.returned, s.sale_net_minor - f.credited, s.sale_net_minor))
        else greatest(0, s.sale_net_minor - greatest(f.credited,
          least(f.received, s.sale_net_minor) - greatest(0, least(f.received - f.returned, s.sale_net_minor)))) end as part,
        coalesce(s.sale_net_minor, u.net) as net
    ) t where true`,
  called: `${windowCalled('u')} || ', ' || coalesce('sale ' || s.sale_ref, 'event ' || -u.sold) || case when u.leg = 0 then '' else ', leg ' || u.leg end`,
};

/** The clock of each account beside its first paid sale. */
const clocks: Scan = {
  name: 'clocks',
  rows: () => `from first_paid_sales f
    full join account_terms a on a.account_id = f.account_id
    join accounts c on c.id = coalesce(f.account_id, a.account_id) join instances i on i.id = c.instance_id
    left join rule_versions v on v.id = f.rule_version_id
    where not exists (select from opening_accounts o where o.account_id = c.id)`,
  called: `'account ' || i.code || '/' || c.code`,
};

/** All shares of an event's sale together, where the programme caps them. */
const shares: Scan = {
  name: 'shares together',
  rows: () => `from (
      select n.event_id, sum(abs(n.full_minor)) as fulls, min(n.known_seq) as known_seq
      from entries n where exists (select from settings where name = 'share_cap_ppm') group by n.event_id having bool_and(n.fx_rate is null)
    ) c
    join entries n on n.event_id = c.event_id and n.leg = (select min(leg) from entries x where x.event_id = c.event_id)
    join revenue_events e on e.id = n.event_id
    left join sales s on s.id = e.sale_id ${TERMS}
    join settings p on p.name = 'share_cap_ppm' and p.instance_id is null and p.valid @> t.rated_on
      and p.known_seq <= c.known_seq and (p.retired_seq is null or p.retired_seq > c.known_seq) where t.rated`,
  called: `'shares of ' || ${eventCalled('e')}`,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight'>): DoctorCheck => ({
  group: 'windows',
  weight: 'difference',
  ...one,
});

export const windowChecks: readonly DoctorCheck[] = [
  check({
    name: 'window_chain',
    proves: 'the moves of a window follow each other without a gap, each beginning where the one before ended (§3)',
    scan: moves,
    offends: `m.ordinal <> coalesce(m.before + 1, 1) or m.base_after_minor <> m.base_before + m.base_minor
      or m.full_after_minor <> m.full_before + m.full_minor`,
    says: `'is ' || m.base_after_minor || ' and ' || m.full_after_minor || ' after ' || m.base_before || ' and ' || m.full_before`,
  }),
  check({
    name: 'window_of_entry',
    proves: 'a move is its entry’s, in the window that the rule version says of the sale (§3)',
    scan: moves,
    offends: `n.event_id is null or n.chunk_id <> m.chunk_id or m.currency <> m.event_currency
      or (n.kind not in ('true_up', 'rerate', 'reattribution') and (v.rule_id is distinct from m.rule_id
        or m.owner_id is distinct from case v.window_per when 'partner' then l.partner_id when 'instance' then m.instance_id
          else case when s.id is null then m.account_id else s.account_id end end
        or m.starts_on is distinct from window_start(v.window_kind, case when s.id is null then m.sold_on else coalesce(s.sale_date, s.first_payment_on) end)))`,
    says: `case when n.event_id is null then 'has no entry' else 'its entry says rule ' || coalesce(v.rule_id::text, 'none') || ' from '
      || coalesce(window_start(v.window_kind, m.sold_on)::text, 'no day') end`,
  }),
  check({
    name: 'window_position',
    proves: 'the first decision of a sale froze where it found the window (§4)',
    scan: moves,
    offends: `m.nth = 1 and m.event_before is distinct from m.event_id and n.kind not in ('true_up', 'rerate', 'reattribution')
      and (n.window_base_minor is distinct from m.base_before or n.window_full_minor is distinct from m.full_before)`,
    says: `'found ' || coalesce(n.window_base_minor::text, 'nothing') || ', the window stood at ' || m.base_before`,
  }),
  check({
    name: 'window_use',
    proves:
      'a sale occupies of its window what stands of it, or under whole brackets what was collected, recomputed (§4)',
    scan: uses,
    offends: `t.net > 0 and (u.base <> ${roundedQuotient('(u.frozen_base::numeric * t.part)', 't.net')} or u.used_full <> ${roundedQuotient('(u.frozen_full::numeric * t.part)', 't.net')})`,
    says: `${money('u.base', 'u.currency')} || ', recomputed ' || ${money(roundedQuotient('(u.frozen_base::numeric * t.part)', 't.net'), 'u.currency')}`,
  }),
  check({
    name: 'window_trued_up',
    proves: 'a true-up leaves a window with what its whole base earns (§4)',
    scan: moves,
    // Where sales of other brackets share the window, the moves alone cannot tell.
    offends: `n.kind = 'true_up' and o.event_id is null and m.full_after_minor <> round(${ofMillionths('m.base_after_minor::numeric * n.rate_ppm')})
      and not exists (select from window_moves x join entries y on y.event_id = x.event_id and y.leg = x.leg
        join rule_versions z on z.id = y.rule_version_id where x.rule_id = m.rule_id and x.owner_id = m.owner_id and x.currency = m.currency
          and x.starts_on = m.starts_on and z.bracket_mode is distinct from 'whole')`,
    says: `'has posted ' || ${money('m.full_after_minor', 'm.currency')} || ' on a base of ' || ${money('m.base_after_minor', 'm.currency')}`,
  }),
  check({
    name: 'clock_started',
    proves:
      'an account’s clock is that of its first paid sale and of the rule that decided it, once any rule limits accounts (§3)',
    scan: clocks,
    offends: `case when a.account_id is null then exists (select from rule_versions x where x.first_sale_only or x.earning_months is not null)
        and exists (select from decision_chunks k where k.id = f.chunk_id and k.known_seq >= (
          select min(x.known_seq) from rule_versions x where x.first_sale_only or x.earning_months is not null))
      else f.event_id is distinct from a.event_id or f.first_sale_on <> a.first_sale_on
        or (a.chunk_id is not null and (a.first_sale_only <> v.first_sale_only or a.earning_months is distinct from v.earning_months)) end`,
    says: `coalesce('begins on ' || a.first_sale_on, 'does not run') || coalesce(a.earning_months || ' months', '')
      || ', its first paid sale is of ' || coalesce(f.first_sale_on::text, 'no day')`,
  }),
  check({
    name: 'share_cap',
    proves: 'all shares of a sale together come to no more than the programme’s cap (§3)',
    scan: shares,
    offends: `c.fulls > trunc(${ofMillionths("abs(t.net)::numeric * (p.value #>> '{}')::numeric")})`,
    says: `${money('c.fulls', 'e.currency')} || ' of ' || ${money('t.net', 'e.currency')} || ', the cap is ' || (p.value #>> '{}') || ' ppm'`,
  }),
];
