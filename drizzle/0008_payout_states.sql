-- What becomes of payouts (SEMANTICS §7): approval, submission, completion, failure; and what that posts (§6).

-- MUST: who approves is not who made, nor who approved before, all named by the session; an approval is of this content and no other.
create table payout_approvals (
  run_id bigint not null references payout_runs,
  content_hash text not null,
  note text,
  -- the version of second_checker_limit that stood then; null: there was none
  limit_id bigint references settings,
  created_by text not null,
  recorded_at timestamptz not null,
  primary key (run_id, created_by)
);
create trigger stamp before insert on payout_approvals for each row execute function stamp();
create trigger insert_only before update or delete or truncate on payout_approvals for each statement execute function refuse_change();
create trigger audit after insert on payout_approvals for each row execute function audit();

-- How many checkers a run wants, and how many it has. One is enough, unless what it sends in a currency is more than the limit
-- that stood when it was sealed, or when somebody approved it: so a limit that is raised afterwards counts for later runs only,
-- and one that is lowered for every run that is not approved yet. What was taken out of the run counts all the same, or who
-- approves first would not know what the second is asked. `over` is by currency the lowest limit passed, in minor units.
create view payout_run_checks as
  select r.id as run_id, a.approvals, case when o.over is null then 1 else 2 end as wanted, coalesce(o.over, '[]') as over
  from payout_runs r
  cross join lateral (
    select count(*) filter (where x.content_hash = r.content_hash and x.created_by <> r.created_by)::int as approvals, array_agg(x.limit_id) as limits
    from payout_approvals x where x.run_id = r.id
  ) a
  cross join lateral (
    select jsonb_agg(jsonb_build_object('currency', e.currency, 'sent', e.sent::text, 'limit', e.lowest::text) order by e.currency) as over
    from (
      select t.currency, t.sent, min((s.value ->> t.currency)::numeric) as lowest
      from settings s
      cross join (select p.currency, sum(p.sent_minor) as sent from payouts p where p.run_id = r.id group by 1) t
      where (s.id = r.limit_id or s.id = any (a.limits)) and t.sent > (s.value ->> t.currency)::numeric
      group by 1, 2
    ) e
  ) o;

-- Takes the run's row first, which is why it is SECURITY DEFINER: of two checkers at once the later one sees the other, and
-- it is he who makes the payouts ready.
create function guard_payout_approval() returns trigger language plpgsql security definer set search_path from current as $$
declare
  run payout_runs; checks payout_run_checks;
begin
  select * into run from payout_runs where id = new.run_id for no key update;
  if run.created_by = session_user then
    raise exception 'run % was made by %, who cannot approve it', run.id, run.created_by
      using errcode = 'RV014', hint = 'a second person approves, with a login of their own';
  end if;
  if run.payouts = 0 then
    raise exception 'run % has no payout to approve', run.id using errcode = 'RV004';
  end if;
  if run.content_hash is null or run.content_hash <> new.content_hash then
    raise exception 'run % has other content than what was approved', new.run_id
      using errcode = 'RV013', hint = 'look at the run again';
  end if;
  select * into checks from payout_run_checks c where c.run_id = run.id;
  if checks.approvals >= checks.wanted then
    raise exception 'run % was approved before', run.id using errcode = 'RV004', hint = format('revshare payout submit %s', run.id);
  end if;
  if exists (select from payout_approvals a where a.run_id = run.id and a.created_by = session_user) then
    raise exception 'run % was approved by % before, who is one checker and not two', run.id, session_user
      using errcode = 'RV014', hint = 'another person approves it, too, with a login of their own';
  end if;
  new.limit_id := second_checker_limit();
  return new;
end $$;
revoke execute on function guard_payout_approval() from public;
create trigger guard before insert on payout_approvals for each row execute function guard_payout_approval();

-- What became of a payout, in order: from it the status now, and the status as of any instant. A payout without a row
-- here is pending.
create table payout_status_changes (
  id bigint generated always as identity primary key,
  payout_id bigint not null references payouts,
  from_status text not null,
  status text not null,
  reason text check (reason <> ''),
  -- the bank's, and the day on which it moved the money
  reference text,
  value_date date,
  posting_id bigint references postings,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null,
  check (status not in ('failed', 'returned', 'cancelled') or reason is not null),
  check (status not in ('completed', 'returned') or value_date is not null)
);
create index payout_status_changes_payout on payout_status_changes (payout_id, id);
create index payout_status_changes_posting on payout_status_changes (posting_id, id) where posting_id is not null;
create trigger chosen_id before insert on payout_status_changes for each row execute function refuse_chosen_id();
create trigger insert_only before update or delete or truncate on payout_status_changes for each statement execute function refuse_change();

-- Whether money moves in the books with a change. Before submission nothing was posted, so a cancellation then posts nothing.
create function payout_change_posts(from_status text, status text) returns boolean language sql immutable set search_path from current as $$
  select status in ('processing', 'unclaimed', 'completed', 'failed', 'returned') or (status = 'cancelled' and from_status = 'unclaimed') $$;
revoke execute on function payout_change_posts(text, text) from public;
grant execute on function payout_change_posts(text, text) to @operator@, @auditor@;

-- Takes the payout's row first: changes of one payout follow each other, and so do their times, which therefore are the
-- clock's and not the transaction's. SECURITY DEFINER, because the status follows from here and from nowhere else.
create function payout_status_follows() returns trigger language plpgsql security definer set search_path from current as $$
declare
  changed payouts;
begin
  select * into changed from payouts where id = new.payout_id for no key update;
  if is_open_run(changed.run_id) then
    raise exception 'payout % is not complete yet', new.payout_id using errcode = 'RV002';
  end if;
  if not (changed.status || '>' || new.status = any (payout_transitions())) then
    raise exception 'payout % cannot go from % to %', changed.number, changed.status, new.status using errcode = 'RV004';
  end if;
  if payout_change_posts(changed.status, new.status) <> (new.posting_id is not null) then
    raise exception 'payout % from % to %: %', changed.number, changed.status, new.status,
      case when new.posting_id is null then 'the books must move with it' else 'nothing moves in the books' end using errcode = 'RV011';
  end if;
  if new.posting_id is not null and not exists (
    select from postings g where g.id = new.posting_id and g.kind = 'payout' and g.transaction_id = pg_current_xact_id_if_assigned()) then
    raise exception 'payout % moves with a posting of its own transaction', changed.number using errcode = 'RV011';
  end if;
  new.from_status := changed.status;
  new.recorded_at := clock_timestamp();
  update payouts set status = new.status where id = new.payout_id;
  return new;
end $$;
revoke execute on function payout_status_follows() from public;
-- After the stamp by name, whose time it replaces.
create trigger stamp before insert on payout_status_changes for each row execute function stamp_in_transaction();
create trigger status_follows before insert on payout_status_changes for each row execute function payout_status_follows();

-- MUST: payouts are ready, and leave, by as many approvals as their run wants. Asked once a statement, since a run may have a
-- hundred thousand of them.
create function check_payout_checkers() returns trigger language plpgsql set search_path from current as $$
declare
  payouts_ bigint[]; runs bigint[]; lacking payout_run_checks;
begin
  select array_agg(payout_id) into payouts_ from inserted where status in ('ready', 'processing');
  select array_agg(distinct p.run_id) into runs from payouts p where p.id = any (payouts_);
  select c.* into lacking from unnest(runs) x join payout_run_checks c on c.run_id = x where c.approvals < c.wanted limit 1;
  if found then
    raise exception 'payouts become ready by the approval of their run: run % has % of % checkers', lacking.run_id, lacking.approvals, lacking.wanted
      using errcode = 'RV014', hint = format('revshare payout approve %s, with a login that neither made nor approved it', lacking.run_id);
  end if;
  return null;
end $$;
create trigger checked after insert on payout_status_changes referencing new table as inserted
  for each statement execute function check_payout_checkers();

-- What is final lets go of its lines, so that another payout may take them.
create function release_payout_lines() returns trigger language plpgsql security definer set search_path from current as $$
declare
  payouts_ bigint[]; changes bigint[];
begin
  select array_agg(payout_id), array_agg(id) into payouts_, changes from inserted where status in ('failed', 'returned', 'cancelled');
  if payouts_ is not null then
    update payout_lines l set release_id = c.id from unnest(payouts_, changes) c (payout_id, id)
    where l.payout_id = c.payout_id and l.release_id is null;
  end if;
  return null;
end $$;
revoke execute on function release_payout_lines() from public;
create trigger releases after insert on payout_status_changes referencing new table as inserted
  for each statement execute function release_payout_lines();

-- The transfers that the changes of a posting want: SEMANTICS §6 as a table. Whoever posts them asks here; the test that
-- knows the numbers is apart. Money that nobody takes is, from the day on which the bank says so, on its way to nobody, and it is
-- still owed: it stands on a liability of its own until it is taken after all, comes back or is called back.
create function payout_movements(posting bigint) returns table (debit_id bigint, credit_id bigint, kind text, amount bigint)
  language sql stable set search_path from current as $$
  with changed as (
    select c.status, c.from_status, case c.from_status when 'unclaimed' then 'unclaimed' else 'in_transit' end as stands,
      p.currency, w.wallet_id, w.sent_minor, w.withheld_minor, w.fee_minor
    from payout_status_changes c join payouts p on p.id = c.payout_id join payout_wallets w on w.payout_id = p.id
    where c.posting_id = posting
  ), moves (wallet_id, source, target, kind, currency, amount, forth) as (
    select wallet_id, null, 'in_transit', 'payout_submitted', currency, sent_minor, true from changed where status = 'processing'
    union all select wallet_id, null, 'withholding_payable', 'payout_withheld', currency, withheld_minor, true from changed where status = 'processing'
    union all select wallet_id, null, 'payout_fees', 'payout_fee', currency, fee_minor, true from changed where status = 'processing'
    union all select null, 'in_transit', 'unclaimed', 'payout_unclaimed', currency, sent_minor, true from changed where status = 'unclaimed'
    union all select null, stands, 'cash', 'payout_completed', currency, sent_minor, true from changed where status = 'completed'
    -- returned after completion: the money comes back to where it was in transit, and on from there
    union all select null, 'in_transit', 'cash', 'payout_returned', currency, sent_minor, false from changed where status = 'returned' and from_status = 'completed'
    union all select wallet_id, null, stands, 'payout_' || status, currency, sent_minor, false from changed where status in ('failed', 'returned', 'cancelled')
    union all select wallet_id, null, 'withholding_payable', 'payout_' || status, currency, withheld_minor, false from changed where status in ('failed', 'returned', 'cancelled')
    union all select wallet_id, null, 'payout_fees', 'payout_' || status, currency, fee_minor, false from changed where status in ('failed', 'returned', 'cancelled')
  )
  select case when m.forth then coalesce(m.wallet_id, s.id) else t.id end, case when m.forth then t.id else coalesce(m.wallet_id, s.id) end,
    m.kind, sum(m.amount)::bigint
  from moves m
  left join ledger_accounts t on t.type = m.target and t.currency = m.currency
  left join ledger_accounts s on s.type = m.source and s.currency = m.currency
  where m.amount <> 0
  group by 1, 2, 3 $$;
revoke execute on function payout_movements(bigint) from public;
grant execute on function payout_movements(bigint) to @operator@, @auditor@;

-- MUST: a posting of payouts is exactly what its changes of status say (SEMANTICS §6), per pair of accounts and kind.
create function assert_payouts_posted(posting bigint) returns void language plpgsql stable set search_path from current as $$
declare
  offender record;
begin
  select sides.debit_id, sides.credit_id, sides.kind into offender from (
    select f.debit_id, f.credit_id, f.kind, f.amount::numeric as said, 0::numeric as posted from payout_movements(posting) f
    union all
    select t.debit_id, t.credit_id, t.kind, 0, t.amount_minor from transfers t where t.posting_id = posting
  ) sides
  group by 1, 2, 3 having sum(said) <> sum(posted) limit 1;
  if found then
    raise exception 'posting %: transfers differ from what became of its payouts (accounts % and %, %)',
      posting, offender.debit_id, offender.credit_id, offender.kind using errcode = 'RV011';
  end if;
end $$;

create function check_payout_posting() returns trigger language plpgsql set search_path from current
  -- Asked for each of a hundred thousand changes by a plan that may have been made when there was none, and reading them all is cheapest.
  set enable_seqscan = off as $$
begin
  -- Once, by the last of the posting's changes.
  if not exists (select from payout_status_changes c where c.posting_id = new.posting_id and c.id > new.id) then
    perform assert_posting_complete(new.posting_id);
  end if;
  return null;
end $$;
create constraint trigger posting_is_complete after insert on payout_status_changes deferrable initially deferred
  for each row when (new.posting_id is not null) execute function check_payout_posting();

grant select on payout_approvals, payout_run_checks, payout_status_changes to @operator@, @auditor@;
grant insert on payout_approvals, payout_status_changes to @operator@;
