-- What the way out must never do, whoever composed it (SEMANTICS §4, §7), and how its runs and payouts are numbered.

-- Holds that were open at an instant.
create function holds_open_at(instant timestamptz) returns setof holds language sql stable set search_path from current as $$
  select h.* from holds h
  where h.recorded_at <= instant and not exists (select from hold_releases r where r.hold_id = h.id and r.recorded_at <= instant) $$;
revoke execute on function holds_open_at(timestamptz) from public;
grant execute on function holds_open_at(timestamptz) to @operator@;

-- Whether what a wallet earned of a day was approved at its decision, as the settings known then say, and above which
-- amount it waited for a person all the same.
create function approval_at_decision(wallet bigint, known bigint, day date)
  returns table (at_once boolean, threshold numeric) language sql stable set search_path from current as $$
  with in_force as (
    select distinct on (s.name) s.name, s.value
    from settings s join ledger_accounts w on w.id = wallet and (s.instance_id = w.instance_id or s.instance_id is null)
    where s.name in ('approval', 'review_threshold') and s.known_seq <= known and (s.retired_seq is null or s.retired_seq > known)
      and s.valid @> day
    order by s.name, s.instance_id nulls last
  )
  select coalesce((select value #>> '{}' from in_force where name = 'approval'), 'at_decision') = 'at_decision',
    (select coalesce((f.value ->> w.currency)::numeric, case when f.value ->> 'currency' = w.currency then (f.value ->> 'minor')::numeric end)
     from in_force f, ledger_accounts w where f.name = 'review_threshold' and w.id = wallet) $$;
revoke execute on function approval_at_decision(bigint, bigint, date) from public;
grant execute on function approval_at_decision(bigint, bigint, date) to @operator@;

-- MUST: what a second person approves was eligible when the run was made: before the cut-off, payable on it, approved, not
-- held; and a negative with none of its sale's positives left outside that it would have had to wait for. A hold that came
-- since is looked at when it is submitted. Once for a run, all of its lines at a time; SECURITY INVOKER, for who approves
-- may read all of it.
create function guard_run_payable() returns trigger language plpgsql set search_path from current as $$
declare
  made payout_runs; offender record; posted_then bigint; loops text := current_setting('enable_nestloop');
begin
  select * into made from payout_runs where id = new.run_id;
  select coalesce(max(chunk_to), 0) into posted_then from postings where recorded_at <= made.recorded_at;
  -- As when it was sealed: of rows just written the planner believes that there are few.
  if (select count(*) from (select from payouts p join payout_lines l on l.payout_id = p.id where p.run_id = made.id limit 50001) many) > 50000 then
    perform set_config('enable_nestloop', 'off', true);
  end if;

  select l.event_id, l.leg, case when n.payable_on > made.cutoff then 'not payable before ' || n.payable_on else 'of after the cut-off' end as why
    into offender
  from payouts p
  join payout_lines l on l.payout_id = p.id and l.release_id is null
  join entries n on n.event_id = l.event_id and n.leg = l.leg
  where p.run_id = made.id and (n.payable_on > made.cutoff
    or (n.posting_date >= made.cutoff and (select e.occurred_on from revenue_events e where e.id = n.event_id) >= made.cutoff))
    -- what a debit took is taken along, of whatever day it is (0017)
    and not (n.kind = 'adjustment' and n.amount_minor < 0 and takes_what_is_there(n.event_id)) limit 1;

  -- Where nobody ever set anything else, all is approved at its decision.
  if offender is null and exists (select from settings s where s.name = 'review_threshold' or (s.name = 'approval' and s.value <> '"at_decision"')) then
    with unreviewed as materialized (
      select l.event_id, l.leg, n.wallet_id, n.known_seq, n.amount_minor, e.occurred_on
      from payouts p
      join payout_lines l on l.payout_id = p.id and l.release_id is null and l.amount_minor > 0
      join entries n on n.event_id = l.event_id and n.leg = l.leg
      join revenue_events e on e.id = n.event_id
      where p.run_id = made.id
        and not exists (select from entry_reviews x where x.event_id = l.event_id and x.leg = l.leg and x.verdict = 'approved')
    ), policies as materialized (
      select d.*, a.at_once, a.threshold from (select distinct wallet_id, known_seq, occurred_on from unreviewed) d
      cross join lateral approval_at_decision(d.wallet_id, d.known_seq, d.occurred_on) a
    )
    select u.event_id, u.leg, 'not approved' as why into offender
    from unreviewed u join policies p on (p.wallet_id, p.known_seq, p.occurred_on) = (u.wallet_id, u.known_seq, u.occurred_on)
    where not p.at_once or u.amount_minor > p.threshold limit 1;
  end if;

  if offender is null then
    select l.event_id, l.leg, 'held: ' || h.reason as why into offender
    from holds_open_at(made.recorded_at) h
    join payouts p on p.run_id = made.id
    join payout_lines l on l.payout_id = p.id and l.release_id is null and l.amount_minor > 0
    join ledger_accounts w on w.id = l.wallet_id
    where h.partner_id = w.partner_id or (h.instance_id = w.instance_id and (h.held_from is null
        or h.held_from <= (select e.occurred_on from revenue_events e where e.id = l.event_id)))
      or (h.event_id = l.event_id and h.leg = l.leg) limit 1;
  end if;

  if offender is null then
    with negatives as materialized (
      select l.event_id, l.leg, coalesce(e.sale_id, -coalesce(e.voids_id, e.regards_id)) as sale
      from payouts p
      join payout_lines l on l.payout_id = p.id and l.release_id is null and l.amount_minor < 0
      join revenue_events e on e.id = l.event_id
      where p.run_id = made.id and num_nonnulls(e.sale_id, e.voids_id, e.regards_id) > 0
    ), sales_ as materialized (
      select distinct sale from negatives
    ), members as materialized (
      select x.sale, e.id from sales_ x join revenue_events e on e.sale_id = x.sale
      union all select x.sale, -x.sale from sales_ x where x.sale < 0
      union all select x.sale, e.id from sales_ x join revenue_events e on e.voids_id = -x.sale
      union all select x.sale, e.id from sales_ x join revenue_events e on e.regards_id = -x.sale
    ), unpaid as (
      -- what the run found of these sales: kept, posted by then, and in no payout that was live before it
      select m.sale, n.*, a.at_once and not coalesce(n.amount_minor > a.threshold, false)
          or exists (select from entry_reviews x where x.event_id = n.event_id and x.leg = n.leg and x.verdict = 'approved') as approved,
        exists (select from holds_open_at(made.recorded_at) h join ledger_accounts w on w.id = n.wallet_id
          where h.partner_id = w.partner_id or (h.instance_id = w.instance_id and (h.held_from is null or h.held_from <= e.occurred_on))
            or (h.event_id = n.event_id and h.leg = n.leg)) as held
      from members m join entries n on n.event_id = m.id join revenue_events e on e.id = m.id
      cross join lateral approval_at_decision(n.wallet_id, n.known_seq, e.occurred_on) a
      where n.amount_minor <> 0 and n.chunk_id <= posted_then
        and not exists (select from entry_reviews x where x.event_id = n.event_id and x.leg = n.leg and x.verdict <> 'approved')
        and not exists (
          select from payout_lines o join payouts q on q.id = o.payout_id left join payout_status_changes c on c.id = o.release_id
          where o.event_id = n.event_id and o.leg = n.leg and q.run_id < made.id and (c.id is null or c.recorded_at > made.recorded_at))
    ), shares as (
      select u.event_id, u.leg, u.amount_minor,
        sum(u.amount_minor) filter (where u.amount_minor > 0) over share as positives,
        sum(-u.amount_minor) filter (where u.amount_minor < 0) over (share order by u.event_id, u.leg) as taken,
        bool_or(u.payable_on > made.cutoff or u.held or not u.approved) filter (where u.amount_minor > 0) over share as waits
      from unpaid u window share as (partition by u.sale, u.wallet_id)
    )
    select s.event_id, s.leg, 'a negative of what cannot be paid yet' as why into offender
    from shares s join negatives g on g.event_id = s.event_id and g.leg = s.leg
    where s.taken <= s.positives and s.waits limit 1;
  end if;

  perform set_config('enable_nestloop', loops, true);
  if offender is not null then
    raise exception 'run % pays entry %.%, which is %', made.id, offender.event_id, offender.leg, offender.why
      using errcode = 'RV019', hint = 'cancel its payout and generate again';
  end if;
  return new;
end $$;
-- After `guard` by name, so that who may not approve at all is told that first.
create trigger payable before insert on payout_approvals for each row execute function guard_run_payable();

-- MUST: the bank moves money after it was told to, and gives back what it moved. The day of a submission or completion is
-- the one that it was posted on or recorded on, whichever is earlier: a closed period posts later. What becomes of
-- payouts is posted on one date, by a transfer for each of them: one is asked, or a run would cost the square of its size.
create function earliest_value_date(payout bigint) returns date language sql stable set search_path from current as $$
  select coalesce(
    (select max(c.value_date) from payout_status_changes c where c.payout_id = payout and c.status = 'completed'),
    (select least((select t.posting_date from transfers t where t.posting_id = c.posting_id order by t.id limit 1),
       (c.recorded_at at time zone (select zone from programme))::date)
     from payout_status_changes c where c.payout_id = payout and c.status = 'processing' order by c.id limit 1)) $$;
revoke execute on function earliest_value_date(bigint) from public;
grant execute on function earliest_value_date(bigint) to @operator@, @auditor@;

create function guard_value_date() returns trigger language plpgsql set search_path from current as $$
begin
  if new.value_date < earliest_value_date(new.payout_id) then
    raise exception 'the bank cannot have moved payout % on %, before %', (select number from payouts where id = new.payout_id),
      new.value_date, earliest_value_date(new.payout_id)
      using errcode = 'RV020', hint = 'that is when it was submitted, or completed';
  end if;
  return new;
end $$;
create trigger value_date before insert on payout_status_changes for each row when (new.value_date is not null) execute function guard_value_date();

-- Runs and payouts are numbered from the rows there are, not from a sequence: a dry run, or a run that fails, leaves no
-- gap that somebody would have to explain. Held to the end of the transaction, so that numbers follow each other.
create function payout_numbers_lock() returns bigint language sql stable set search_path from current as $$
  select hashtextextended(current_schema() || '.payout_runs', 0) $$;

create function number_payout_run() returns trigger language plpgsql set search_path from current as $$
begin
  perform pg_advisory_xact_lock(payout_numbers_lock());
  new.id := (select coalesce(max(id), 0) + 1 from payout_runs);
  return new;
end $$;

revoke execute on function payout_numbers_lock(), number_payout_run() from public;
grant execute on function payout_numbers_lock() to @operator@;

alter table payout_runs alter column id drop identity;
create trigger numbered before insert on payout_runs for each row execute function number_payout_run();

-- A name is a line of a table, of a register and of a letter.
alter table tenants add constraint tenants_name_length check (char_length(name) <= 200);
alter table partners add constraint partners_name_length check (char_length(name) <= 200);
alter table instances add constraint instances_name_length check (char_length(name) <= 200);

-- The nightly approval finds what has come to its date by blocks: entries are decided night by night, so a date lies in few
-- of them, and such an index costs an insert next to nothing.
create index entries_payable on entries using brin (payable_on) with (pages_per_range = 32, autosummarize = on);
