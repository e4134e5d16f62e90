-- Acts that say themselves what they post (a bonus, an adjustment, a debit, a write-off) are decided and posted by the
-- transaction that records them (SEMANTICS §4, §6). Nobody else has ever seen their events, so there is nothing to claim:
-- any number of people move wallets at once, while a night is at work too.

-- Such a chunk decides for itself and under no run. It counts down from -1, so that it is never after what is posted
-- (posted_to): posted it is, from the moment on in which anybody can see it.
create sequence own_chunk_ids as bigint increment by -1 minvalue -9007199254740991 maxvalue -1;
alter table decision_chunks
  alter column run_id drop not null,
  add constraint decision_chunks_own check ((run_id is null) = (id < 0));
alter table postings
  drop constraint posting_of_its_kind,
  add constraint posting_of_its_kind check (
    (kind = 'decision') = (chunk_from is not null) and (kind = 'decision') = (chunk_to is not null)
    and (run_id is not null) = coalesce(chunk_from > 0, false) and (chunk_from > 0 or chunk_to = chunk_from)
    and (kind = 'review') = (review_id is not null));

-- What is posted is asked of every entry, and whether a chunk is posted by everybody who writes one.
create index postings_chunk_to on postings (chunk_to) where chunk_to is not null;

-- SECURITY DEFINER only to draw from the sequence, which nobody else may.
create function number_own_chunk() returns trigger language plpgsql security definer set search_path from current as $$
begin
  new.id := nextval('own_chunk_ids');
  return new;
end $$;
revoke execute on function number_own_chunk() from public;

-- Shared by whoever decides for itself, exclusive to the opening of the books, which must come before any decision. Not
-- chunks_lock(): a posting holds that one for as long as it adds up a night.
create function opening_lock() returns bigint language sql stable set search_path from current as $$
  select hashtextextended(current_schema() || '.opening', 0) $$;
revoke execute on function opening_lock() from public;
grant execute on function opening_lock() to @operator@;

create function guard_own_chunk() returns trigger language plpgsql set search_path from current as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'decisions are written read committed, not %', current_setting('transaction_isolation') using errcode = 'RV002';
  end if;
  perform pg_advisory_xact_lock_shared(opening_lock());
  return new;
end $$;
revoke execute on function guard_own_chunk() from public;

drop trigger chosen_id on decision_chunks;
drop trigger guard on decision_chunks;
create trigger chosen_id before insert on decision_chunks for each row when (new.run_id is not null) execute function refuse_chosen_id();
create trigger chosen_own_id before insert on decision_chunks for each row when (new.run_id is null) execute function number_own_chunk();
create trigger guard before insert on decision_chunks for each row when (new.run_id is not null) execute function guard_decision_chunk();
create trigger guard_own before insert on decision_chunks for each row when (new.run_id is null) execute function guard_own_chunk();

-- MUST: without a claim nothing is decided but acts of this very transaction that say themselves what they post. Whatever
-- regards a sale or another event is decided in its turn, by a run.
create function guard_own_range() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from event_batches b where b.id = new.batch_id and b.transaction_id = pg_current_xact_id_if_assigned()
                   and b.first_id = new.first_id and b.last_id = new.last_id)
     or exists (select from revenue_events e where e.id between new.first_id and new.last_id
                  and (e.kind not in ('adjustment', 'bonus', 'write_off') or num_nonnulls(e.sale_id, e.regards_id) > 0
                       or not exists (select from event_legs l where l.event_id = e.id))) then
    raise exception 'without the claim of a run only acts of this transaction are decided, which say themselves what they post (batch %)', new.batch_id
      using errcode = 'RV002';
  end if;
  return null;
end $$;
revoke execute on function guard_own_range() from public;
create trigger guard_own after insert on decision_ranges for each row when (new.chunk_id < 0) execute function guard_own_range();

-- MUST: such a chunk is posted by its own transaction, and by itself.
create function guard_own_posting() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from decision_chunks c where c.id = new.chunk_from and c.transaction_id = pg_current_xact_id_if_assigned()) then
    raise exception 'chunk % is posted by the transaction that decides it', new.chunk_from using errcode = 'RV002';
  end if;
  return new;
end $$;
revoke execute on function guard_own_posting() from public;
drop trigger guard on postings;
create trigger guard before insert on postings for each row when (new.chunk_from > 0) execute function guard_posting();
create trigger guard_own before insert on postings for each row when (new.chunk_from < 0) execute function guard_own_posting();

create function check_own_posted() returns trigger language plpgsql set search_path from current set enable_seqscan = off as $$
begin
  if not exists (select from postings p where p.kind = 'decision' and int8range(p.chunk_from, p.chunk_to, '[]') @> new.id) then
    raise exception 'chunk % decides for itself and is not posted', new.id using errcode = 'RV011';
  end if;
  return null;
end $$;
revoke execute on function check_own_posted() from public;
create constraint trigger own_is_posted after insert on decision_chunks deferrable initially deferred
  for each row when (new.run_id is null) execute function check_own_posted();

-- MUST: what takes from a wallet only what is there is in the books as soon as it is done, so that nothing taken is still on
-- its way when somebody else looks at what is left; and all that its transaction did to the wallet left nothing below zero.
-- Whoever has this proved early has to have posted it by then, to the last transfer: what is neither on its way nor in the
-- ledger would not be counted against what the same transaction takes next.
create function check_taken_at_once() returns trigger language plpgsql set search_path from current as $$
declare
  posting bigint;
begin
  if not exists (select from requests r where r.id = new.request_id and r.kind in ('debit', 'recovery')) then
    return null;
  end if;
  if exists (select from event_batches b where b.id = new.id and b.decided_to < b.last_id) then
    raise exception 'batch % takes from a wallet and is not posted', new.id using errcode = 'RV011';
  end if;
  select p.id into posting from decision_ranges r
  join postings p on p.kind = 'decision' and int8range(p.chunk_from, p.chunk_to, '[]') @> r.chunk_id where r.batch_id = new.id limit 1;
  if not found then
    raise exception 'batch % takes from a wallet and is not posted', new.id using errcode = 'RV011';
  end if;
  perform assert_decisions_posted(posting);
  if exists (select from entries n where n.event_id between new.first_id and new.last_id and n.amount_minor < 0 and spendable(n.wallet_id) < 0) then
    raise exception 'batch % takes more from a wallet than there is', new.id using errcode = 'RV021';
  end if;
  return null;
end $$;
revoke execute on function check_taken_at_once() from public;
create constraint trigger taken_at_once after insert on event_batches deferrable initially deferred
  for each row when (new.request_id is not null) execute function check_taken_at_once();

-- How many days what is earned at an instance on a day waits, as was known: its own setting, else the programme's.
create function hold_days(instance bigint, day date, known bigint) returns int language sql stable set search_path from current as $$
  select coalesce((select (s.value #>> '{}')::int from settings s
    where s.name = 'hold_days' and (s.instance_id = instance or s.instance_id is null) and s.valid @> day
      and s.known_seq <= known and (s.retired_seq is null or s.retired_seq > known)
    order by s.instance_id nulls last limit 1), 0) $$;
revoke execute on function hold_days(bigint, date, bigint) from public;
grant execute on function hold_days(bigint, date, bigint) to @operator@;

-- Decides and posts a batch of acts that this transaction has recorded. What each leg becomes is decided by whoever calls,
-- by the function that decides everything, and handed in as rows; when it posts and may be paid follows from the books here
-- and is checked by the guards of entries: an adjustment posts on the day that it is of or not at all (0035). Returns how many transfers were made. SECURITY INVOKER: nothing that the caller
-- could not write row by row.
create function post_acts(batch bigint, known bigint, decided jsonb) returns integer language plpgsql set search_path from current as $$
declare
  recorded event_batches; chunk bigint; posting bigint; made integer;
begin
  select * into recorded from event_batches where id = batch;
  insert into decision_chunks (known_seq) values (known) returning id into chunk;
  update event_batches set decided_to = last_id where id = batch;
  insert into decision_ranges (chunk_id, batch_id, first_id, last_id) values (chunk, batch, recorded.first_id, recorded.last_id);
  insert into ledger_accounts (type, partner_id, instance_id, currency)
  select distinct 'wallet', d.partner_id, e.instance_id, e.currency
  from jsonb_to_recordset(decided) d (place bigint, partner_id bigint) join revenue_events e on e.id = recorded.first_id + d.place
  where not exists (select from ledger_accounts a where a.type = 'wallet' and a.partner_id = d.partner_id and a.instance_id = e.instance_id and a.currency = e.currency)
  order by 2, 3, 4 on conflict do nothing;
  insert into entries (event_id, chunk_id, leg, wallet_id, kind, reason, amount_minor, base_minor, full_minor, rule_version_id, known_seq, rate_ppm,
    posting_date, payable_on)
  select e.id, chunk, d.leg, w.id, d.kind, d.reason, d.amount, d.base, d.full, d.rule_version_id, known, d.rate_ppm,
    case d.kind when 'adjustment' then e.occurred_on else posting_day(e.occurred_on) end,
    e.occurred_on + case when d.amount < 0 then 0 else hold_days(e.instance_id, e.occurred_on, known) end
  from jsonb_to_recordset(decided) d (place bigint, leg smallint, partner_id bigint, kind entry_kind, reason entry_reason, amount bigint, base bigint,
    "full" bigint, rule_version_id bigint, rate_ppm integer)
  join revenue_events e on e.id = recorded.first_id + d.place
  join ledger_accounts w on w.type = 'wallet' and w.partner_id = d.partner_id and w.instance_id = e.instance_id and w.currency = e.currency;
  insert into postings (chunk_from, chunk_to) values (chunk, chunk) returning id into posting;
  insert into ledger_accounts (type, currency)
  select distinct posted_against(n.kind, n.event_id), w.currency from entries n join ledger_accounts w on w.id = n.wallet_id
  where n.event_id between recorded.first_id and recorded.last_id
    and not exists (select from ledger_accounts a where a.type = posted_against(n.kind, n.event_id) and a.currency = w.currency)
  on conflict do nothing;
  insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
  select posting, case when s.amount > 0 then x.id else s.wallet_id end, case when s.amount > 0 then s.wallet_id else x.id end, abs(s.amount), s.kind, s.posting_date
  from (
    select n.wallet_id, n.kind, n.posting_date, posted_against(n.kind, n.event_id) as against, w.currency, sum(n.amount_minor) as amount
    from entries n join ledger_accounts w on w.id = n.wallet_id
    where n.event_id between recorded.first_id and recorded.last_id group by 1, 2, 3, 4, 5
  ) s join ledger_accounts x on x.type = s.against and x.currency = s.currency
  where s.amount <> 0 order by s.posting_date, s.wallet_id, s.kind, s.against;
  get diagnostics made = row_count;
  return made;
end $$;
revoke execute on function post_acts(bigint, bigint, jsonb) from public;
grant execute on function post_acts(bigint, bigint, jsonb) to @operator@;
