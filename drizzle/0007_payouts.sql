-- Payouts (SEMANTICS §7). A run and its payouts, lines and wallets are written in one transaction, by the database (0040), which
-- completes it at the commit, and never changed again; what happens to a payout afterwards is a row of payout_status_changes.

create table payout_runs (
  id bigint generated always as identity primary key,
  -- the first day that is not in the run
  cutoff date not null,
  -- what was asked for: the whole programme, one partner, or the retry of one payout
  scope text not null check (scope ~ '^(programme|partner=[a-z0-9_-]+|retry=P[0-9]{8,13}[A-Z])$'),
  job_run_id bigint references job_runs,
  -- filled in at commit
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
-- hundred thousand: run, partner and currency are of rows that the database just read; foreign keys would ask for each.
create table payouts (
  id bigint primary key,
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
  lines bigint not null check (lines > 0),
  content_hash text not null,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null,
  unique (run_id, partner_id, currency),
  check (gross_minor = sent_minor + withheld_minor + fee_minor)
);
create unique index payouts_retry_of on payouts (retry_of) where retry_of is not null;
create index payouts_partner on payouts (partner_id);
create index payouts_open on payouts (status) where status in ('pending', 'ready', 'processing', 'unclaimed');

-- True while the transaction that made the run is still writing it.
create function is_open_run(run bigint) returns boolean language sql stable set search_path from current as $$
  select exists (select from payout_runs r where r.id = run and r.content_hash is null and r.transaction_id = pg_current_xact_id_if_assigned()) $$;
revoke execute on function is_open_run(bigint) from public;
grant execute on function is_open_run(bigint) to @operator@;

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

-- Completes a run at commit, once. MUST: nothing is paid that the transaction has taken back since it was found. SECURITY
-- DEFINER to write the hash.
create function seal_payout_run() returns trigger language plpgsql security definer set search_path from current as $$
declare
  offender text; made integer; hash text;
begin
  select x.event_id || '.' || x.leg into offender
  from review_batches b join entry_reviews x on x.batch_id = b.id and x.verdict <> 'approved'
  join payout_lines l on l.event_id = x.event_id and l.leg = x.leg and l.release_id is null
  join payouts p on p.id = l.payout_id and p.run_id = new.id
  where b.transaction_id = pg_current_xact_id_if_assigned() limit 1;
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
grant insert on payout_runs, payout_skips to @operator@;
