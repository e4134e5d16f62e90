-- What every table of a programme stands on: who acts, what was known when, what was changed.
-- A programme is one schema; the migrator sets search_path to it, so names are unqualified and each function freezes
-- that path with SET search_path FROM CURRENT. @operator@ and @auditor@ are this programme's group roles.

grant usage on schema @schema@ to @operator@, @auditor@;

-- The actor is the login of the session and nothing else: SECURITY DEFINER and SET ROLE do not change session_user.
create function stamp() returns trigger language plpgsql set search_path from current as $$
begin
  new.created_by := session_user;
  new.recorded_at := now();
  return new;
end $$;

-- The same for what only its own transaction may add to: transaction_id says which one that was.
create function stamp_in_transaction() returns trigger language plpgsql set search_path from current as $$
begin
  new.created_by := session_user;
  new.recorded_at := now();
  new.transaction_id := pg_current_xact_id();
  return new;
end $$;

-- OVERRIDING SYSTEM VALUE lets whoever may insert choose an identity. Where the order of identities means something
-- (a chunk's, a transfer's), the id is the number just drawn and no other. SECURITY DEFINER only to read the sequence.
create function refuse_chosen_id() returns trigger language plpgsql security definer set search_path from current as $$
begin
  if new.id is distinct from currval(pg_get_serial_sequence(format('%I.%I', tg_table_schema, tg_table_name), 'id')) then
    raise exception 'the id of % is drawn by the database, not chosen', tg_table_name using errcode = 'RV002';
  end if;
  return new;
end $$;
revoke execute on function refuse_chosen_id() from public;

-- Rows of the past. Grants already keep applications from changing them; this keeps the owner from doing it in passing.
create function refuse_change() returns trigger language plpgsql set search_path from current as $$
begin
  raise exception '% rows are insert-only: % is refused', tg_table_name, lower(tg_op)
    using errcode = 'RV001', hint = 'post a correction instead';
end $$;

-- Rows that may change in places are still never taken away, not even by the owner in passing.
create function refuse_removal() returns trigger language plpgsql set search_path from current as $$
begin
  raise exception '% rows are never removed: % is refused', tg_table_name, lower(tg_op)
    using errcode = 'RV001', hint = 'archive it, retire it or void it';
end $$;

create table audit_log (
  id bigint generated always as identity primary key,
  recorded_at timestamptz not null default now(),
  actor text not null default session_user,
  action text not null check (action in ('insert', 'update', 'delete')),
  table_name text not null,
  row_key text not null,
  before jsonb,
  after jsonb,
  transaction_id xid8 not null default pg_current_xact_id()
);
create index audit_log_transaction on audit_log (transaction_id);
create index audit_log_row on audit_log (table_name, row_key);
create trigger insert_only before update or delete or truncate on audit_log for each statement execute function refuse_change();

-- A change writes its own line (that insert stands inside the change's trigger); nobody writes one by hand.
create function refuse_written_audit() returns trigger language plpgsql set search_path from current as $$
begin
  if pg_trigger_depth() < 2 then
    raise exception 'audit_log is written by the changes it records, not by hand' using errcode = 'RV001';
  end if;
  return null;
end $$;
create trigger written_by_changes before insert on audit_log for each statement execute function refuse_written_audit();

-- SECURITY DEFINER, because nobody but this function may write the log.
create function audit() returns trigger language plpgsql security definer set search_path from current as $$
declare
  old_row jsonb := case when tg_op = 'INSERT' then null else to_jsonb(old) end;
  new_row jsonb := case when tg_op = 'DELETE' then null else to_jsonb(new) end;
  shown jsonb := coalesce(new_row, old_row);
begin
  insert into audit_log (action, table_name, row_key, before, after)
  values (lower(tg_op), tg_table_name, coalesce(shown ->> 'code', shown ->> 'id', shown ->> 'name', '-'), old_row, new_row);
  return null;
end $$;
revoke execute on function audit() from public;

-- Everything rating may read is numbered in one sequence, so that "what was known then" is one number.
-- Numbers are drawn under a lock held to the commit: a reader that sees n sees all of 1..n.
create table known_changes (
  known_seq bigint primary key,
  summary text not null,
  created_by text not null,
  recorded_at timestamptz not null,
  transaction_id xid8 not null default pg_current_xact_id()
);
create trigger stamp before insert on known_changes for each row execute function stamp_in_transaction();
create trigger insert_only before update or delete or truncate on known_changes for each statement execute function refuse_change();

create function draw_known_seq(summary text) returns bigint language plpgsql security definer set search_path from current as $$
declare
  drawn bigint;
begin
  lock table known_changes in share row exclusive mode;
  insert into known_changes (known_seq, summary)
  select coalesce(max(known_seq), 0) + 1, draw_known_seq.summary from known_changes
  returning known_changes.known_seq into drawn;
  return drawn;
end $$;
revoke execute on function draw_known_seq(text) from public;
grant execute on function draw_known_seq(text) to @operator@;

-- Versions are append-only: a row is made under a number drawn in its own transaction, and later retired, once, under
-- another. Nothing else of it may ever change.
create function guard_version() returns trigger language plpgsql set search_path from current as $$
declare
  claimed bigint;
begin
  if tg_op = 'INSERT' then
    if new.retired_seq is not null then
      raise exception 'a new version of % cannot be born retired', tg_table_name using errcode = 'RV002';
    end if;
    claimed := new.known_seq;
  else
    if old.retired_seq is not null or new.retired_seq is null
       or to_jsonb(new) - 'retired_seq' is distinct from to_jsonb(old) - 'retired_seq' then
      raise exception '% versions are append-only: only retired_seq may be set, once', tg_table_name using errcode = 'RV001';
    end if;
    claimed := new.retired_seq;
  end if;
  if not exists (select from known_changes k where k.known_seq = claimed and k.transaction_id = pg_current_xact_id_if_assigned()) then
    raise exception 'known_seq % was not drawn in this transaction', claimed
      using errcode = 'RV002', hint = 'draw it with draw_known_seq(summary)';
  end if;
  return new;
end $$;

create table currencies (
  code text primary key check (code ~ '^[A-Z]{3}$'),
  minor_units smallint not null check (minor_units between 0 and 4),
  name text not null
);

-- The programme itself: one row. Its zone fixed every business date already recorded, so it never changes.
create table programme (
  only_row boolean primary key default true check (only_row),
  name text not null check (name = current_schema()),
  title text not null check (title <> ''),
  zone text not null check (zone <> ''),
  currency text not null references currencies,
  created_by text not null,
  recorded_at timestamptz not null
);
create trigger stamp before insert on programme for each row execute function stamp();
create trigger insert_only before update or delete or truncate on programme for each statement execute function refuse_change();
create trigger audit after insert on programme for each row execute function audit();

-- Settings that move money are dated and versioned like rules. instance_id null: the whole programme.
-- Equality inside an exclusion constraint is written as a range of one, so that no extension is needed; of the few
-- names the CHECK allows no two share a hash.
create table settings (
  id bigint generated always as identity primary key,
  name text not null check (name in ('hold_days', 'approval', 'review_threshold', 'minimum_payout', 'recovery_share_ppm', 'share_cap_ppm',
    'fx_max_age_days', 'four_eyes_limit', 'second_checker_limit', 'partner_levels', 'tier_mode', 'tier_window', 'tier_grace', 'tier_tenure_months',
    'instrument_cooloff_days', 'customer_names', 'notices')),
  instance_id bigint,
  value jsonb not null,
  valid daterange not null check (not isempty(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  -- what is read per instance; an instance's own goes before the programme's
  constraint setting_of_instance check (instance_id is null or name in ('hold_days', 'approval', 'review_threshold', 'recovery_share_ppm')),
  constraint settings_versions_overlap exclude using gist (
    int8range(hashtextextended(name, 0), hashtextextended(name, 0), '[]') with &&,
    int8range(coalesce(instance_id, 0), coalesce(instance_id, 0), '[]') with &&,
    valid with &&,
    int8range(known_seq, retired_seq) with &&
  ),
  constraint setting_value check (case name
    when 'approval' then value in ('"at_decision"'::jsonb, '"after_hold"'::jsonb, '"review"'::jsonb)
    when 'review_threshold' then jsonb_typeof(value) = 'object'
    when 'minimum_payout' then jsonb_typeof(value) = 'object'
    -- the most that all shares of a sale may come to: never more than the sale
    when 'share_cap_ppm' then jsonb_typeof(value) = 'number' and value::numeric between 0 and 1000000 and value::numeric = trunc(value::numeric)
    -- minor units by currency, up to which one person may act alone; a currency that is not named: 0, never alone
    when 'four_eyes_limit' then jsonb_typeof(value) = 'object' and not jsonb_path_exists(value, '$.* ? (@.type() != "number" || @ < 0 || @ != @.floor())')
    -- minor units by currency, up to which one checker is enough for a payout run; a currency that is not named: always
    when 'second_checker_limit' then jsonb_typeof(value) = 'object' and not jsonb_path_exists(value, '$.* ? (@.type() != "number" || @ < 0 || @ != @.floor())')
    when 'partner_levels' then value in ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15')
    when 'tier_mode' then value in ('"auto"'::jsonb, '"recommend"'::jsonb, '"manual"'::jsonb)
    -- months that are averaged
    when 'tier_window' then value in ('1'::jsonb, '3'::jsonb, '12'::jsonb)
    when 'tier_grace' then jsonb_typeof(value) = 'number' and value::numeric between 1 and 120 and value::numeric = trunc(value::numeric)
    when 'tier_tenure_months' then jsonb_typeof(value) = 'number' and value::numeric between 0 and 120 and value::numeric = trunc(value::numeric)
    else jsonb_typeof(value) = 'number' and value::numeric >= 0 and value::numeric = trunc(value::numeric) end)
);
create trigger stamp before insert on settings for each row execute function stamp();
create trigger guard_version before insert or update on settings for each row execute function guard_version();
create trigger never_removed before delete or truncate on settings for each statement execute function refuse_removal();
create trigger audit after insert or update on settings for each row execute function audit();

-- Accounting periods are calendar months, soft-closed and closed in their order (0035): what lies before the last one that is
-- not open is not open either. A month without a row after it is open. Nothing posts into a closed one, and into a
-- soft-closed one only adjustments that a second person agreed to post there.
create table periods (
  starts_on date primary key check (starts_on = date_trunc('month', starts_on)::date),
  status text not null check (status in ('open', 'soft_closed', 'closed')),
  created_by text not null,
  recorded_at timestamptz not null
);
create trigger stamp before insert on periods for each row execute function stamp();
create trigger never_removed before delete or truncate on periods for each statement execute function refuse_removal();
create trigger audit after insert or update on periods for each row execute function audit();

-- The first day into which something may still post; and the first that is open to everything. Null: any day is.
create function closed_before() returns date language sql stable set search_path from current as $$
  select (max(starts_on) + interval '1 month')::date from periods where status = 'closed' $$;
create function open_from() returns date language sql stable set search_path from current as $$
  select (max(starts_on) + interval '1 month')::date from periods where status <> 'open' $$;

-- Held to the end of the transaction, shared by whoever posts and exclusive to who changes a period: what is just being
-- posted into a month is in the books before it closes, or is refused.
create function periods_lock() returns bigint language sql stable set search_path from current as $$
  select hashtextextended(current_schema() || '.periods', 0) $$;

-- MUST: nothing posts into a closed period. Whether one of the days lies in a soft-closed one, where not everything may.
-- VOLATILE, so that it reads what is there once it has the lock; and read committed, because a fixed snapshot would not
-- show that the period has closed meanwhile.
create function assert_periods_open(dates date[]) returns boolean language plpgsql volatile set search_path from current as $$
declare
  earliest date := (select min(d) from unnest(dates) d);
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'postings are written read committed, not %', current_setting('transaction_isolation') using errcode = 'RV002';
  end if;
  perform pg_advisory_xact_lock_shared(periods_lock());
  if earliest < closed_before() then
    raise exception 'the period % is closed', to_char(earliest, 'YYYY-MM')
      using errcode = 'RV003', hint = 'post on the first day of the earliest open period';
  end if;
  return coalesce(earliest < open_from(), false);
end $$;

grant select on audit_log, known_changes, currencies, programme, settings, periods to @operator@, @auditor@;
grant insert on settings to @operator@;
grant update (retired_seq) on settings to @operator@;
