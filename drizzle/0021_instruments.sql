-- Where partners are paid (SEMANTICS §7): an account of a partner in a currency, each change of it a version. What a bank
-- needs to know is sealed by the tool with a key that the database never sees; here are its kind and what may be shown.

create table instruments (
  id bigint generated always as identity primary key,
  partner_id bigint not null references partners,
  currency text not null references currencies,
  version integer not null,
  kind text not null check (kind in ('iban', 'aba', 'sort_code', 'bank', 'paypal', 'stripe', 'razorpay', 'check', 'manual')),
  -- enough to tell one from another, and not enough to pay to it
  mask text not null check (mask <> '' and char_length(mask) <= 80),
  country text check (country ~ '^[A-Z]{2}$'),
  -- the first day on which it is paid to, however soon a second person has verified it
  usable_on date not null,
  created_by text not null,
  recorded_at timestamptz not null,
  unique (partner_id, currency, version)
);
create trigger stamp before insert on instruments for each row execute function stamp();
create trigger chosen_id before insert on instruments for each row execute function refuse_chosen_id();
create trigger insert_only before update or delete or truncate on instruments for each statement execute function refuse_change();
create trigger audit after insert on instruments for each row execute function audit();

-- MUST: versions follow each other, and each cools off by what the settings say on its day: a setting that is lowered
-- afterwards makes none of them usable sooner.
create function guard_instrument() returns trigger language plpgsql set search_path from current as $$
declare
  next integer;
begin
  perform from partners p where p.id = new.partner_id for no key update;
  next := (select coalesce(max(i.version), 0) + 1 from instruments i where i.partner_id = new.partner_id and i.currency = new.currency);
  if new.version is distinct from next then
    raise exception 'version % of an instrument follows %, it is not %', next, next - 1, new.version using errcode = 'RV002';
  end if;
  new.usable_on := business_today() + coalesce((select (s.value)::int from settings s where s.name = 'instrument_cooloff_days'
    and s.retired_seq is null and s.valid @> business_today()), 3);
  return new;
end $$;
create trigger guard before insert on instruments for each row execute function guard_instrument();

-- The account data of a version, by the key it was sealed with; sealed again by another key it gets another row. A key that
-- was thrown away takes its seals with it.
create table instrument_seals (
  instrument_id bigint not null references instruments,
  key_id text not null check (key_id ~ '^[0-9a-f]{12}$'),
  -- nonce, ciphertext, tag
  sealed bytea not null check (octet_length(sealed) > 28),
  created_by text not null,
  recorded_at timestamptz not null,
  primary key (instrument_id, key_id)
);
create trigger stamp before insert on instrument_seals for each row execute function stamp();
create trigger insert_only before update or delete or truncate on instrument_seals for each statement execute function refuse_change();

-- That something was sealed is on record, and nothing of what. SECURITY DEFINER, as audit() is.
create function audit_seal() returns trigger language plpgsql security definer set search_path from current as $$
begin
  insert into audit_log (action, table_name, row_key, after)
  values ('insert', tg_table_name, new.instrument_id, to_jsonb(new) - 'sealed' - 'key_id');
  return null;
end $$;
revoke execute on function audit_seal() from public;
create trigger audit after insert on instrument_seals for each row execute function audit_seal();

-- MUST: whatever is paid to by an account has the account, and what is paid by hand has none.
create function check_instrument_sealed() returns trigger language plpgsql set search_path from current as $$
begin
  if (new.kind = 'manual') = exists (select from instrument_seals s where s.instrument_id = new.id) then
    raise exception 'an instrument of kind % % account data', new.kind, case when new.kind = 'manual' then 'has no' else 'comes with its' end
      using errcode = 'RV025';
  end if;
  return null;
end $$;
create constraint trigger sealed after insert on instruments deferrable initially deferred for each row execute function check_instrument_sealed();

create function refuse_manual_seal() returns trigger language plpgsql set search_path from current as $$
begin
  if exists (select from instruments i where i.id = new.instrument_id and i.kind = 'manual') then
    raise exception 'an instrument of kind manual has no account data' using errcode = 'RV025';
  end if;
  return new;
end $$;
create trigger guard before insert on instrument_seals for each row execute function refuse_manual_seal();

create table instrument_verifications (
  instrument_id bigint primary key references instruments,
  note text check (note <> ''),
  created_by text not null,
  recorded_at timestamptz not null
);
create table instrument_retirements (
  instrument_id bigint primary key references instruments,
  reason text not null check (reason <> ''),
  created_by text not null,
  recorded_at timestamptz not null
);
-- Who has seen account data in full, and why.
create table instrument_reveals (
  id bigint generated always as identity primary key,
  instrument_id bigint not null references instruments,
  reason text not null check (reason <> ''),
  created_by text not null,
  recorded_at timestamptz not null
);
create index instrument_reveals_instrument on instrument_reveals (instrument_id);
create trigger chosen_id before insert on instrument_reveals for each row execute function refuse_chosen_id();
do $$
declare
  fact text;
begin
  foreach fact in array array['instrument_verifications', 'instrument_retirements', 'instrument_reveals'] loop
    execute format('create trigger stamp before insert on %I for each row execute function stamp()', fact);
    execute format('create trigger insert_only before update or delete or truncate on %I for each statement execute function refuse_change()', fact);
    execute format('create trigger audit after insert on %I for each row execute function audit()', fact);
  end loop;
end $$;

-- The instrument of each partner and currency as it stands today, and what keeps it from being paid to. A partner that
-- never had one has no row, and is paid by hand.
create view instrument_standings as
  select i.*, v.created_by as verified_by, v.recorded_at as verified_at, r.created_by as retired_by, r.reason as retired_because,
    case when r.instrument_id is not null then 'instrument_retired'
      when v.instrument_id is null then 'instrument_unverified'
      when i.usable_on > (select business_today()) then 'instrument_cooling_off' end as obstacle
  from instruments i
  left join instrument_verifications v on v.instrument_id = i.id
  left join instrument_retirements r on r.instrument_id = i.id
  where not exists (select from instruments n where n.partner_id = i.partner_id and n.currency = i.currency and n.version > i.version);

-- MUST: who verifies a version is not who added it, both named by the session; and it is the one that counts. Holds the
-- partner, as a new version does, so that none comes in between.
create function guard_instrument_fact() returns trigger language plpgsql set search_path from current as $$
declare
  meant instruments; standing instrument_standings;
begin
  select * into meant from instruments where id = new.instrument_id;
  perform from partners p where p.id = meant.partner_id for no key update;
  select * into standing from instrument_standings s where s.partner_id = meant.partner_id and s.currency = meant.currency;
  if standing.id is distinct from new.instrument_id then
    raise exception 'version % of this instrument gave way to version %', meant.version, standing.version
      using errcode = 'RV004', hint = 'look at it again: revshare instrument show';
  end if;
  if standing.retired_by is not null then
    raise exception 'this instrument is retired' using errcode = 'RV004', hint = 'add another: revshare instrument add';
  end if;
  if tg_table_name = 'instrument_verifications' and standing.created_by = session_user then
    raise exception 'this instrument was added by %, who cannot verify it', standing.created_by
      using errcode = 'RV014', hint = 'a second person verifies, with a login of their own';
  end if;
  return new;
end $$;
create trigger guard before insert on instrument_verifications for each row execute function guard_instrument_fact();
create trigger guard before insert on instrument_retirements for each row execute function guard_instrument_fact();

-- MUST: a payout is made for the instrument that counts on that day, verified and past its cool-off, and keeps it (0040).
alter table payouts add column instrument_id bigint;

-- MUST: what leaves goes where the second person approved it to go.
create function guard_submitted_instrument() returns trigger language plpgsql set search_path from current as $$
declare
  paid payouts; standing instrument_standings;
begin
  select * into paid from payouts where id = new.payout_id;
  select * into standing from instrument_standings s where s.partner_id = paid.partner_id and s.currency = paid.currency;
  if standing.id is distinct from paid.instrument_id or standing.obstacle is not null then
    raise exception 'payout % is for an instrument that is paid to no more: %', paid.number, coalesce(standing.obstacle, 'instrument_changed')
      using errcode = 'RV025', hint = 'cancel it; the next run pays to the new one';
  end if;
  return new;
end $$;
-- After `status_follows` by name, which says first whether the payout may go at all.
create trigger submitted_to before insert on payout_status_changes for each row when (new.status = 'processing')
  execute function guard_submitted_instrument();

grant select on instruments, instrument_verifications, instrument_retirements, instrument_reveals, instrument_standings to @operator@, @auditor@;
-- An auditor sees that it is sealed, and by which key, and not even the seal.
grant select on instrument_seals to @operator@;
grant select (instrument_id, key_id, created_by, recorded_at) on instrument_seals to @auditor@;
grant insert on instruments, instrument_seals, instrument_verifications, instrument_retirements, instrument_reveals to @operator@;
