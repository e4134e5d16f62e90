-- Jobs, decisions and the ledger (SEMANTICS §4, §6).

create table job_runs (
  id bigint generated always as identity primary key,
  job text not null check (job ~ '^[a-z][a-z0-9-]*$'),
  scope text not null default '',
  business_date date not null,
  -- the fence: the worker of an earlier attempt can write nothing once a later one exists
  attempt integer not null check (attempt >= 1),
  status text not null check (status in ('running', 'succeeded', 'partly', 'failed', 'lost')),
  known_seq bigint references known_changes,
  lease_until timestamptz not null,
  worker text not null,
  summary jsonb,
  error text,
  finished_at timestamptz,
  created_by text not null,
  recorded_at timestamptz not null,
  unique (job, scope, business_date, attempt),
  check ((status = 'running') = (finished_at is null))
);
create unique index job_runs_one_running on job_runs (job, scope) where status = 'running';
create trigger stamp before insert on job_runs for each row execute function stamp();

create function guard_job_run() returns trigger language plpgsql set search_path from current as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'running' then
      raise exception 'a job run begins as running, not %', new.status using errcode = 'RV002';
    end if;
    return new;
  end if;
  if old.status <> 'running' or (new.id, new.job, new.scope, new.business_date, new.attempt, new.created_by, new.recorded_at)
     is distinct from (old.id, old.job, old.scope, old.business_date, old.attempt, old.created_by, old.recorded_at) then
    raise exception 'a finished job run never changes, and a running one only its progress' using errcode = 'RV001';
  end if;
  if old.known_seq is not null and new.known_seq is distinct from old.known_seq then
    raise exception 'a run keeps the known_seq it read' using errcode = 'RV001';
  end if;
  -- The next worker takes a dead one's claim over by marking it lost. What a run did is its own login's to say.
  if old.created_by <> session_user and (new.status <> 'lost'
     or (new.known_seq, new.lease_until, new.summary) is distinct from (old.known_seq, old.lease_until, old.summary)) then
    raise exception 'run % belongs to %: another login may only mark it lost', old.id, old.created_by using errcode = 'RV008';
  end if;
  return new;
end $$;
create trigger guard before insert or update on job_runs for each row execute function guard_job_run();
create trigger never_removed before delete or truncate on job_runs for each statement execute function refuse_removal();

-- A chunk is what one guarded statement decided: entries and cursors together, or nothing.
create table decision_chunks (
  id bigint generated always as identity primary key,
  run_id bigint not null references job_runs,
  known_seq bigint not null references known_changes,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null
);
create trigger insert_only before update or delete or truncate on decision_chunks for each statement execute function refuse_change();
create trigger stamp before insert on decision_chunks for each row execute function stamp_in_transaction();
create trigger chosen_id before insert on decision_chunks for each row execute function refuse_chosen_id();

-- Read committed, because a fixed snapshot would not show that another worker has taken the run over meanwhile, nor a
-- chunk that was committed while a posting waited for its lock.
create function assert_run_is_mine(run bigint) returns void language plpgsql stable set search_path from current as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'decisions are written read committed, not %', current_setting('transaction_isolation') using errcode = 'RV002';
  end if;
  if not exists (select from job_runs r where r.id = run and r.status = 'running' and r.lease_until > clock_timestamp()
                 and r.created_by = session_user) then
    raise exception 'run % is not running under this login, or its lease is over', run using errcode = 'RV008';
  end if;
end $$;

-- Held to the end of the transaction, shared by the writers of chunks and exclusive to a posting. Not a lock of the table:
-- that one a session has from the moment it announces an insert, and a worker stopped between that and its execution
-- would keep every posting waiting for as long as it stands still; no timeout of the server ends such a wait.
create function chunks_lock() returns bigint language sql stable set search_path from current as $$
  select hashtextextended(current_schema() || '.decision_chunks', 0) $$;

create function guard_decision_chunk() returns trigger language plpgsql set search_path from current as $$
begin
  perform assert_run_is_mine(new.run_id);
  perform pg_advisory_xact_lock_shared(chunks_lock());
  if not exists (select from job_runs r where r.id = new.run_id and r.known_seq = new.known_seq) then
    raise exception 'run % reads another known_seq than %', new.run_id, new.known_seq using errcode = 'RV002';
  end if;
  return new;
end $$;
create trigger guard before insert on decision_chunks for each row execute function guard_decision_chunk();

-- Which events of which batch a chunk decided. Ranges of a batch follow each other without a gap.
create table decision_ranges (
  chunk_id bigint not null references decision_chunks,
  batch_id bigint not null references event_batches,
  first_id bigint not null,
  last_id bigint not null,
  primary key (batch_id, first_id),
  check (last_id >= first_id)
);
create index decision_ranges_chunk on decision_ranges (chunk_id);
create trigger insert_only before update or delete or truncate on decision_ranges for each statement execute function refuse_change();

-- A posting was compared with what its chunks held. Its own transaction, too, may not add to them afterwards.
create function assert_not_posted(chunks bigint[]) returns void language plpgsql stable set search_path from current set enable_seqscan = off as $$
declare
  posted bigint;
begin
  -- One by one and by the index that keeps postings from overlapping: of postings just made the planner believes that there
  -- are few, and would read them all.
  select x into posted from unnest(chunks) x
  where (select p.id from postings p where p.kind = 'decision' and int8range(p.chunk_from, p.chunk_to, '[]') @> x) is not null limit 1;
  if posted is not null then
    raise exception 'chunk % is posted and complete', posted using errcode = 'RV011';
  end if;
end $$;

create function guard_decision_range() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from decision_chunks c where c.id = new.chunk_id and c.transaction_id = pg_current_xact_id_if_assigned()) then
    raise exception 'a range belongs to a chunk of its own transaction' using errcode = 'RV002';
  end if;
  perform assert_not_posted(array[new.chunk_id]);
  if not exists (select from event_batches b where b.id = new.batch_id and new.first_id >= b.first_id and new.last_id = b.decided_to)
     or not (exists (select from event_batches b where b.id = new.batch_id and b.first_id = new.first_id)
             or exists (select from decision_ranges p where p.batch_id = new.batch_id and p.last_id = new.first_id - 1)) then
    raise exception 'range %..% of batch % does not continue what was decided', new.first_id, new.last_id, new.batch_id using errcode = 'RV002';
  end if;
  return null;
end $$;
create trigger guard after insert on decision_ranges for each row execute function guard_decision_range();

-- A cursor moves only together with the range that says why, in the same transaction.
create function check_cursor() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from decision_ranges r where r.batch_id = new.id and r.last_id = new.decided_to) then
    raise exception 'the cursor of batch % moved to % without a decision', new.id, new.decided_to using errcode = 'RV002';
  end if;
  return null;
end $$;
create constraint trigger cursor_has_range after update of decided_to on event_batches deferrable initially deferred
  for each row execute function check_cursor();

create table ledger_accounts (
  id bigint generated always as identity primary key,
  type text not null check (type in ('wallet', 'commission_expense', 'in_transit', 'unclaimed', 'withholding_payable', 'payout_fees', 'cash', 'input_vat',
    'fx_difference', 'rounding', 'wholesale_receivable', 'wholesale_revenue', 'opening_equity', 'recovery_clearing')),
  currency text not null references currencies,
  partner_id bigint references partners,
  instance_id bigint references instances,
  created_by text not null,
  recorded_at timestamptz not null,
  check (case when type in ('wallet', 'wholesale_receivable') then partner_id is not null and instance_id is not null
              else partner_id is null and instance_id is null end),
  unique nulls not distinct (type, currency, partner_id, instance_id)
);
create trigger stamp before insert on ledger_accounts for each row execute function stamp();
create trigger insert_only before update or delete or truncate on ledger_accounts for each statement execute function refuse_change();

create type entry_kind as enum ('earning', 'override', 'bonus', 'adjustment', 'refund', 'credit', 'chargeback', 'restoration',
  'true_up', 'rerate', 'reattribution', 'void', 'opening', 'write_off');
create type entry_reason as enum ('no_rule', 'excluded', 'zero_rate', 'rule_currency', 'zero_sale', 'over_collected', 'sale_unknown',
  'no_agreement', 'house_partner', 'percentage_only', 'rounds_to_zero', 'unchanged', 'unlinked_credit', 'no_base', 'no_account',
  'self_referral', 'first_sale_only', 'earning_ended', 'product_limit', 'territory', 'below_minimum_sale', 'cap_reached', 'share_cap',
  'reattributed', 'voided');

-- The sub-ledger. MUST: insert-only, one cause, each leg of an event decided once. leg = attribution slot * 16 + level.
-- Amounts in minor units of the wallet's currency. Without an agreement nobody earns: no wallet, and the amount is 0.
create table entries (
  event_id bigint not null,
  chunk_id bigint not null,
  wallet_id bigint,
  amount_minor bigint not null,
  base_minor bigint not null,
  -- what the share earns when its sale is collected in full: frozen by the sale's first decision
  full_minor bigint not null,
  -- the same without caps, where a cap took something
  uncapped_minor bigint,
  -- what the rule's window held before the sale: its tiers and its cap were counted from here
  window_base_minor bigint,
  window_full_minor bigint,
  -- how many of the currency the rule pays in one of the sale's was worth
  fx_rate numeric check (fx_rate > 0),
  -- the recorded rates that it comes from, in the order of the way: one as it was or turned around, two that were crossed
  fx_rate_ids bigint[],
  rule_version_id bigint,
  known_seq bigint not null,
  rate_ppm integer,
  posting_date date not null,
  payable_on date not null,
  kind entry_kind not null,
  reason entry_reason,
  leg smallint not null check (leg between 0 and 1599),
  tier text,
  primary key (event_id, leg),
  check (amount_minor = 0 or wallet_id is not null),
  check (amount_minor <> 0 or reason is not null),
  check (uncapped_minor is null or abs(uncapped_minor) > abs(full_minor)),
  check ((window_base_minor is null) = (window_full_minor is null) and window_base_minor >= 0)
);
-- Chunks only grow, so a block-range index finds a run's entries at next to no cost per row.
create index entries_chunk on entries using brin (chunk_id) with (pages_per_range = 32, autosummarize = on);
create trigger insert_only before update or delete or truncate on entries for each statement execute function refuse_change();

-- The day on which what happened on `day` posts: itself, or the first of the earliest open month where its own is not open.
create function posting_day(day date) returns date language sql stable set search_path from current as $$
  select greatest(day, open_from()) $$;

-- MUST: an entry's cause exists and was decided by a chunk of this very transaction, in whose ranges it is unless it has
-- waited; its wallet is of the event's instance and, unless it was converted, currency; it posts on its business date,
-- nothing into a closed period, nor into a soft-closed one but what was agreed to; it is payable after the hold that was in force, a negative at once; it read what its chunk
-- read, or what its sale's first decision had read.
-- One pass over the rows, which are folded into the few combinations of wallet, day and dates before those are looked at;
-- planned anew for each batch, because a plan for no batch in particular takes its arrays for ten rows long; so they are
-- where somebody does a single act, and planning would be most of the work.
create function guard_entries() returns trigger language plpgsql set search_path from current set plan_cache_mode = force_custom_plan as $$
declare
  events_ bigint[]; wallets bigint[]; event_chunks bigint[]; seqs bigint[]; posted_on date[]; payable date[]; negatives boolean[];
  converted boolean[]; opened boolean[]; chunks bigint[]; versions bigint[]; dates date[]; low bigint; high bigint; offender record; missing bigint;
begin
  select array_agg(event_id), array_agg(wallet_id), array_agg(chunk_id), array_agg(known_seq), array_agg(posting_date),
         array_agg(payable_on), array_agg(amount_minor < 0), array_agg(fx_rate is not null), array_agg(kind = 'opening'), min(event_id), max(event_id)
    into events_, wallets, event_chunks, seqs, posted_on, payable, negatives, converted, opened, low, high from inserted;
  if events_ is null then
    return null;
  end if;
  if cardinality(events_) <= 16 then
    perform set_config('plan_cache_mode', 'auto', true);
  end if;
  select array_agg(chunk_id) into chunks from (select distinct chunk_id from inserted) d;
  select array_agg(rule_version_id) into versions from (select distinct rule_version_id from inserted where rule_version_id is not null) d;
  select array_agg(posting_date) into dates from (select distinct posting_date from inserted) d;
  if assert_periods_open(dates) then
    select i.event_id into missing from inserted i where i.posting_date < open_from() and not is_agreed_adjustment(i.event_id) limit 1;
    if missing is not null then
      raise exception 'the entry of event % is no adjustment that a second person agreed to post into a soft-closed period', missing
        using errcode = 'RV003', hint = 'anything else posts on the first day of the earliest open period';
    end if;
  end if;
  select x into missing from unnest(chunks) x
  where not exists (select from decision_chunks c where c.id = x and c.transaction_id = pg_current_xact_id_if_assigned()) limit 1;
  if missing is not null then
    raise exception 'entries belong to a chunk of their own transaction (chunk %)', missing using errcode = 'RV002';
  end if;
  perform assert_not_posted(chunks);
  select x into missing from unnest(versions) x where not exists (select from rule_versions v where v.id = x) limit 1;
  if missing is not null then
    raise exception 'there is no rule version %', missing using errcode = '23503';
  end if;
  with holds as materialized (
    select instance_id, valid, known_seq, coalesce(retired_seq, 9223372036854775807) as retired_seq, (value #>> '{}')::int as days
    from settings where name = 'hold_days'
  )
  select checked.* into offender
  from (
    select seen.event_id, seen.outside, seen.instance_id is null or (seen.wallet_id is not null and (w.id is null or w.type <> 'wallet'
        or w.instance_id <> seen.instance_id or (w.currency <> seen.currency and not seen.converted))) as misplaced,
      seen.posting_date <> seen.occurred_on and seen.posting_date <> posting_day(seen.occurred_on) as misposted,
      -- what the books began with is payable when its act says (guard_given_entries)
      not seen.opened and seen.payable_on <> seen.occurred_on + case when seen.negative then 0 else coalesce(own.days, every.days, 0) end as mispaid
    from (
      select i.wallet_id, e.instance_id, e.currency, e.occurred_on, i.posting_date, i.payable_on, i.negative, i.converted, i.opened, r.known_seq,
        min(i.event_id) as event_id, min(i.event_id) filter (where (r.covered @> i.event_id) is not true and not exists (
          -- an earlier chunk's event, which had to wait
          select from waiting_events x where x.event_id = i.event_id and x.decided_chunk_id = i.chunk_id)) as outside
      from unnest(events_, wallets, event_chunks, posted_on, payable, negatives, converted, opened)
        i (event_id, wallet_id, chunk_id, posting_date, payable_on, negative, converted, opened)
      -- the bounds say nothing new; they let a batch whose ids lie together be read as one piece of the index
      left join revenue_events e on e.id = i.event_id and e.id between low and high
      left join (
        -- a chunk that decides only what has waited has no ranges
        select c.id as chunk_id, c.known_seq, range_agg(int8range(x.first_id, x.last_id, '[]')) filter (where x.chunk_id is not null) as covered
        from decision_chunks c left join decision_ranges x on x.chunk_id = c.id where c.id = any (chunks) group by 1, 2
      ) r on r.chunk_id = i.chunk_id
      group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    ) seen
    left join ledger_accounts w on w.id = seen.wallet_id
    left join holds own on own.instance_id = seen.instance_id and own.valid @> seen.occurred_on
      and seen.known_seq >= own.known_seq and seen.known_seq < own.retired_seq
    left join holds every on every.instance_id is null and every.valid @> seen.occurred_on
      and seen.known_seq >= every.known_seq and seen.known_seq < every.retired_seq
  ) checked
  where checked.misplaced or checked.outside is not null or checked.misposted or checked.mispaid
  order by checked.misplaced desc, checked.outside limit 1;
  if offender.misplaced then
    raise exception 'the entry of event % has no such event, or a wallet of another instance or currency', offender.event_id using errcode = 'RV009';
  end if;
  if offender.outside is not null then
    raise exception 'event % is outside the ranges of its chunk', offender.outside using errcode = 'RV002';
  end if;
  if offender.misposted then
    raise exception 'the entry of event % posts on another day than the event''s, or than the first day of the next open period', offender.event_id using errcode = 'RV002';
  end if;
  if offender.mispaid then
    raise exception 'the entry of event % is payable on another day than its hold says', offender.event_id using errcode = 'RV002';
  end if;

  -- Only of what read something else than its chunk is the sale looked up.
  select array_agg(i.event_id), array_agg(i.known_seq), array_agg(i.chunk_id) into events_, seqs, event_chunks
  from unnest(events_, seqs, event_chunks) i (event_id, known_seq, chunk_id)
  join decision_chunks c on c.id = i.chunk_id where c.known_seq <> i.known_seq;
  select i.event_id into missing from unnest(events_, seqs, event_chunks) i (event_id, known_seq, chunk_id)
  where not exists (
    select from revenue_events e
    join revenue_events o on o.sale_id = e.sale_id and o.sale_id is not null
    join entries n on n.event_id = o.id and n.known_seq = i.known_seq and n.chunk_id < i.chunk_id
      and n.reason is distinct from 'sale_unknown'
    where e.id = i.event_id)
  -- a void posts back what its event holds, which may be what rated that one again
  and not exists (
    select from revenue_events e
    join revenue_events o on o.id = e.voids_id or (o.regards_id is not null and o.regards_id = e.voids_id)
    join entries n on n.event_id = o.id and n.known_seq = i.known_seq and n.chunk_id < i.chunk_id
    where e.id = i.event_id) limit 1;
  if missing is not null then
    raise exception 'the entry of event % read neither what its chunk did nor what its sale''s first decision had', missing using errcode = 'RV002';
  end if;
  return null;
end $$;
create trigger guard after insert on entries referencing new table as inserted for each statement execute function guard_entries();

-- A posting ends a batch: it moves what chunk_from..chunk_to decided into the ledger. Until then it is not payable.
create table postings (
  id bigint generated always as identity primary key,
  run_id bigint not null references job_runs,
  chunk_from bigint not null references decision_chunks,
  chunk_to bigint not null references decision_chunks,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null,
  check (chunk_to >= chunk_from),
  constraint postings_overlap exclude using gist (int8range(chunk_from, chunk_to, '[]') with &&)
);
create trigger stamp before insert on postings for each row execute function stamp_in_transaction();
create trigger chosen_id before insert on postings for each row execute function refuse_chosen_id();
create trigger insert_only before update or delete or truncate on postings for each statement execute function refuse_change();

-- Waits for every chunk that is just being written and holds new ones off until the commit: otherwise one with an id
-- inside the range could appear after the posting was compared, and never be posted. See chunks_lock().
create function guard_posting() returns trigger language plpgsql set search_path from current as $$
begin
  perform assert_run_is_mine(new.run_id);
  perform pg_advisory_xact_lock(chunks_lock());
  return new;
end $$;
revoke execute on function guard_posting() from public;
create trigger guard before insert on postings for each row execute function guard_posting();

-- Double entry, one row per transfer, balanced by construction. `kind` is the entry kind, or the fact of SEMANTICS §6.
create table transfers (
  id bigint generated always as identity primary key,
  posting_id bigint not null references postings,
  debit_id bigint not null references ledger_accounts,
  credit_id bigint not null references ledger_accounts,
  amount_minor bigint not null check (amount_minor > 0),
  kind text not null check (kind <> ''),
  posting_date date not null,
  created_by text not null,
  recorded_at timestamptz not null,
  check (debit_id <> credit_id)
);
create index transfers_posting on transfers (posting_id, id);
create index transfers_debit on transfers (debit_id, posting_date);
create index transfers_credit on transfers (credit_id, posting_date);
create trigger stamp before insert on transfers for each row execute function stamp();
create trigger chosen_id before insert on transfers for each row execute function refuse_chosen_id();
create trigger insert_only before update or delete or truncate on transfers for each statement execute function refuse_change();

create function guard_transfers() returns trigger language plpgsql set search_path from current as $$
declare
  dates date[]; debits bigint[]; credits bigint[]; posted bigint[]; late bigint[]; adjusts boolean; offender text;
begin
  select array_agg(distinct posting_date), array_agg(distinct posting_id) into dates, posted from inserted;
  if dates is null then
    return null;
  end if;
  if assert_periods_open(dates) then
    select array_agg(distinct posting_id), bool_and(kind = 'adjustment') into late, adjusts from inserted where posting_date < open_from();
    if not adjusts or exists (select from postings p where p.id = any (late) and p.kind <> 'decision') then
      raise exception 'posting % posts more than adjustments into a soft-closed period', late[1] using errcode = 'RV003', hint = 'post on the first day of the earliest open period';
    end if;
  end if;
  select x::text into offender from unnest(posted) x
  where not exists (select from postings p where p.id = x and p.transaction_id = pg_current_xact_id_if_assigned()) limit 1;
  if offender is not null then
    raise exception 'posting % is complete: transfers belong to a posting of their own transaction', offender using errcode = 'RV002';
  end if;
  select array_agg(debit_id), array_agg(credit_id) into debits, credits from (select distinct debit_id, credit_id from inserted) pairs;
  select d.id || ' and ' || c.id into offender
  from unnest(debits, credits) x (debit_id, credit_id)
  join ledger_accounts d on d.id = x.debit_id join ledger_accounts c on c.id = x.credit_id
  where d.instance_id is not null and c.instance_id is not null and d.instance_id <> c.instance_id limit 1;
  if offender is not null then
    raise exception 'a transfer never joins two instances (accounts %)', offender using errcode = 'RV010';
  end if;
  select d.id || ' and ' || c.id into offender
  from unnest(debits, credits) x (debit_id, credit_id)
  join ledger_accounts d on d.id = x.debit_id join ledger_accounts c on c.id = x.credit_id
  where d.currency <> c.currency limit 1;
  if offender is not null then
    raise exception 'a transfer has one currency (accounts %)', offender using errcode = 'RV010';
  end if;
  return null;
end $$;
create trigger guard after insert on transfers referencing new table as inserted for each statement execute function guard_transfers();

-- MUST, checked once at commit: every event of the posted chunks is decided or waits, no chunk is left out, and the
-- transfers equal the entries per wallet, kind and posting date, one transfer each, against commission expense, or what an
-- act says instead (0017).
-- Without sorting: of what was just written nobody has counted the rows, and a million that are taken for one are sorted
-- before they are summed, which costs five times as much as to sum them as they come.
create function assert_posting_complete(posting bigint) returns void language plpgsql stable set search_path from current set enable_sort = off as $$
declare
  posted postings; undecided bigint; left_out bigint; offender record; low bigint; high bigint;
begin
  select * into posted from postings where id = posting;

  -- Each earlier posting was checked like this, so only what lies between the last of them and this one can be left out.
  select c.id into left_out from decision_chunks c
  where c.id < posted.chunk_from
    and c.id > coalesce((select max(p.chunk_to) from postings p where p.chunk_to < posted.chunk_from), 0) limit 1;
  if left_out is not null then
    raise exception 'posting % leaves out chunk %', posted.id, left_out using errcode = 'RV011';
  end if;

  -- The span of the events says nothing new; it lets the night be read along the primary key, whatever is known of it.
  select min(r.first_id), max(r.last_id) into low, high from (
    select first_id, last_id from decision_ranges where chunk_id between posted.chunk_from and posted.chunk_to
    union all
    select event_id, event_id from waiting_events where decided_chunk_id between posted.chunk_from and posted.chunk_to
  ) r (first_id, last_id);
  -- What waits is not decided yet, and what has waited is in the range of an earlier chunk.
  select coalesce(sum(r.last_id - r.first_id + 1), 0)
      - (select count(*) from waiting_events w where w.chunk_id between posted.chunk_from and posted.chunk_to)
      + (select count(*) from waiting_events w where w.decided_chunk_id between posted.chunk_from and posted.chunk_to)
      - (select count(distinct e.event_id) from entries e
         where e.chunk_id between posted.chunk_from and posted.chunk_to and e.event_id between low and high)
    into undecided from decision_ranges r where r.chunk_id between posted.chunk_from and posted.chunk_to;
  if undecided <> 0 then
    raise exception 'posting %: % events of its chunks are undecided', posted.id, undecided using errcode = 'RV011';
  end if;

  select wallet_id into offender from (
    -- named only once they are summed: to look a name up for every entry would take as long as all the rest
    select wallet_id, kind::text, posting_date, case when act is null then 'commission_expense' else posted_against(kind, act) end, amount as entries, 0::numeric as transfers, 0 as how_many
    from (
      select wallet_id, kind, posting_date, case when kind in ('adjustment', 'opening') then event_id end as act, sum(amount_minor) as amount
      from entries
      where chunk_id between posted.chunk_from and posted.chunk_to and event_id between low and high and amount_minor <> 0 group by 1, 2, 3, 4
    ) summed
    union all
    select case when d.type = 'wallet' and c.type in ('commission_expense', 'opening_equity', 'recovery_clearing') then d.id
                when c.type = 'wallet' and d.type in ('commission_expense', 'opening_equity', 'recovery_clearing') then c.id end,
      t.kind, t.posting_date, case when c.type = 'wallet' then d.type else c.type end, 0,
      case when c.type = 'wallet' then t.amount_minor else -t.amount_minor end, 1
    from transfers t
    join ledger_accounts d on d.id = t.debit_id join ledger_accounts c on c.id = t.credit_id
    where t.posting_id = posted.id
  ) sides (wallet_id, kind, posting_date, against, entries, transfers, how_many)
  group by wallet_id, kind, posting_date, against
  having wallet_id is null or sum(entries) <> sum(transfers) or sum(how_many) > 1 limit 1;
  if found then
    raise exception 'posting %: transfers differ from entries in a wallet', posted.id using errcode = 'RV011';
  end if;
end $$;

create function check_posting() returns trigger language plpgsql set search_path from current as $$
begin
  -- Where there are transfers, the last of them brings the check: what a transaction adds after it is checked again.
  if not exists (select from transfers t where t.posting_id = new.id) then
    perform assert_posting_complete(new.id);
  end if;
  return null;
end $$;
create constraint trigger posting_is_complete after insert on postings deferrable initially deferred
  for each row execute function check_posting();

create function check_last_transfer() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from transfers t where t.posting_id = new.posting_id and t.id > new.id) then
    perform assert_posting_complete(new.posting_id);
  end if;
  return null;
end $$;
create constraint trigger posting_is_complete after insert on transfers deferrable initially deferred
  for each row execute function check_last_transfer();

grant select on job_runs, decision_chunks, decision_ranges, ledger_accounts, entries, postings, transfers to @operator@, @auditor@;
grant insert on job_runs, decision_chunks, decision_ranges, ledger_accounts, entries, postings, transfers to @operator@;
grant update (status, known_seq, lease_until, summary, error, finished_at) on job_runs to @operator@;
