-- Review of entries (SEMANTICS §4), and postings that are not decisions (§6).

-- A posting says what it moves: decided chunks, a review, or the states of payouts. Each kind is proved by a check of its
-- own at commit. The default keeps the accrual's insert as it is.
alter table postings
  alter column run_id drop not null,
  alter column chunk_from drop not null,
  alter column chunk_to drop not null,
  add column kind text not null default 'decision' check (kind in ('decision', 'review', 'payout')),
  add column review_id bigint,
  drop constraint postings_overlap,
  -- an absent bound would be an infinite one and overlap with everything
  add constraint postings_overlap exclude using gist (int8range(chunk_from, chunk_to, '[]') with &&) where (kind = 'decision'),
  add constraint posting_of_its_kind check (
    (kind = 'decision') = (run_id is not null) and (kind = 'decision') = (chunk_from is not null)
    and (kind = 'decision') = (chunk_to is not null) and (kind = 'review') = (review_id is not null));
create unique index postings_review on postings (review_id) where review_id is not null;
drop trigger guard on postings;
create trigger guard before insert on postings for each row when (new.kind = 'decision') execute function guard_posting();

-- Whoever changes what is live of an entry, a review that takes it back or a payout that pays it, holds its wallet first;
-- in the order of ids, so that no two wait for each other. A row lock of the weaker kind: postings into the wallet go on.
-- SECURITY DEFINER, because locking a row wants the right to update it, which nobody has.
create function lock_wallets(wallets bigint[]) returns void language plpgsql security definer set search_path from current as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'reviews and payouts are written read committed, not %', current_setting('transaction_isolation')
      using errcode = 'RV002';
  end if;
  perform a.id from ledger_accounts a where a.id = any (wallets) and a.type = 'wallet' order by a.id for no key update;
end $$;
revoke execute on function lock_wallets(bigint[]) from public;
grant execute on function lock_wallets(bigint[]) to @operator@;

-- Rows that the database itself completes, from inside a trigger, and nobody else ever changes.
create function refuse_direct_change() returns trigger language plpgsql set search_path from current as $$
begin
  if pg_trigger_depth() < 2 then
    raise exception '% rows follow from what is recorded: a direct % is refused', tg_table_name, lower(tg_op)
      using errcode = 'RV001', hint = 'record what happened instead';
  end if;
  return new;
end $$;

-- Entries of chunks up to this one are in the ledger.
create function posted_to() returns bigint language sql stable set search_path from current as
  $$ select coalesce(max(chunk_to), 0) from postings $$;
revoke execute on function posted_to() from public;
grant execute on function posted_to() to @operator@, @auditor@;

create type review_verdict as enum ('approved', 'rejected', 'cancelled');

-- One act of review: a person's, or the job's that approves after the hold. How many entries it touched and their hash
-- are filled in at commit, so that the audit trail tells what was reviewed.
create table review_batches (
  id bigint generated always as identity primary key,
  verdict review_verdict not null,
  reason text check (reason <> ''),
  job_run_id bigint references job_runs,
  entries bigint,
  content_hash text,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null,
  check (verdict = 'approved' or reason is not null)
);
alter table postings add foreign key (review_id) references review_batches;

create function unseal_review() returns trigger language plpgsql set search_path from current as $$
begin
  if new.job_run_id is not null then
    perform assert_run_is_mine(new.job_run_id);
  end if;
  new.entries := null;
  new.content_hash := null;
  return new;
end $$;
create trigger stamp before insert on review_batches for each row execute function stamp_in_transaction();
create trigger unsealed before insert on review_batches for each row execute function unseal_review();
create trigger follows before update on review_batches for each row execute function refuse_direct_change();
create trigger never_removed before delete or truncate on review_batches for each statement execute function refuse_removal();
create trigger audit after insert or update on review_batches for each row execute function audit();

-- MUST: an entry is approved at most once, and rejected or cancelled at most once.
create table entry_reviews (
  event_id bigint not null,
  leg smallint not null,
  batch_id bigint not null,
  verdict review_verdict not null
);
create unique index entry_reviews_approved on entry_reviews (event_id, leg) where verdict = 'approved';
create unique index entry_reviews_removed on entry_reviews (event_id, leg) where verdict <> 'approved';
create index entry_reviews_batch on entry_reviews (batch_id);
create trigger insert_only before update or delete or truncate on entry_reviews for each statement execute function refuse_change();

-- MUST: only a posted entry is reviewed, and none that was taken back; one that a live payout holds is never taken back.
create function guard_entry_reviews() returns trigger language plpgsql set search_path from current as $$
declare
  batches bigint[]; events_ bigint[]; legs smallint[]; verdicts review_verdict[]; offender text;
begin
  -- Reads the transition table once into arrays and joins their unnest, which is also what Citus wants.
  select array_agg(batch_id), array_agg(event_id), array_agg(leg), array_agg(verdict) into batches, events_, legs, verdicts from inserted;
  if batches is null then
    return null;
  end if;
  select b.id::text into offender from (select distinct x.id, x.verdict from unnest(batches, verdicts) x (id, verdict)) b
  where not exists (select from review_batches r where r.id = b.id and r.verdict = b.verdict and r.entries is null
                      and r.transaction_id = pg_current_xact_id_if_assigned()) limit 1;
  if offender is not null then
    raise exception 'entries belong to a review of their own transaction and of the same verdict (review %)', offender using errcode = 'RV002';
  end if;
  select i.event_id || '.' || i.leg into offender
  from unnest(events_, legs) i (event_id, leg) left join entries n on n.event_id = i.event_id and n.leg = i.leg
  where n.event_id is null or n.amount_minor = 0 or n.chunk_id > (select posted_to()) limit 1;
  if offender is not null then
    raise exception 'entry % is not posted, or of nothing: there is nothing to review', offender using errcode = 'RV012';
  end if;

  if 'rejected' = any (verdicts) or 'cancelled' = any (verdicts) then
    perform lock_wallets((select array_agg(distinct n.wallet_id) from unnest(events_, legs) i (event_id, leg)
                          join entries n on n.event_id = i.event_id and n.leg = i.leg));
    select i.event_id || '.' || i.leg || ' (' || p.number || ')' into offender
    from unnest(events_, legs, verdicts) i (event_id, leg, verdict)
    join payout_lines l on l.event_id = i.event_id and l.leg = i.leg and l.release_id is null
    join payouts p on p.id = l.payout_id
    where i.verdict <> 'approved' limit 1;
    if offender is not null then
      raise exception 'entry % is in a live payout', offender
        using errcode = 'RV012', hint = 'cancel that payout first; what is paid is corrected by an adjustment';
    end if;
  end if;

  select i.event_id || '.' || i.leg into offender
  from unnest(events_, legs, verdicts) i (event_id, leg, verdict)
  join entry_reviews x on x.event_id = i.event_id and x.leg = i.leg and x.verdict <> 'approved'
  where i.verdict = 'approved' limit 1;
  if offender is not null then
    raise exception 'entry % was rejected or cancelled, which is final', offender using errcode = 'RV012';
  end if;
  return null;
end $$;
create trigger guard after insert on entry_reviews referencing new table as inserted for each statement execute function guard_entry_reviews();

-- MUST: a review's transfers are what it takes back, per wallet and kind of entry: wallet → what it was posted against,
-- a negative the other way.
create function assert_review_posted(posting bigint) returns void language plpgsql stable set search_path from current as $$
declare
  wallet bigint;
begin
  select wallet_id into wallet from (
    select n.wallet_id, n.kind::text, posted_against(n.kind, n.event_id), n.amount_minor as entries, 0 as transfers
    from postings p join entry_reviews r on r.batch_id = p.review_id and r.verdict <> 'approved'
    join entries n on n.event_id = r.event_id and n.leg = r.leg
    where p.id = posting
    union all
    select case when d.type = 'wallet' and c.type in ('commission_expense', 'opening_equity', 'recovery_clearing') then d.id
                when c.type = 'wallet' and d.type in ('commission_expense', 'opening_equity', 'recovery_clearing') then c.id end,
      t.kind, case when d.type = 'wallet' then c.type else d.type end, 0, case when d.type = 'wallet' then t.amount_minor else -t.amount_minor end
    from transfers t
    join ledger_accounts d on d.id = t.debit_id join ledger_accounts c on c.id = t.credit_id
    where t.posting_id = posting
  ) sides (wallet_id, kind, against, entries, transfers)
  group by wallet_id, kind, against having wallet_id is null or sum(entries) <> sum(transfers) limit 1;
  if found then
    raise exception 'posting %: transfers differ from the entries that its review takes back (wallet %)', posting, wallet using errcode = 'RV011';
  end if;
end $$;

-- Completes a review at commit, once. What it takes back must be posted with it; that posting is proved here again,
-- because whoever had it proved early could add entries between that and the seal.
create function seal_review() returns trigger language plpgsql security definer set search_path from current as $$
declare
  counted bigint; hash text; posting bigint;
begin
  select count(*), encode(sha256(convert_to(coalesce(string_agg(event_id || '.' || leg, E'\n' order by event_id, leg), ''), 'UTF8')), 'hex')
    into counted, hash from entry_reviews where batch_id = new.id;
  if counted = 0 then
    raise exception 'review % reviews nothing', new.id using errcode = 'RV012';
  end if;
  if new.verdict <> 'approved' then
    select id into posting from postings where review_id = new.id;
    if not found then
      raise exception 'review % takes entries back without posting them', new.id using errcode = 'RV011';
    end if;
    perform assert_review_posted(posting);
  end if;
  update review_batches set entries = counted, content_hash = hash where id = new.id;
  return null;
end $$;
revoke execute on function seal_review() from public;
create constraint trigger sealed after insert on review_batches deferrable initially deferred
  for each row execute function seal_review();

-- What proves a posting depends on its kind; the triggers of 0004 ask this one.
alter function assert_posting_complete(bigint) rename to assert_decisions_posted;
create function assert_posting_complete(posting bigint) returns void language plpgsql stable set search_path from current as $$
begin
  case (select kind from postings where id = posting)
    when 'decision' then perform assert_decisions_posted(posting);
    when 'review' then perform assert_review_posted(posting);
    when 'payout' then perform assert_payouts_posted(posting);
  end case;
end $$;

-- A hold on an entry names one that exists. A guard and not a foreign key: entries are nobody's to lock or to check on.
create function guard_hold() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from entries n where n.event_id = new.event_id and n.leg = new.leg) then
    raise exception 'there is no entry %.%', new.event_id, new.leg using errcode = '23503';
  end if;
  return new;
end $$;
create trigger guard before insert on holds for each row when (new.event_id is not null) execute function guard_hold();

-- Holds and their releases say which transaction made them, because a status is read as of a moment, and a moment is an
-- instant and a snapshot (src/db/queries/as-of.ts).
do $$
declare
  dated text;
begin
  foreach dated in array array['holds', 'hold_releases'] loop
    execute format('alter table %I add column transaction_id xid8 not null default pg_current_xact_id()', dated);
    execute format('drop trigger stamp on %I', dated);
    execute format('create trigger stamp before insert on %I for each row execute function stamp_in_transaction()', dated);
  end loop;
end $$;

grant select on review_batches, entry_reviews to @operator@, @auditor@;
grant insert on review_batches, entry_reviews to @operator@;
