-- How money leaves by files (SEMANTICS §7): who we are to a bank, and what was written for it. Rows of the past, all of them:
-- a file is made again from what it was made of, to the byte.

create table rail_profiles (
  id bigint generated always as identity primary key,
  rail text not null check (rail in ('sepa', 'nacha', 'paypal', 'wise')),
  version integer not null,
  -- whose account pays, and when: names and texts, by field
  profile jsonb not null check (jsonb_typeof(profile) = 'object' and not jsonb_path_exists(profile, '$.* ? (@.type() != "string")')),
  created_by text not null,
  recorded_at timestamptz not null,
  unique (rail, version)
);
create trigger stamp before insert on rail_profiles for each row execute function stamp();
create trigger chosen_id before insert on rail_profiles for each row execute function refuse_chosen_id();
create trigger insert_only before update or delete or truncate on rail_profiles for each statement execute function refuse_change();
create trigger audit after insert on rail_profiles for each row execute function audit();

create function guard_rail_profile() returns trigger language plpgsql set search_path from current as $$
begin
  new.version := (select coalesce(max(p.version), 0) + 1 from rail_profiles p where p.rail = new.rail);
  return new;
end $$;
create trigger guard before insert on rail_profiles for each row execute function guard_rail_profile();

-- A file of a submission: of one rail and currency, in parts where a rail holds no more. `facts` are the day, the time and
-- the numbers that stand in it and follow from nothing else.
create table payout_files (
  id bigint generated always as identity primary key,
  posting_id bigint not null references postings,
  rail_profile_id bigint not null references rail_profiles,
  currency text not null references currencies,
  part smallint not null check (part > 0),
  name text not null unique check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$'),
  payouts integer not null check (payouts > 0),
  total_minor bigint not null check (total_minor > 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  facts jsonb not null check (jsonb_typeof(facts) = 'object'),
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null,
  unique (posting_id, rail_profile_id, currency, part)
);
create trigger stamp before insert on payout_files for each row execute function stamp_in_transaction();
create trigger chosen_id before insert on payout_files for each row execute function refuse_chosen_id();
create trigger insert_only before update or delete or truncate on payout_files for each statement execute function refuse_change();
-- No line in the audit log: it is a record by itself, and its hash holds the second it was made in, which no plan can tell.

-- MUST: a payout is in one file at most.
create table payout_file_lines (
  payout_id bigint primary key references payouts,
  file_id bigint not null references payout_files
);
create index payout_file_lines_file on payout_file_lines (file_id);
create trigger insert_only before update or delete or truncate on payout_file_lines for each statement execute function refuse_change();

-- MUST: a file's lines are written with it.
create function guard_payout_file_lines() returns trigger language plpgsql set search_path from current as $$
declare
  files_ bigint[]; offender bigint;
begin
  select array_agg(file_id) into files_ from (select distinct file_id from inserted) d;
  select x into offender from unnest(files_) x
  where not exists (select from payout_files f where f.id = x and f.transaction_id = pg_current_xact_id_if_assigned()) limit 1;
  if offender is not null then
    raise exception 'file % is written: its payouts are said in its own transaction', offender using errcode = 'RV002';
  end if;
  return null;
end $$;
create trigger guard after insert on payout_file_lines referencing new table as inserted for each statement execute function guard_payout_file_lines();

-- MUST: what a file pays was submitted by the posting it belongs to, in its currency and to an instrument, and comes to its total.
create function check_payout_file() returns trigger language plpgsql set search_path from current as $$
declare
  found record;
begin
  select count(*) as payouts, coalesce(sum(p.sent_minor), 0) as total,
    count(*) filter (where p.currency <> new.currency or p.instrument_id is null or not exists (
      select from payout_status_changes c where c.payout_id = p.id and c.status = 'processing' and c.posting_id = new.posting_id)) as wrong
    into found
  from payout_file_lines l join payouts p on p.id = l.payout_id where l.file_id = new.id;
  if found.wrong > 0 or found.payouts <> new.payouts or found.total <> new.total_minor then
    raise exception 'file % is of % payouts and %, its lines are % payouts and %, % of them of another submission', new.name, new.payouts,
      new.total_minor, found.payouts, found.total, found.wrong using errcode = 'RV013';
  end if;
  return null;
end $$;
create constraint trigger agrees after insert on payout_files deferrable initially deferred for each row execute function check_payout_file();

grant select on rail_profiles, payout_files, payout_file_lines to @operator@, @auditor@;
grant insert on rail_profiles, payout_files, payout_file_lines to @operator@;
