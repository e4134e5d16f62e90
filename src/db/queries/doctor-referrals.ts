import type { DoctorCheck, Scan } from './doctor.ts';

/** Who came by whose code, and what became of them. */

const referrals: Scan = {
  name: 'referrals',
  rows: () => `from referrals r
    left join (select t.referral_id, count(*) as touches, min(t.touched_on) as first_on from referral_touches t group by 1) t on t.referral_id = r.id
    left join (
      select s.referral_id, bool_or(s.ordinal <> s.place or not s.before || '>' || s.status = any (referral_transitions())
          or s.effective_on < s.before_on) as odd, count(*) filter (where s.status = 'converted') as converted,
        max(s.effective_on) filter (where s.status = 'converted') as converted_on, string_agg(s.status, ', ' order by s.ordinal) as told
      from (select x.*, row_number() over w as place, coalesce(lag(x.status) over w, 'new') as before, lag(x.effective_on) over w as before_on
            from referral_states x window w as (partition by x.referral_id order by x.ordinal)) s group by 1
    ) s on s.referral_id = r.id
    left join referral_conversions c on c.referral_id = r.id
    left join lateral (
      select count(*) as others from referrals o where o.visitor_hash = r.visitor_hash and o.id > r.id
        and referral_status(o.id) in ('new', 'qualified') and referral_status(r.id) in ('new', 'qualified')
    ) o on r.visitor_hash is not null
    where true`,
  called: `'referral ' || r.id`,
};

const conversions: Scan = {
  name: 'conversions',
  rows: () => `from referral_conversions c
    left join requests q on q.id = c.request_id
    left join lateral (
      select string_agg(p.code || ' ' || s.share_ppm || ' ppm by ' || s.touches, ', ' order by p.code collate "C") as stored
      from referral_shares s join partners p on p.id = s.partner_id where s.referral_id = c.referral_id
    ) s on true
    left join lateral (
      select string_agg(p.code || ' ' || a.share_ppm || ' ppm by ' || a.touches, ', ' order by p.code collate "C") as found
      from referral_attribution(c.referral_id, c.model, c.converted_on, c.known_seq) a join partners p on p.id = a.partner_id
    ) a on true
    left join lateral (
      -- what the code of the deciding touch promised
      select k.signup_minor, k.currency from referral_touches t join referral_codes k on k.id = t.code_id
      where t.referral_id = c.referral_id and t.touched_on <= c.converted_on
        and t.touched_on + cookie_days(k.partner_id, c.converted_on, c.known_seq) >= c.converted_on
      order by case when c.model = 'first' then t.touched_at end, case when c.model = 'first' then t.id end, t.touched_at desc, t.id desc limit 1
    ) d on true
    left join lateral (
      select sum((l ->> 'amount_minor')::numeric) as asked, min(x ->> 'currency') as currency
      from jsonb_array_elements(q.payload -> 'acts') x cross join jsonb_array_elements(x -> 'legs') l
    ) b on q.id is not null
    where true`,
  called: `'conversion of referral ' || c.referral_id`,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight'>): DoctorCheck => ({
  group: 'referrals',
  weight: 'difference',
  ...one,
});

export const referralChecks: readonly DoctorCheck[] = [
  check({
    name: 'referral_touched',
    proves: 'a referral came by a code, and a visitor is one open referral at a time',
    scan: referrals,
    offends: `t.referral_id is null or o.others > 0`,
    says: `case when t.referral_id is null then 'came by no code' else 'its visitor is ' || o.others || ' other open ones' end`,
  }),
  check({
    name: 'referral_states_follow',
    proves:
      'a referral goes from state to state as it may, one day after another, and is converted by a customer or not at all',
    scan: referrals,
    offends: `s.odd or coalesce(s.converted, 0) <> (c.referral_id is not null)::int or s.converted_on <> c.converted_on`,
    says: `'became ' || coalesce(s.told, 'nothing') || case when c.referral_id is null then ', and has no customer' else ', and has one since ' || c.converted_on end`,
  }),
  check({
    name: 'referral_attributed',
    proves: 'a customer is shared by the partners whose clicks counted on its day, as much as they did',
    scan: conversions,
    offends: `s.stored is distinct from a.found or s.stored is null`,
    says: `'shared as ' || coalesce(s.stored, 'nobody’s') || ', its touches say ' || coalesce(a.found, 'nobody’s')`,
  }),
  check({
    name: 'referral_signup_once',
    proves:
      'what the deciding code promised for a signup was asked for by one bonus, to the last unit, and nothing else was',
    scan: conversions,
    offends: `(d.signup_minor is null) <> (c.request_id is null) or q.kind <> 'bonus' or b.asked <> d.signup_minor or b.currency <> d.currency`,
    says: `case when c.request_id is null then 'promised and not asked for' else 'request ' || c.request_id || ' asks for ' || coalesce(b.asked::text, 'nothing')
      || ', promised was ' || coalesce(d.signup_minor::text, 'nothing') end`,
  }),
];
