import { partnerCalled, type DoctorCheck, type Scan } from './doctor.ts';
import { overlaps } from './doctor-terms.ts';

/** What partners' tiers follow from (SEMANTICS §8): the policy and the inputs of evaluations, approvals and pins. */

const policy = (name: string, unsaid: string): string =>
  `coalesce(tier_setting('${name}', e.evaluated_on, e.known_seq) #>> '{}', '${unsaid}')`;

const evaluations: Scan = {
  name: 'evaluations',
  rows: () => `from (
      select e.*, lag(e.tier_from) over w as before_from, lag(e.misses) over w as before_misses from tier_evaluations e
      window w as (partition by e.partner_id order by e.evaluated_on)
    ) e
    join lateral (select * from tier_evaluations x where x.id = e.id) o on true
    left join lateral judge_tier(o) j on true
    left join lateral (
      -- what says that the move counts, and the version that was made of it
      select case when e.mode = 'auto' then e.effective_on else a.effective_on end as starts_on, t.id as version
      from (select 1) one left join tier_approvals a on a.evaluation_id = e.id
      left join partner_tiers t on t.evaluation_id = e.id and t.tier = e.tier_to
        and lower(t.valid) = case when e.mode = 'auto' then e.effective_on else a.effective_on end
      where e.mode = 'auto' or a.evaluation_id is not null order by t.id limit 1
    ) m on e.verdict in ('up', 'down')
    where true`,
  called: `'evaluation of ' || ${partnerCalled('e.partner_id')} || ' on ' || e.evaluated_on`,
};

const versions: Scan = {
  name: 'tiers of partners',
  rows: () => `from partner_tiers t
    left join tier_evaluations e on e.id = t.evaluation_id
    left join tier_approvals a on a.evaluation_id = t.evaluation_id
    left join tier_pins p on p.id = t.pin_id
    left join lateral (
      select case when t.pin_id is not null then p.partner_id else e.partner_id end as partner_id,
        case when t.pin_id is not null then p.tier when e.verdict in ('up', 'down') then e.tier_to end as tier,
        case when t.pin_id is not null then p.starts_on when e.mode = 'auto' then e.effective_on else a.effective_on end as starts_on,
        case when t.pin_id is not null then p.recorded_at when e.mode = 'auto' then e.recorded_at else a.recorded_at end as said_at
    ) c on num_nonnulls(t.evaluation_id, t.pin_id) = 1
    where true`,
  called: `'tier ' || t.tier || ' of ' || ${partnerCalled('t.partner_id')} || coalesce(' from ' || lower(t.valid), '')`,
};

const pins: Scan = {
  name: 'pins',
  rows: () => `from tier_pins p
    left join lateral (
      select count(*) as others from tier_pins o left join tier_pin_releases r on r.pin_id = o.id
      where o.partner_id = p.partner_id and o.id > p.id and o.starts_on <= p.until
        and not exists (select from tier_pin_releases x where x.pin_id = p.id and x.recorded_at <= o.recorded_at)
    ) o on true
    left join lateral (
      select t.id from partner_tiers t left join known_changes k on k.known_seq = t.retired_seq
      where t.partner_id = p.partner_id and t.tier = p.tier and t.valid @> p.starts_on
        and (k.known_seq is null or k.recorded_at > p.recorded_at) limit 1
    ) t on true where true`,
  called: `'pin of ' || ${partnerCalled('p.partner_id')} || ' to ' || p.tier`,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight'>): DoctorCheck => ({
  group: 'tiers',
  weight: 'difference',
  ...one,
});

export const tierChecks: readonly DoctorCheck[] = [
  overlaps(
    'tier_terms',
    'b.tier = a.tier',
    (row) => `'tier ' || ${row}.tier`,
    'a tier asks for one thing at any time (§8)',
    'tier_terms_apart',
  ),
  check({
    name: 'tier_verdict',
    proves: 'what an evaluation says follows from the inputs that it stored and the thresholds of its day (§8)',
    scan: evaluations,
    offends: `(j.qualifies_for, j.verdict, j.tier_to, j.misses) is distinct from (e.qualifies_for, e.verdict, e.tier_to, e.misses::int)
      or e.revenue_minor <> tier_revenue(e.amounts)`,
    says: `'says ' || e.verdict || ' ' || e.tier_to || ', its inputs say ' || coalesce(j.verdict || ' ' || j.tier_to, 'nothing')
      || case when e.revenue_minor <> tier_revenue(e.amounts) then '; its revenue is not what its amounts come to' else '' end`,
  }),
  check({
    name: 'tier_policy',
    proves: 'an evaluation goes by the policy that was set for its day, and counts on from the one before (§8)',
    scan: evaluations,
    offends: `e.mode <> ${policy('tier_mode', 'auto')} or e.window_months::text <> ${policy('tier_window', '1')}
      or e.grace::text <> ${policy('tier_grace', '2')} or e.tenure_months::text <> ${policy('tier_tenure_months', '0')}
      or e.misses_before <> case when e.before_misses is null then opened_misses(e.partner_id, e.tier_from)
        when e.before_from = e.tier_from then e.before_misses else 0 end`,
    says: `'mode ' || e.mode || ', ' || e.window_months || ' months, grace ' || e.grace || ', tenure ' || e.tenure_months || ', '
      || e.misses_before || ' missed before'`,
  }),
  check({
    name: 'tier_enacted',
    proves: 'what an evaluation moves, or an approval lets count, is a tier of the partner from that day on (§8)',
    scan: evaluations,
    offends: `m.starts_on is not null and m.version is null`,
    says: `e.verdict || ' to ' || e.tier_to || ' from ' || m.starts_on || ', and the partner has no such tier'`,
  }),
  check({
    name: 'tier_cause',
    proves: 'a partner has a tier from its beginning, or by an evaluation, an approval or a pin that says so (§8)',
    scan: versions,
    offends: `case when num_nonnulls(t.evaluation_id, t.pin_id) = 0
      then t.known_seq > (select min(o.known_seq) from partner_tiers o where o.partner_id = t.partner_id)
        and not exists (select from partner_tiers o where o.partner_id = t.partner_id and o.retired_seq = t.known_seq and o.tier = t.tier
          and num_nonnulls(o.evaluation_id, o.pin_id) = 0 and t.valid <@ o.valid)
      else (c.partner_id, c.tier, c.starts_on) is distinct from (t.partner_id, t.tier, lower(t.valid)) end`,
    says: `case when num_nonnulls(t.evaluation_id, t.pin_id) = 0 then 'nothing says so'
      else 'what is named says ' || coalesce(c.tier || ' from ' || c.starts_on || ' for ' || ${partnerCalled('c.partner_id')}, 'nothing') end`,
  }),
  check({
    name: 'tier_after_accrual',
    proves: 'a tier never changes for a day whose sales were decided or being decided when that was said (§8)',
    scan: versions,
    offends: `exists (select from job_runs r where r.job = 'accrue-commissions' and r.recorded_at < c.said_at and r.business_date >= c.starts_on)`,
    says: `'said when days up to ' || (select max(r.business_date) from job_runs r where r.job = 'accrue-commissions' and r.recorded_at < c.said_at)
      || ' were accrued'`,
  }),
  check({
    name: 'tier_pinned',
    proves: 'a partner has one pin at a time, and the tier that it says on its first day (§8)',
    scan: pins,
    offends: `o.others > 0 or t.id is null`,
    says: `case when t.id is null then 'the partner has another tier on ' || p.starts_on else o.others || ' others overlap it' end`,
  }),
];
