-- Tiers that move by themselves (SEMANTICS §8): what each tier asks and gives, by dates; one evaluation of a partner a
-- month-end, with everything it was made from; and a partner's tier as what evaluations, approvals and pins made of it.

-- ── What a tier asks and gives ────────────────────────────────────────────────────────────────────────────────────────

-- Revenue a month in the programme's currency, and customers: both. What a tier pays stands in its rules.
create table tier_terms (
  id bigint generated always as identity primary key,
  tier text not null references tiers,
  min_revenue_minor bigint not null check (min_revenue_minor between 0 and 1000000000000000),
  min_customers integer not null check (min_customers >= 0),
  support text check (support <> ''),
  account_manager boolean not null,
  api_calls_hour integer check (api_calls_hour >= 0),
  -- whatever else it gives, by name
  benefits jsonb not null default '{}' check (jsonb_typeof(benefits) = 'object'),
  valid daterange not null check (not isempty(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  -- of the few tiers there are no two share a hash
  constraint tier_terms_overlap exclude using gist (
    int8range(hashtextextended(tier, 0), hashtextextended(tier, 0), '[]') with &&, valid with &&, int8range(known_seq, retired_seq) with &&)
);
create trigger stamp before insert on tier_terms for each row execute function stamp();
create trigger guard_version before insert or update on tier_terms for each row execute function guard_version();
create trigger never_removed before delete or truncate on tier_terms for each statement execute function refuse_removal();
create trigger audit after insert or update on tier_terms for each row execute function audit();
grant select on tier_terms to @operator@, @auditor@;
grant insert, update (retired_seq) on tier_terms to @operator@;

-- The five that every programme begins with, from the beginning of time, in its own currency.
create function seed_tier_terms(seq bigint) returns void language sql set search_path from current as $$
  insert into tier_terms (tier, min_revenue_minor, min_customers, support, account_manager, api_calls_hour, valid, known_seq)
  select t.tier, t.revenue * 10 ^ c.minor_units, t.customers, t.support, t.manager, t.calls, daterange(null, null), seq
  from programme p join currencies c on c.code = p.currency, (values
    ('bronze', 0, 0, 'basic', false, 1000), ('silver', 5000, 10, 'standard', false, 2500), ('gold', 25000, 50, 'priority', true, 5000),
    ('platinum', 100000, 200, 'premium', true, 10000), ('diamond', 500000, 1000, 'dedicated', true, 25000)
  ) t (tier, revenue, customers, support, manager, calls) $$;
revoke execute on function seed_tier_terms(bigint) from public;
do $$
begin
  if exists (select from programme) then
    perform seed_tier_terms(draw_known_seq('the tiers and what they ask'));
  end if;
end $$;

-- ── Pins ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

-- The last business date whose sales have been decided, or are being decided now: a tier changes after it or not at all.
create function last_accrued_on() returns date language sql stable set search_path from current as $$
  select max(business_date) from job_runs where job = 'accrue-commissions' $$;
grant execute on function last_accrued_on() to @operator@, @auditor@;

-- The lock of draw_known_seq, without a number: who writes tiers finds out under the accrual's claim whether anybody moves,
-- and who sets a rule takes the claim after its number.
create function hold_known_changes() returns void language plpgsql security definer set search_path from current as $$
begin
  lock table known_changes in share row exclusive mode;
end $$;
revoke execute on function hold_known_changes() from public;
grant execute on function hold_known_changes() to @operator@;

-- A pin keeps a partner where it is, or puts it where a person says, until its last day or its release.
create table tier_pins (
  id bigint generated always as identity primary key,
  partner_id bigint not null references partners,
  tier text not null references tiers,
  starts_on date not null,
  -- the last day
  until date not null check (until >= starts_on),
  reason text not null check (reason <> ''),
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null
);
create index tier_pins_partner on tier_pins (partner_id);
create table tier_pin_releases (
  pin_id bigint primary key references tier_pins,
  reason text not null check (reason <> ''),
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null
);
create view open_tier_pins as select p.* from tier_pins p where not exists (select from tier_pin_releases r where r.pin_id = p.id);

-- MUST: one pin at a time, which reaches back to no sale that may be decided.
create function guard_tier_pin() returns trigger language plpgsql set search_path from current as $$
begin
  perform from partners where id = new.partner_id for no key update;
  if new.starts_on <= last_accrued_on() then
    raise exception 'sales up to % are decided: no tier begins on %', last_accrued_on(), new.starts_on using errcode = 'RV024';
  end if;
  if exists (select from open_tier_pins p where p.partner_id = new.partner_id and p.until >= new.starts_on) then
    raise exception 'the partner is pinned already' using errcode = 'RV024', hint = 'release that pin first';
  end if;
  return new;
end $$;
create trigger guard before insert on tier_pins for each row execute function guard_tier_pin();

-- ── Evaluations ───────────────────────────────────────────────────────────────────────────────────────────────────────

create table tier_evaluations (
  id bigint generated always as identity primary key,
  run_id bigint not null references job_runs,
  partner_id bigint not null references partners,
  -- a month-end
  evaluated_on date not null check (evaluated_on = (date_trunc('month', evaluated_on) + interval '1 month - 1 day')::date),
  -- agreements, thresholds, settings and rates as known at it
  known_seq bigint not null references known_changes,
  -- what was found: payments less returns of the window's months by currency, each with the rate into the programme's
  window_months smallint not null check (window_months in (1, 3, 12)),
  amounts jsonb not null,
  revenue_minor bigint not null,
  customers integer not null check (customers >= 0),
  -- where the partner stands: null, in no tier; since null: from the beginning
  tier_from text references tiers,
  since date,
  misses_before smallint not null check (misses_before >= 0),
  pin_id bigint references tier_pins,
  -- when it counts from, if it moves
  effective_on date not null check (effective_on > evaluated_on),
  mode text not null check (mode in ('auto', 'recommend', 'manual')),
  grace smallint not null check (grace >= 1),
  tenure_months smallint not null check (tenure_months >= 0),
  -- what follows: tier_from but for `up` and `down`
  qualifies_for text not null references tiers,
  verdict text not null check (verdict in ('stays', 'up', 'down', 'missed', 'kept', 'pinned')),
  tier_to text not null references tiers,
  misses smallint not null,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null,
  -- one evaluation a month-end, however often it runs
  constraint tier_evaluations_once unique (partner_id, evaluated_on)
);

-- What follows from the inputs and the policy of an evaluation. The same as src/domain/tiers/evaluate.ts, said again here so
-- that neither is believed alone.
create function judge_tier(e tier_evaluations, out qualifies_for text, out verdict text, out tier_to text, out misses int)
  language sql stable set search_path from current as $$
  with ladder as (
    select t.code, t.rank, x.min_revenue_minor, x.min_customers from tier_terms x join tiers t on t.code = x.tier
    where x.valid @> e.evaluated_on and x.known_seq <= e.known_seq and (x.retired_seq is null or x.retired_seq > e.known_seq)
  ), places as (
    select (select l.rank from ladder l where l.rank = (select min(rank) from ladder)
        or (e.revenue_minor >= l.min_revenue_minor::numeric * e.window_months and e.customers >= l.min_customers) order by l.rank desc limit 1) as earned,
      coalesce((select t.rank from tiers t where t.code = e.tier_from), 0) as stands
  ), judged as (
    select p.*, case when e.pin_id is not null then 'pinned' when earned > stands then 'up' when earned = stands then 'stays'
        when e.misses_before + 1 < e.grace then 'missed'
        when (e.since + make_interval(months => e.tenure_months))::date > e.effective_on then 'kept' else 'down' end as said
    from places p
  )
  select (select code from tiers where rank = earned), said,
    case said when 'up' then (select code from tiers where rank = earned)
      when 'down' then (select l.code from ladder l where l.rank < stands order by l.rank desc limit 1) else e.tier_from end,
    case when said in ('missed', 'kept', 'down') then e.misses_before + 1 else 0 end
  from judged $$;
revoke execute on function judge_tier(tier_evaluations) from public;
grant execute on function judge_tier(tier_evaluations) to @operator@, @auditor@;

-- What its amounts come to in the programme's currency: rounded once a currency, half away from zero.
create function tier_revenue(amounts jsonb) returns numeric language sql stable set search_path from current as $$
  select coalesce(sum(round((a ->> 'minor')::numeric * coalesce((a ->> 'rate')::numeric, 1) * 10::numeric ^ (r.minor_units - c.minor_units))), 0)
  from jsonb_array_elements(amounts) a join currencies c on c.code = a ->> 'currency', programme p join currencies r on r.code = p.currency
  where (a ->> 'rate' is null) = (c.code = r.code) $$;
revoke execute on function tier_revenue(jsonb) from public;
grant execute on function tier_revenue(jsonb) to @operator@, @auditor@;

-- The setting that was known at a number to hold on a day.
create function tier_setting(wanted text, day date, seq bigint) returns jsonb language sql stable set search_path from current as $$
  select s.value from settings s where s.name = wanted and s.instance_id is null and s.valid @> day
    and s.known_seq <= seq and (s.retired_seq is null or s.retired_seq > seq) $$;
revoke execute on function tier_setting(text, date, bigint) from public;
grant execute on function tier_setting(text, date, bigint) to @operator@, @auditor@;

alter table partner_tiers add column evaluation_id bigint references tier_evaluations;
alter table partner_tiers add column pin_id bigint references tier_pins;
alter table partner_tiers add constraint partner_tiers_one_cause check (num_nonnulls(evaluation_id, pin_id) <= 1);
create index partner_tiers_partner on partner_tiers (partner_id);

-- MUST: an evaluation is of a run that is its writer's, says where the partner really stood, goes by the policy that was
-- set, is later than the one before, and its verdict follows; what it moves, it moves after every sale that may be decided.
create function guard_tier_evaluations() returns trigger language plpgsql set search_path from current as $$
declare
  rows_ bigint[]; run bigint; offender bigint;
begin
  select array_agg(id) into rows_ from inserted;
  if rows_ is null then
    return null;
  end if;
  for run in select distinct i.run_id from inserted i loop
    perform assert_run_is_mine(run);
  end loop;
  -- What all of them go by is looked up once: there are few month-ends and numbers, and many partners.
  with policies as materialized (
    select d.evaluated_on, d.known_seq, coalesce(tier_setting('tier_mode', d.evaluated_on, d.known_seq) #>> '{}', 'auto') as mode,
      coalesce(tier_setting('tier_window', d.evaluated_on, d.known_seq)::int, 1) as months,
      coalesce(tier_setting('tier_grace', d.evaluated_on, d.known_seq)::int, 2) as grace,
      coalesce(tier_setting('tier_tenure_months', d.evaluated_on, d.known_seq)::int, 0) as tenure_months, last_accrued_on() as accrued_on
    from (select distinct evaluated_on, known_seq from inserted) d
  )
  select e.id into offender from unnest(rows_) x (id) join tier_evaluations e on e.id = x.id
  join job_runs r on r.id = e.run_id
  join lateral (select * from policies y where y.evaluated_on = e.evaluated_on and y.known_seq = e.known_seq limit 1) y on true
  left join lateral (select t.tier, lower(t.valid) as since from partner_tiers t
    where t.partner_id = e.partner_id and t.retired_seq is null and upper_inf(t.valid) limit 1) s on true
  left join lateral (select max(p.id) as id from open_tier_pins p where p.partner_id = e.partner_id and p.until >= e.effective_on) p on true
  left join lateral (select b.tier_from, b.misses, b.evaluated_on from tier_evaluations b
    where b.partner_id = e.partner_id and b.id <> e.id order by b.evaluated_on desc limit 1) b on true
  left join lateral judge_tier(e) j on true
  where r.known_seq <> e.known_seq or (s.tier, s.since) is distinct from (e.tier_from, e.since) or p.id is distinct from e.pin_id
    or b.evaluated_on >= e.evaluated_on
    or e.misses_before <> case when b.evaluated_on is null then opened_misses(e.partner_id, e.tier_from)
         when b.tier_from = e.tier_from then b.misses else 0 end
    or e.effective_on <= y.accrued_on or e.effective_on < e.since
    or (y.mode, y.months, y.grace, y.tenure_months) is distinct from (e.mode, e.window_months::int, e.grace::int, e.tenure_months::int)
    or e.revenue_minor <> tier_revenue(e.amounts)
    or (j.qualifies_for, j.verdict, j.tier_to, j.misses) is distinct from (e.qualifies_for, e.verdict, e.tier_to, e.misses::int)
  limit 1;
  if offender is not null then
    raise exception 'evaluation % does not follow from where its partner stands and from the policy', offender using errcode = 'RV024';
  end if;
  return null;
end $$;
create trigger guard after insert on tier_evaluations referencing new table as inserted for each statement execute function guard_tier_evaluations();

-- What was recommended, and a person approved.
create table tier_approvals (
  evaluation_id bigint primary key references tier_evaluations,
  effective_on date not null,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null
);

-- MUST: only the last evaluation of a partner that stands where it stood, which recommends a move and is not pinned since.
create function guard_tier_approval() returns trigger language plpgsql set search_path from current as $$
declare
  e tier_evaluations;
begin
  select * into e from tier_evaluations where id = new.evaluation_id;
  perform from partners where id = e.partner_id for no key update;
  if e.mode <> 'recommend' or e.verdict not in ('up', 'down') then
    raise exception 'evaluation % recommends nothing', new.evaluation_id using errcode = 'RV024';
  end if;
  if exists (select from tier_evaluations l where l.partner_id = e.partner_id and l.evaluated_on > e.evaluated_on)
     or (select (t.tier, lower(t.valid)) from partner_tiers t where t.partner_id = e.partner_id and t.retired_seq is null and upper_inf(t.valid))
        is distinct from (case when e.tier_from is not null then (e.tier_from, e.since) end)
     or exists (select from open_tier_pins p where p.partner_id = e.partner_id and p.until >= new.effective_on) then
    raise exception 'the partner has moved on since evaluation %', new.evaluation_id
      using errcode = 'RV024', hint = 'only what the last evaluation recommends can be approved, of a partner that is not pinned';
  end if;
  if new.effective_on <= e.evaluated_on or new.effective_on <= last_accrued_on() or new.effective_on < e.since then
    raise exception 'sales up to % are decided: no tier begins on %', last_accrued_on(), new.effective_on using errcode = 'RV024';
  end if;
  return new;
end $$;
create trigger guard before insert on tier_approvals for each row execute function guard_tier_approval();

-- ── A partner's tier follows ──────────────────────────────────────────────────────────────────────────────────────────

-- MUST: a version is of a partner that had none before (known with it), or what is left of one that is retired with it, or
-- what an evaluation, an approval or a pin of this very transaction says, from its day on, after every sale that may be
-- decided. So a tier never changes for days that are over. `offset 0`: the partner's few rows, and no
-- search of all that hold the day, for which there is an index, too.
create function guard_partner_tier() returns trigger language plpgsql set search_path from current as $$
begin
  if exists (select from (select * from partner_tiers t where t.partner_id = new.partner_id offset 0) o where o.retired_seq = new.known_seq and o.tier = new.tier
             and (o.evaluation_id, o.pin_id) is not distinct from (new.evaluation_id, new.pin_id) and new.valid <@ o.valid)
     and not upper_inf(new.valid) then
    return new;
  end if;
  if num_nonnulls(new.evaluation_id, new.pin_id) = 0
     and not exists (select from partner_tiers o where o.partner_id = new.partner_id and o.known_seq < new.known_seq) then
    return new;
  end if;
  if exists (select from tier_evaluations e left join tier_approvals a on a.evaluation_id = e.id
       where e.id = new.evaluation_id and e.partner_id = new.partner_id and e.tier_to = new.tier and e.verdict in ('up', 'down')
         and new.valid = daterange(case when e.mode = 'auto' then e.effective_on else a.effective_on end, null)
         and case when e.mode = 'auto' then e.transaction_id else a.transaction_id end = pg_current_xact_id()
       union all
       select from tier_pins p where p.id = new.pin_id and p.partner_id = new.partner_id and p.tier = new.tier
         and new.valid = daterange(p.starts_on, null) and p.transaction_id = pg_current_xact_id())
     and lower(new.valid) > coalesce(last_accrued_on(), '-infinity') then
    return new;
  end if;
  raise exception 'nothing says that the partner becomes %', new.tier
    using errcode = 'RV024', hint = 'a tier follows from an evaluation, an approval or a pin, after the last day that is decided';
end $$;
create trigger guard_cause before insert on partner_tiers for each row execute function guard_partner_tier();

-- MUST: no day is left without the tier it had; what moves is written in full.
create function check_partner_tier() returns trigger language plpgsql set search_path from current as $$
begin
  if new.retired_seq is not null and not new.valid <@ coalesce((select range_agg(t.valid) from partner_tiers t
       where t.partner_id = new.partner_id and t.known_seq >= new.retired_seq and t.retired_seq is null), '{}') then
    raise exception 'a tier ends on days for which no other is said' using errcode = 'RV024';
  end if;
  return null;
end $$;
create constraint trigger days_are_kept after update on partner_tiers deferrable initially deferred for each row execute function check_partner_tier();

-- MUST: what says a tier has said it.
create function check_tier_said() returns trigger language plpgsql set search_path from current as $$
declare
  said text := to_jsonb(new) ->> case tg_table_name when 'tier_pins' then 'tier' else 'tier_to' end;
  of_partner bigint; begins date;
begin
  case tg_table_name
    when 'tier_approvals' then
      select e.tier_to, e.partner_id into said, of_partner from tier_evaluations e where e.id = (to_jsonb(new) ->> 'evaluation_id')::bigint;
      begins := (to_jsonb(new) ->> 'effective_on')::date;
    else
      of_partner := (to_jsonb(new) ->> 'partner_id')::bigint;
      begins := (to_jsonb(new) ->> case tg_table_name when 'tier_pins' then 'starts_on' else 'effective_on' end)::date;
  end case;
  if not exists (select from (select * from partner_tiers p where p.partner_id = of_partner offset 0) t
                 where t.retired_seq is null and t.tier = said and t.valid @> daterange(begins, null)) then
    raise exception 'the partner does not become % on %', said, begins using errcode = 'RV024';
  end if;
  return null;
end $$;
create constraint trigger is_said after insert on tier_pins deferrable initially deferred for each row execute function check_tier_said();
create constraint trigger is_said after insert on tier_approvals deferrable initially deferred for each row execute function check_tier_said();
create constraint trigger is_said after insert on tier_evaluations deferrable initially deferred
  for each row when (new.mode = 'auto' and new.verdict in ('up', 'down')) execute function check_tier_said();

do $$
declare
  kept text;
begin
  foreach kept in array array['tier_pins', 'tier_pin_releases', 'tier_evaluations', 'tier_approvals'] loop
    execute format('create trigger insert_only before update or delete or truncate on %I for each statement execute function refuse_change()', kept);
    execute format('create trigger stamp before insert on %I for each row execute function stamp_in_transaction()', kept);
    execute format('grant select on %I to @operator@, @auditor@', kept);
    execute format('grant insert on %I to @operator@', kept);
    -- an evaluation is a record by itself, of which there are as many as partners
    if kept <> 'tier_evaluations' then
      execute format('create trigger audit after insert on %I for each row execute function audit()', kept);
    end if;
  end loop;
end $$;
grant select on open_tier_pins to @operator@, @auditor@;
