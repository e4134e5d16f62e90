-- Payouts (SEMANTICS §7). A run and its payouts, lines and wallets are written in one transaction, completed by the
-- database at its commit and never changed again; what happens to a payout afterwards is a row of payout_status_changes.

create table payout_runs (
  id bigint generated always as identity primary key,
  -- the first day that is not in the run
  cutoff date not null,
  -- what was asked for: the whole programme, one partner, or the retry of one payout
  scope text not null check (scope ~ '^(programme|partner=[a-z0-9_-]+|retry=P[0-9]{8,13}[A-Z])$'),
  job_run_id bigint references job_runs,
  -- filled in at commit, when lines, wallets and payouts are proved to agree
  payouts integer,
  content_hash text,
  -- the version of second_checker_limit that stood at that moment; null: there was none
  limit_id bigint references settings,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null,
  check ((payouts is null) = (content_hash is null))
);
create trigger stamp before insert on payout_runs for each row execute function stamp_in_transaction();
create trigger follows before update on payout_runs for each row execute function refuse_direct_change();
create trigger never_removed before delete or truncate on payout_runs for each statement execute function refuse_removal();
-- The content hash is of codes, amounts and entries, not of numbers drawn: so it also tells one plan from another.
create trigger audit after insert or update on payout_runs for each row execute function audit();

create function unseal_payout_run() returns trigger language plpgsql set search_path from current as $$
begin
  if new.job_run_id is not null then
    perform assert_run_is_mine(new.job_run_id);
  end if;
  new.payouts := null;
  new.content_hash := null;
  new.limit_id := null;
  return new;
end $$;
create trigger unsealed before insert on payout_runs for each row execute function unseal_payout_run();

-- The state machine of src/domain/payout-status.ts, held here too; a test compares the two.
create function payout_transitions() returns text[] language sql immutable set search_path from current as $$
  select array[
    'pending>ready', 'pending>cancelled', 'ready>processing', 'ready>cancelled',
    'processing>completed', 'processing>failed', 'processing>unclaimed',
    'unclaimed>completed', 'unclaimed>returned', 'unclaimed>cancelled', 'completed>returned'] $$;
revoke execute on function payout_transitions() from public;
grant execute on function payout_transitions() to @operator@, @auditor@;

-- MUST: one per run, partner and currency; gross = sent + withheld + fee. Amounts in minor units. Lean, because a run may have a
-- hundred thousand: its run is proved as it is inserted, and its partner and currency when the run is complete, all of them at
-- once; foreign keys would ask for each. Room is left in the pages for what is filled in then.
create table payouts (
  id bigint generated always as identity primary key,
  -- a bank's reference holds 15 characters; the letter counts the attempts at paying the same money
  number text not null unique check (number ~ '^P[0-9]{8,13}[A-Z]$'),
  run_id bigint not null,
  partner_id bigint not null,
  currency text not null,
  gross_minor bigint not null,
  withheld_minor bigint not null default 0 check (withheld_minor >= 0),
  fee_minor bigint not null default 0 check (fee_minor >= 0),
  sent_minor bigint not null check (sent_minor > 0),
  -- follows from payout_status_changes
  status text not null check (status in ('pending', 'ready', 'processing', 'unclaimed', 'completed', 'failed', 'returned', 'cancelled')),
  retry_of bigint references payouts,
  -- filled in when the run is complete
  lines bigint,
  content_hash text,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null,
  unique (run_id, partner_id, currency),
  check (gross_minor = sent_minor + withheld_minor + fee_minor)
) with (fillfactor = 45);
create unique index payouts_retry_of on payouts (retry_of) where retry_of is not null;
create index payouts_partner on payouts (partner_id);
create index payouts_open on payouts (status) where status in ('pending', 'ready', 'processing', 'unclaimed');

-- True while the transaction that made the run is still writing it.
create function is_open_run(run bigint) returns boolean language sql stable set search_path from current as $$
  select exists (select from payout_runs r where r.id = run and r.content_hash is null and r.transaction_id = pg_current_xact_id_if_assigned()) $$;
revoke execute on function is_open_run(bigint) from public;
grant execute on function is_open_run(bigint) to @operator@;

create function guard_payout() returns trigger language plpgsql set search_path from current as $$
declare
  retried payouts;
begin
  if new.retry_of is not null then
    select * into retried from payouts where id = new.retry_of;
    if retried.status not in ('failed', 'returned', 'cancelled') or (retried.partner_id, retried.currency) <> (new.partner_id, new.currency) then
      raise exception 'only a failed, returned or cancelled payout is tried again, for the same partner and currency (%)', retried.number
        using errcode = 'RV004';
    end if;
    if right(retried.number, 1) = 'Z' then
      raise exception 'payout % was tried 26 times', retried.number using errcode = 'RV004', hint = 'let the next run take its entries';
    end if;
    new.number := left(retried.number, -1) || chr(ascii(right(retried.number, 1)) + 1);
  end if;
  new.status := 'pending';
  new.lines := null;
  new.content_hash := null;
  return new;
end $$;
create trigger stamp before insert on payouts for each row execute function stamp_in_transaction();
create trigger chosen_id before insert on payouts for each row execute function refuse_chosen_id();
create trigger guard before insert on payouts for each row execute function guard_payout();

create function guard_payouts_of_run() returns trigger language plpgsql set search_path from current as $$
declare
  runs bigint[]; offender bigint;
begin
  select array_agg(distinct run_id) into runs from inserted;
  select x into offender from unnest(runs) x where not is_open_run(x) limit 1;
  if found then
    raise exception 'payouts belong to a run of their own transaction; run % is complete', offender
      using errcode = 'RV002', hint = 'generate another run';
  end if;
  return null;
end $$;
create trigger of_run after insert on payouts referencing new table as inserted for each statement execute function guard_payouts_of_run();
create trigger follows before update on payouts for each row execute function refuse_direct_change();
create trigger never_removed before delete or truncate on payouts for each statement execute function refuse_removal();
create trigger audit after update on payouts for each row when (old.status <> new.status) execute function audit();

-- What a payout takes from each instance's wallet: each one gives, none eats another's. As lean as payouts are.
create table payout_wallets (
  payout_id bigint not null,
  wallet_id bigint not null,
  gross_minor bigint not null check (gross_minor > 0),
  withheld_minor bigint not null default 0 check (withheld_minor >= 0),
  fee_minor bigint not null default 0 check (fee_minor >= 0),
  sent_minor bigint not null check (sent_minor >= 0),
  primary key (payout_id, wallet_id),
  check (gross_minor = sent_minor + withheld_minor + fee_minor)
);

-- MUST: an entry is in at most one live payout; release_id is the change of status that let it go. Lean, because a run
-- may have a million. (A block-range index by payout would be smaller, and useless until something has summarised it.)
create table payout_lines (
  payout_id bigint not null,
  event_id bigint not null,
  wallet_id bigint not null,
  amount_minor bigint not null check (amount_minor <> 0),
  release_id bigint,
  leg smallint not null,
  constraint payout_lines_live unique nulls not distinct (event_id, leg, release_id)
);
create index payout_lines_payout on payout_lines (payout_id);

create table payout_skips (
  run_id bigint not null references payout_runs,
  wallet_id bigint not null references ledger_accounts,
  partner_id bigint not null references partners,
  currency text not null references currencies,
  reason text not null check (reason ~ '^[a-z][a-z_]+$'),
  amount_minor bigint not null,
  entries bigint not null check (entries > 0),
  primary key (run_id, wallet_id, reason)
);
create index payout_skips_partner on payout_skips (partner_id);

create function guard_payout_lines() returns trigger language plpgsql set search_path from current as $$
declare
  payouts_ bigint[]; runs bigint[]; there bigint; offender bigint;
begin
  select array_agg(payout_id) into payouts_ from (select distinct payout_id from inserted) d;
  -- Of a hundred thousand payouts the few runs are asked about; only where one is wrong it is looked for.
  select count(*), array_agg(distinct p.run_id) into there, runs from payouts p where p.id = any (payouts_);
  if there < cardinality(payouts_) or exists (select from unnest(runs) x where not is_open_run(x)) then
    select x into offender from unnest(payouts_) x
    where not exists (select from payouts p where p.id = x and is_open_run(p.run_id)) limit 1;
    raise exception 'payout % is complete: its content is written in its own transaction', offender
      using errcode = 'RV002', hint = 'what is wrong with it is mended by cancelling it';
  end if;
  return null;
end $$;
create trigger guard after insert on payout_lines referencing new table as inserted for each statement execute function guard_payout_lines();
create trigger guard after insert on payout_wallets referencing new table as inserted for each statement execute function guard_payout_lines();

create function guard_payout_skips() returns trigger language plpgsql set search_path from current as $$
begin
  if exists (select from (select distinct run_id from inserted) d where not is_open_run(d.run_id)) then
    raise exception 'what a run leaves out is recorded with it' using errcode = 'RV002';
  end if;
  return null;
end $$;
create trigger guard after insert on payout_skips referencing new table as inserted for each statement execute function guard_payout_skips();

-- Only the release of a line, from inside a trigger. Per statement: a row trigger would cost a large payout dearly.
create function refuse_line_change() returns trigger language plpgsql set search_path from current as $$
begin
  if tg_op <> 'UPDATE' or pg_trigger_depth() < 2 then
    raise exception 'payout_lines rows are insert-only: % is refused', lower(tg_op) using errcode = 'RV001';
  end if;
  return null;
end $$;
create trigger insert_only before update or delete or truncate on payout_lines for each statement execute function refuse_line_change();
create trigger insert_only before update or delete or truncate on payout_wallets for each statement execute function refuse_change();
create trigger insert_only before update or delete or truncate on payout_skips for each statement execute function refuse_change();

-- Completes a run at commit, once. MUST: the lines are posted entries of these very amounts, in wallets of the payout's
-- partner and currency, none taken back or let go; per wallet they sum to its gross, and the wallets to the payout. One
-- pass over the lines proves that and hashes them. SECURITY DEFINER to write the hashes.
create function seal_payout_run() returns trigger language plpgsql security definer set search_path from current as $$
declare
  offender text; made integer; hash text; loops text := current_setting('enable_nestloop');
begin
  -- Held until the end of the transaction, so that no review takes back what is being paid.
  perform lock_wallets((select array_agg(w.wallet_id) from payout_wallets w join payouts p on p.id = w.payout_id where p.run_id = new.id));

  -- Nobody has counted these rows yet, so the planner would look up a million entries one by one.
  if (select count(*) from (select from payouts p join payout_lines l on l.payout_id = p.id where p.run_id = new.id limit 50001) many) > 50000 then
    perform set_config('enable_nestloop', 'off', true);
  end if;
  -- Proved first and hashed after: what is sorted for the hash is narrow. (OFFSET 0 keeps the planner from joining the two.)
  with lines as materialized (
    select payout_id, wallet_id, sum(amount_minor) as gross, count(*) as lines, count(*) filter (where wrong) as wrong,
      encode(sha256(string_agg(int8send(event_id) || int2send(leg) || int8send(amount_minor), '' order by event_id, leg)), 'hex') as hash
    from (
      select l.payout_id, l.wallet_id, l.event_id, l.leg, l.amount_minor,
        n.event_id is null or n.amount_minor <> l.amount_minor or n.wallet_id is distinct from l.wallet_id
          or n.chunk_id > (select posted_to()) or l.release_id is not null as wrong
      from payouts p join payout_lines l on l.payout_id = p.id
      left join entries n on n.event_id = l.event_id and n.leg = l.leg
      where p.run_id = new.id
      offset 0
    ) proved
    group by payout_id, wallet_id
  ), wallets as materialized (
    select w.payout_id, w.wallet_id, w.gross_minor, w.withheld_minor, w.fee_minor, w.sent_minor, l.hash, l.lines,
      l.payout_id is not null and l.gross = w.gross_minor and l.wrong = 0 and a.type = 'wallet'
        and a.partner_id = p.partner_id and a.currency = p.currency as agrees
    from payouts p join payout_wallets w on w.payout_id = p.id
    join ledger_accounts a on a.id = w.wallet_id
    left join lines l on l.payout_id = w.payout_id and l.wallet_id = w.wallet_id
    where p.run_id = new.id
    union all
    select l.payout_id, l.wallet_id, 0, 0, 0, 0, '', 0, false from lines l
    where not exists (select from payout_wallets w where w.payout_id = l.payout_id and w.wallet_id = l.wallet_id)
  ), summed as materialized (
    select p.id, p.number, sum(w.lines) as lines, a.id is not null and p.gross_minor = sum(w.gross_minor) and p.withheld_minor = sum(w.withheld_minor)
        and p.fee_minor = sum(w.fee_minor) and p.sent_minor = sum(w.sent_minor) and bool_and(w.agrees) as agrees,
      encode(sha256(convert_to(format(E'%s %s %s %s %s %s\n', a.code, p.currency, p.gross_minor, p.withheld_minor, p.fee_minor, p.sent_minor)
        || string_agg(w.wallet_id || ' ' || w.gross_minor || ' ' || w.hash, E'\n' order by w.wallet_id), 'UTF8')), 'hex') as hash
    from payouts p left join partners a on a.id = p.partner_id left join wallets w on w.payout_id = p.id
    where p.run_id = new.id
    group by p.id, a.id
  ), sealed as (
    update payouts p set content_hash = s.hash, lines = s.lines from summed s where p.id = s.id and s.agrees
  )
  select number into offender from summed where agrees is not true order by id limit 1;
  if found then
    raise exception 'payout % differs from its lines, or they from the entries', offender using errcode = 'RV013';
  end if;

  perform set_config('enable_nestloop', loops, true);

  select x.event_id || '.' || x.leg into offender
  from entry_reviews x
  where x.verdict <> 'approved' and exists (
    select from payout_lines l join payouts p on p.id = l.payout_id
    where l.event_id = x.event_id and l.leg = x.leg and l.release_id is null and p.run_id = new.id) limit 1;
  if found then
    raise exception 'entry % was rejected or cancelled and is not paid', offender using errcode = 'RV013';
  end if;

  select count(*), encode(sha256(convert_to(new.cutoff || E'\n' || coalesce(string_agg(p.content_hash, E'\n' order by a.code, p.currency), ''), 'UTF8')), 'hex')
    into made, hash from payouts p join partners a on a.id = p.partner_id where p.run_id = new.id;
  update payout_runs set payouts = made, content_hash = hash, limit_id = second_checker_limit() where id = new.id;
  return null;
end $$;
revoke execute on function seal_payout_run() from public;
create constraint trigger sealed after insert on payout_runs deferrable initially deferred
  for each row execute function seal_payout_run();

grant select on payout_runs, payouts, payout_wallets, payout_lines, payout_skips to @operator@, @auditor@;
grant insert on payout_runs, payouts, payout_wallets, payout_lines, payout_skips to @operator@;
